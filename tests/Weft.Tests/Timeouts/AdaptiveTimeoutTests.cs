using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Weft.Options;
using Weft.Timeouts;

namespace Weft.Tests.Timeouts;

public sealed class AdaptiveTimeoutTests
{
    private static readonly AttemptTimeoutOptions s_defaults = new();
    private readonly FakeTimeProvider _time = new();

    private long Now => _time.GetTimestamp();

    [Fact]
    public void Begins_with_the_initial_time_and_keeps_it_for_half_a_minute()
    {
        var timeout = new AdaptiveTimeout(s_defaults, _time);
        for (var second = 0; second < 29; second++)
            Second(timeout, 100, 10);
        Assert.Equal(s_defaults.Initial, timeout.Current);
        Assert.Equal((AdaptiveTimeoutReason.Starting, 2801), (timeout.Snapshot().Reason, timeout.Snapshot().Samples));
        Second(timeout, 100, 10);
        Assert.Equal(s_defaults.Initial * 0.8, timeout.Current);
        Assert.Equal(AdaptiveTimeoutReason.Following, timeout.Snapshot().Reason);
    }

    [Fact]
    public void Follows_the_percentile_and_stops_within_a_tenth_of_it()
    {
        var timeout = Started(s_defaults);
        for (var second = 0; second < 60; second++)
            Second(timeout, 100, 100);
        var (current, quantile, _, reason) = timeout.Snapshot();
        Assert.InRange(quantile!.Value.TotalMilliseconds, 99, 101);
        Assert.InRange(current / (quantile.Value * 2), 1, 1.1 / 0.99);
        Assert.Equal(AdaptiveTimeoutReason.Following, reason);
    }

    [Fact]
    public void Grows_at_once_and_by_half_while_the_percentile_is_not_known()
    {
        var timeout = Started(s_defaults with { Initial = TimeSpan.FromMilliseconds(100) });
        for (var i = 0; i < 200; i++)
            timeout.RecordCensored(Now);
        Second(timeout, 1, 10);
        Assert.Equal(150, timeout.Current.TotalMilliseconds);
        Assert.Equal(AdaptiveTimeoutReason.Censored, timeout.Snapshot().Reason);
        Assert.Null(timeout.Snapshot().Quantile);

        timeout = Started(s_defaults with { Initial = TimeSpan.FromMilliseconds(100) });
        Second(timeout, 300, 1000);
        Second(timeout, 1, 1000);
        Assert.InRange(timeout.Current.TotalMilliseconds, 1980, 2020);
    }

    [Fact]
    public void With_too_few_samples_it_goes_back_to_the_initial_time()
    {
        var timeout = Started(s_defaults);
        for (var second = 0; second < 30; second++)
            Second(timeout, 100, 100);
        _time.Advance(TimeSpan.FromMinutes(5));
        Second(timeout, 1, 100);
        Assert.Equal((s_defaults.Initial, AdaptiveTimeoutReason.TooFewSamples), (timeout.Current, timeout.Snapshot().Reason));
    }

    [Fact]
    public void Other_options_hold_at_once_and_keep_the_samples()
    {
        var timeout = Started(s_defaults);
        for (var second = 0; second < 30; second++)
            Second(timeout, 100, 100);
        var samples = timeout.Sketch.Count(Now);
        timeout.Apply(s_defaults with { Min = TimeSpan.FromMilliseconds(600) });
        Assert.Equal(600, timeout.Current.TotalMilliseconds);
        timeout.Apply(s_defaults with { Fixed = TimeSpan.FromMilliseconds(7) });
        Second(timeout, 100, 100);
        Assert.Equal((7, AdaptiveTimeoutReason.Fixed), (timeout.Current.TotalMilliseconds, timeout.Snapshot().Reason));
        timeout.Apply(s_defaults with { Factor = 5 });
        Assert.Equal(s_defaults.Initial, timeout.Current);
        Assert.True(timeout.Sketch.Count(Now) >= samples);
        Second(timeout, 1, 100);
        Assert.Equal(s_defaults.Initial * 0.8, timeout.Current);
    }

    [Fact]
    public void Whatever_happens_it_is_within_its_bounds_and_changes_as_promised() => Gen.Select(
        Gen.Int[1, 400], Gen.Int[0, 2000], Gen.Int[0, 2000],
        Gen.Select(Gen.Int[0, 60], Gen.Int[1, 5000], Gen.Int[0, 3]).Array[1, 120]).Sample((min, toMax, toInitial, seconds) =>
    {
        var options = s_defaults with { Min = Ms(min), Max = Ms(min + toMax), Initial = Ms(min + Math.Min(toInitial, toMax)), Samples = 20, Window = TimeSpan.FromSeconds(12) };
        var rig = new AdaptiveTimeoutTests(); // A clock of its own: samples are tried on many threads.
        var timeout = rig.Started(options);
        foreach (var (count, latency, cut) in seconds)
        {
            var before = timeout.Current;
            rig.Second(timeout, count, latency);
            for (var i = 0; i < cut; i++)
                timeout.RecordCensored(rig.Now);
            var after = timeout.Current;
            Assert.InRange(after, options.Min, options.Max);
            Assert.True(after >= before * 0.8, $"{before} -> {after}");
            Assert.True(after == before || (after - before).Duration() > before * 0.1, $"{before} -> {after}");
        }
    });

    [Fact]
    public void Is_computed_at_most_once_a_second()
    {
        var timeout = Started(s_defaults);
        Second(timeout, 300, 1);
        var current = timeout.Current;
        for (var i = 0; i < 999; i++)
        {
            timeout.Record(Now, Now);
            Assert.Equal(current, timeout.Current);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }
        _time.Advance(TimeSpan.FromMilliseconds(1));
        timeout.Record(Now, Now);
        Assert.Equal(current * 0.8, timeout.Current);
    }

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private AdaptiveTimeout Started(AttemptTimeoutOptions options)
    {
        var timeout = new AdaptiveTimeout(options, _time);
        _time.Advance(TimeSpan.FromSeconds(30));
        return timeout;
    }

    /// <summary>One attempt a second later, and the others at the same time.</summary>
    private void Second(AdaptiveTimeout timeout, int count, int milliseconds)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < count; i++)
            timeout.Record(Now - Ms(milliseconds).Ticks, Now);
    }
}
