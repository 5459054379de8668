using System.Net.Http.Headers;
using Weft.Retry;

namespace Weft.Tests.Retry;

public sealed class RetryWaitTests
{
    private static readonly DateTimeOffset s_now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("5", 5)]
    [InlineData(" 120 ", 120)]
    [InlineData("410400", 410_400)]
    [InlineData("Wed, 01 Jul 2026 12:00:07 GMT", 7)]
    [InlineData("Wed, 01 Jul 2026 11:59:00 GMT", 0)]
    public void Reads_seconds_and_dates(string text, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), RetryWait.Read(text, s_now));

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("soon")]
    [InlineData("5, 6")]
    public void Takes_nothing_from_what_is_neither(string text) => Assert.Null(RetryWait.Read(text, s_now));

    [Theory]
    [InlineData("922337203686")]
    [InlineData("99999999999999999999999999")]
    public void A_number_beyond_all_times_is_very_long(string text) => Assert.Equal(TimeSpan.MaxValue, RetryWait.Read(text, s_now));

    [Fact]
    public void Reads_a_parsed_field()
    {
        Assert.Null(RetryWait.Read((RetryConditionHeaderValue?)null, s_now));
        Assert.Equal(TimeSpan.FromSeconds(3), RetryWait.Read(new RetryConditionHeaderValue(TimeSpan.FromSeconds(3)), s_now));
        Assert.Equal(TimeSpan.FromSeconds(4), RetryWait.Read(new RetryConditionHeaderValue(s_now.AddSeconds(4)), s_now));
    }

    [Theory]
    [InlineData(100, null, null, 0, 100)]     // nothing said: the backoff
    [InlineData(100, 3000, null, 0, 3000)]    // the longer one
    [InlineData(100, 20, null, 0, 100)]
    [InlineData(100, 30000, null, 0, 30000)]
    [InlineData(100, null, 150, 50, 100)]     // fits to the millisecond
    [InlineData(100, 500, 550, 50, 500)]
    [InlineData(0, null, 1, 0, 0)]
    public void A_wait_that_fits(int backoff, int? retryAfter, int? remaining, int least, int expected)
    {
        Assert.True(RetryWait.TryFit(Ms(backoff), Ms(retryAfter), Ms(remaining), Ms(least), out var wait, out var refusal));
        Assert.Equal((Ms(expected), RetryRefusal.None), (wait, refusal));
    }

    [Theory]
    [InlineData(100, null, 150, 51, nameof(RetryRefusal.Deadline))]
    [InlineData(0, null, 0, 0, nameof(RetryRefusal.Deadline))]        // nothing left: no attempt, though no wait either
    [InlineData(0, null, -5, 0, nameof(RetryRefusal.Deadline))]
    [InlineData(100, 20000, 90, 0, nameof(RetryRefusal.Deadline))]
    [InlineData(100, 501, 550, 50, nameof(RetryRefusal.RetryAfter))]
    [InlineData(100, 30001, null, 0, nameof(RetryRefusal.RetryAfter))]
    public void A_wait_that_does_not_fit(int backoff, int? retryAfter, int? remaining, int least, string expected)
    {
        Assert.False(RetryWait.TryFit(Ms(backoff), Ms(retryAfter), Ms(remaining), Ms(least), out var wait, out var refusal));
        Assert.Equal((TimeSpan.Zero, expected), (wait, refusal.ToString()));
    }

    [Fact]
    public void What_the_service_asked_for_is_rounded_up_to_what_timers_count()
    {
        Assert.True(RetryWait.TryFit(default, TimeSpan.FromTicks(12_345), null, default, out var wait, out _));
        Assert.Equal(TimeSpan.FromMilliseconds(2), wait);
    }

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static TimeSpan? Ms(int? milliseconds) => milliseconds is { } value ? Ms(value) : null;
}
