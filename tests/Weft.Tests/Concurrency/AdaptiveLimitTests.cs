using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Weft.Concurrency;
using Weft.Options;

namespace Weft.Tests.Concurrency;

public sealed class AdaptiveLimitTests
{
    private static readonly FakeTimeProvider s_time = new();

    private long _now;

    private static AdaptiveLimit Of(AdaptiveLimitMode mode, int min = 8, int max = 200, int initial = 20) =>
        AdaptiveLimit.From(new() { Adaptive = mode, Min = min, Max = max }, s_time, initial)!;

    /// <summary>Calls that each take some milliseconds, as many as the limit at a time unless said otherwise, for some time.</summary>
    private void Run(AdaptiveLimit limit, double milliseconds, double seconds, LimitSample sample = LimitSample.Success, double used = 1)
    {
        for (var end = _now + (seconds * TimeSpan.TicksPerSecond); _now < end;)
        {
            var running = Math.Max(1, (int)(limit.Limit * used));
            var took = (long)(milliseconds * TimeSpan.TicksPerMillisecond);
            _now += Math.Max(1, took / running);
            limit.Record(_now - took, _now, running, sample);
        }
    }

    [Fact]
    public void Begins_at_twenty_within_its_bounds()
    {
        Assert.Equal(20, Of(AdaptiveLimitMode.Gradient).Limit);
        Assert.Equal(30, Of(AdaptiveLimitMode.Aimd, min: 30).Limit);
        Assert.Equal(10, Of(AdaptiveLimitMode.Gradient, max: 10).Limit);
        Assert.Null(AdaptiveLimit.From(new(), s_time));
    }

    [Fact]
    public void Gradient_grows_while_times_stay_the_same()
    {
        var limit = Of(AdaptiveLimitMode.Gradient);
        Run(limit, 10, 2);
        Assert.InRange(limit.Limit, 35, 60);
        Run(limit, 10, 30);
        Assert.Equal(200, limit.Limit);
    }

    [Fact]
    public void Gradient_shrinks_when_calls_take_longer_and_grows_when_they_are_fast_again()
    {
        var limit = Of(AdaptiveLimitMode.Gradient);
        Run(limit, 10, 30);
        Run(limit, 100, 3);
        Assert.InRange(limit.Limit, 8, 30);
        var low = limit.Limit;
        Run(limit, 10, 3);
        Assert.True(limit.Limit > low);
    }

    [Fact]
    public void Gradient_bears_times_half_as_long_again()
    {
        var limit = Of(AdaptiveLimitMode.Gradient);
        Run(limit, 10, 30);
        Run(limit, 14, 3);
        Assert.Equal(200, limit.Limit);
    }

    [Fact]
    public void Gradient_forgets_a_long_time_of_load_in_seconds()
    {
        var limit = Of(AdaptiveLimitMode.Gradient);
        Run(limit, 200, 600);
        Run(limit, 10, 4);
        Run(limit, 100, 3); // Faster than under load, but slow by what came after it.
        Assert.InRange(limit.Limit, 8, 60);
    }

    [Fact]
    public void Gradient_takes_timeouts_as_long_calls_and_quick_failures_as_nothing()
    {
        var limit = Of(AdaptiveLimitMode.Gradient);
        Run(limit, 10, 30);
        Run(limit, 0.1, 3, LimitSample.Failure);
        Assert.Equal(200, limit.Limit);
        Run(limit, 500, 10, LimitSample.Timeout);
        Assert.InRange(limit.Limit, 8, 30);
    }

    [Theory]
    [InlineData(AdaptiveLimitMode.Gradient)]
    [InlineData(AdaptiveLimitMode.Aimd)]
    public void What_is_not_half_used_does_not_grow(AdaptiveLimitMode mode)
    {
        var limit = Of(mode);
        Run(limit, 10, 30, used: 0.4);
        Assert.Equal(20, limit.Limit);
    }

    [Fact]
    public void Aimd_adds_one_for_as_many_successes_as_it_is_high()
    {
        var limit = Of(AdaptiveLimitMode.Aimd);
        for (var i = 0; i < 21; i++)
            limit.Record(0, 10, 20, LimitSample.Success);
        Assert.Equal(21, limit.Limit);
    }

    [Theory]
    [InlineData(LimitSample.Failure)]
    [InlineData(LimitSample.Timeout)]
    internal void Aimd_takes_off_a_tenth_once_for_calls_that_ran_together(LimitSample sample)
    {
        var limit = Of(AdaptiveLimitMode.Aimd, initial: 100);
        for (var i = 0; i < 50; i++)
            limit.Record(i, 100 + i, 100, sample);
        Assert.Equal(90, limit.Limit);
        limit.Record(150, 160, 90, sample);
        Assert.Equal(81, limit.Limit);
    }

    [Fact]
    public void What_says_nothing_changes_nothing()
    {
        var limit = Of(AdaptiveLimitMode.Aimd);
        limit.Record(0, 1, 20, LimitSample.Ignore);
        Assert.Equal(20, limit.Limit);
    }

    [Fact]
    public void Stays_within_its_bounds_whatever_happens() =>
        Gen.Select(Gen.OneOf(AdaptiveLimitMode.Gradient, AdaptiveLimitMode.Aimd), Gen.Int[1, 50], Gen.Int[0, 100], Gen.Int).Sample((mode, min, more, seed) =>
        {
            var random = new Random(seed);
            var limit = Of(mode, min, min + more);
            for (var i = 0; i < 500; i++)
            {
                var now = random.NextInt64(long.MaxValue);
                limit.Record(random.NextInt64(long.MaxValue), now, random.Next(1, 1000), (LimitSample)random.Next(4));
                Assert.InRange(limit.Limit, min, min + more);
            }
            limit.Apply(min + 5, min + 5);
            Assert.Equal(min + 5, limit.Limit);
        });
}
