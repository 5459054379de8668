using Microsoft.Extensions.Time.Testing;
using Weft.AspNetCore.ApiGateway.Limits;
using Weft.Options;

namespace Weft.AspNetCore.Tests.ApiGateway.Limits;

public sealed class LimitCountersTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly LimitCounters _counters;

    public LimitCountersTests() => _counters = new(_time);

    private static LimitOptions Bucket(double rate, int burst) => new() { Rate = rate, Burst = burst };

    private static LimitOptions Window(int max, int seconds) => new() { Algorithm = LimitAlgorithm.SlidingWindow, Max = max, Window = TimeSpan.FromSeconds(seconds) };

    [Fact]
    public void A_bucket_lets_its_burst_through_and_then_its_rate()
    {
        var limit = Bucket(2, 3);
        Assert.Equal([2, 1, 0], Enumerable.Range(0, 3).Select(_ => Admitted(limit).Remaining));
        var refused = Take(limit);
        Assert.Equal((false, 0, TimeSpan.FromSeconds(0.5)), (refused.IsAdmitted, refused.Remaining, refused.RetryAfter));
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Admitted(limit);
        Assert.False(Take(limit).IsAdmitted);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((2, TimeSpan.FromSeconds(0.5)), Admitted(limit) is var first ? (first.Remaining, first.Reset) : default);
    }

    [Theory]
    [InlineData(7.0, 20, 1)]
    [InlineData(0.5, 1, 2)]
    [InlineData(1000.0, 50, 3)]
    public void A_bucket_never_lets_more_through_than_burst_and_rate_allow_and_what_it_says_of_later_holds(double rate, int burst, int seed)
    {
        var (limit, random, admitted) = (Bucket(rate, burst), new Random(seed), 0);
        for (var at = TimeSpan.Zero; at < TimeSpan.FromSeconds(1000 / rate);)
        {
            var answer = Take(limit);
            admitted += answer.IsAdmitted ? 1 : 0;
            Assert.True(admitted <= burst + (at.TotalSeconds * rate) + 0.001);
            // As soon as it said, or a little before.
            var wait = answer.IsAdmitted ? TimeSpan.FromSeconds(random.NextDouble() / rate) : answer.RetryAfter;
            if (!answer.IsAdmitted && wait > TimeSpan.FromTicks(1))
            {
                _time.Advance(wait - TimeSpan.FromTicks(1));
                Assert.False(Take(limit).IsAdmitted);
                _time.Advance(TimeSpan.FromTicks(1));
                at += wait;
                admitted += Admitted(limit) is { IsAdmitted: true } ? 1 : 0;
                continue;
            }
            _time.Advance(wait);
            at += wait;
        }
        Assert.True(admitted > 500);
    }

    [Theory]
    [InlineData(1, 5, 11)]
    [InlineData(10, 1, 12)]
    [InlineData(100, 60, 13)]
    public void A_window_lets_its_number_through_and_what_it_says_of_later_holds(int max, int seconds, int seed)
    {
        var (limit, random, times) = (Window(max, seconds), new Random(seed), new List<DateTimeOffset>());
        for (int i = 0; i < 20 * max; i++)
        {
            var answer = Take(limit);
            if (answer.IsAdmitted)
            {
                times.Add(_time.GetUtcNow());
                // Twice in a window is what unevenness can bring at most (a full one right before, by estimate half gone).
                Assert.True(times.Count(t => t > _time.GetUtcNow() - TimeSpan.FromSeconds(seconds)) <= 2 * max);
                _time.Advance(TimeSpan.FromSeconds(random.NextDouble() * seconds / max));
                continue;
            }
            Assert.InRange(answer.RetryAfter, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(2 * seconds));
            _time.Advance(answer.RetryAfter + TimeSpan.FromTicks(10));
            Admitted(limit);
        }
    }

    [Fact]
    public void So_many_at_once_and_one_more_for_each_that_ends()
    {
        var limit = new LimitOptions { Algorithm = LimitAlgorithm.Concurrency, Max = 2 };
        Admitted(limit);
        Admitted(limit);
        Assert.False(Take(limit).IsAdmitted);
        Admitted(limit, "other");
        _counters.Release("l", "");
        Admitted(limit);
        Assert.False(Take(limit).IsAdmitted);
    }

    [Fact]
    public void Other_numbers_apply_at_once_to_what_was_counted()
    {
        Admitted(Bucket(1, 1));
        Assert.False(Take(Bucket(1, 1)).IsAdmitted);
        Admitted(Bucket(1, 3));
        Assert.False(Take(Bucket(1, 1)).IsAdmitted);
    }

    [Fact]
    public void Inventing_keys_takes_no_memory_and_gains_nothing()
    {
        var limit = Bucket(0.001, 1);
        for (int i = 0; i < LimitCounters.MaxKeys; i++)
            Admitted(limit, $"{i}");
        Admitted(limit, "one more shares a count with all that follow");
        Assert.False(Take(limit, "so this one is refused").IsAdmitted);
        Assert.False(Take(limit, "7").IsAdmitted);
        // What is full again is forgotten.
        _time.Advance(TimeSpan.FromHours(1));
        for (int i = 0; i < 1000; i++)
            Take(limit, $"new {i}");
        Admitted(limit, "7");
        Assert.False(Take(limit, "7").IsAdmitted);
    }

    [Fact]
    public void Counting_a_known_key_allocates_nothing()
    {
        var limit = Bucket(1e6, 1000);
        Take(limit, "known");
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Take(limit, "known");
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private LimitAnswer Take(LimitOptions limit, string key = "")
    {
#pragma warning disable CA2012 // It is looked at whether it has completed, and a task would be an allocation.
        var taking = _counters.TakeAsync("l", limit, key, default);
        Assert.True(taking.IsCompletedSuccessfully);
        return taking.GetAwaiter().GetResult();
#pragma warning restore CA2012
    }

    private LimitAnswer Admitted(LimitOptions limit, string key = "")
    {
        var answer = Take(limit, key);
        Assert.True(answer.IsAdmitted);
        return answer;
    }
}
