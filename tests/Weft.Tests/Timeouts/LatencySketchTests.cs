using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Weft.Timeouts;

namespace Weft.Tests.Timeouts;

public sealed class LatencySketchTests
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(60);
    private readonly FakeTimeProvider _time = new();

    private long Now => _time.GetTimestamp();

    // From 10 µs to an hour, as many short as long.
    private static readonly Gen<TimeSpan> s_latency = Gen.Double[Math.Log(1e-5), Math.Log(3600)].Select(log => TimeSpan.FromSeconds(Math.Exp(log)));

    [Fact]
    public void A_quantile_is_within_one_percent_of_the_sorted_list() => Gen.Select(s_latency.Array[1, 500], Gen.Double[0, 1]).Sample((latencies, q) =>
    {
        var sketch = new LatencySketch(s_window, _time);
        foreach (var latency in latencies)
            sketch.Record(latency.Ticks, Now); // This clock counts in ticks.
        var exact = latencies.Order().ElementAt(Math.Clamp((int)Math.Ceiling(q * latencies.Length), 1, latencies.Length) - 1);
        var found = sketch.Quantile(q, 1, Now);
        Assert.Equal((QuantileState.Finite, latencies.Length), (found.State, found.Count));
        Assert.InRange(found.Value, exact * 0.99 - TimeSpan.FromTicks(1), exact * 1.01 + TimeSpan.FromTicks(1));
    });

    [Fact]
    public void Higher_quantiles_are_not_shorter() => Gen.Select(s_latency.Array[1, 200], Gen.Double[0, 1], Gen.Double[0, 1]).Sample((latencies, a, b) =>
    {
        var sketch = new LatencySketch(s_window, _time);
        foreach (var latency in latencies)
            sketch.Record(latency.Ticks, Now);
        Assert.True(sketch.Quantile(Math.Min(a, b), 1, Now).Value <= sketch.Quantile(Math.Max(a, b), 1, Now).Value);
    });

    [Fact]
    public void It_knows_what_was_recorded_in_the_last_window_and_forgets_the_rest() => Gen.Int[0, 120].Array[1, 200].Sample(gaps =>
    {
        var (sketch, now, recorded) = (new LatencySketch(s_window, _time), Now, new List<long>());
        foreach (var gap in gaps)
        {
            now += TimeSpan.FromSeconds(gap / 4.0).Ticks;
            sketch.Record(TimeSpan.TicksPerMillisecond, now);
            recorded.Add(now);
            // A slice begins with its first sample, so it looks back for between five and six slices.
            var (least, most) = (recorded.Count(at => now - at < s_window.Ticks * 4 / 6), recorded.Count(at => now - at < s_window.Ticks));
            Assert.InRange(sketch.Count(now), least, most);
        }
        Assert.Equal(QuantileState.TooFew, sketch.Quantile(0.5, 1, now + s_window.Ticks).State);
    });

    [Fact]
    public void Attempts_that_were_cut_are_longer_than_all_others()
    {
        var sketch = new LatencySketch(s_window, _time);
        for (var i = 0; i < 98; i++)
            sketch.Record(TimeSpan.FromMilliseconds(10).Ticks, Now);
        sketch.RecordCensored(Now);
        sketch.RecordCensored(Now);
        Assert.Equal(QuantileState.Finite, sketch.Quantile(0.98, 20, Now).State);
        Assert.Equal(new SketchQuantile(QuantileState.Censored, TimeSpan.Zero, 100), sketch.Quantile(0.99, 20, Now));
    }

    [Fact]
    public void Too_few_samples_say_nothing()
    {
        var sketch = new LatencySketch(s_window, _time);
        Assert.Equal(QuantileState.TooFew, sketch.Quantile(0.5, 0, Now).State);
        for (var i = 0; i < 199; i++)
            sketch.Record(1, Now);
        Assert.Equal(new SketchQuantile(QuantileState.TooFew, TimeSpan.Zero, 199), sketch.Quantile(0.5, 200, Now));
        sketch.Record(1, Now);
        Assert.Equal(QuantileState.Finite, sketch.Quantile(0.5, 200, Now).State);
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(long.MaxValue)]
    public void Takes_any_time(long elapsed)
    {
        var sketch = new LatencySketch(s_window, _time);
        sketch.Record(elapsed, Now);
        Assert.InRange(sketch.Quantile(1, 1, Now).Value, TimeSpan.FromMicroseconds(10), TimeSpan.FromHours(2));
    }

    [Fact]
    public void A_longer_window_keeps_what_there_is()
    {
        var sketch = new LatencySketch(s_window, _time);
        sketch.Record(1, Now);
        sketch.SetWindow(s_window * 2);
        _time.Advance(s_window * 1.5);
        Assert.Equal(1, sketch.Count(Now));
        sketch.SetWindow(s_window);
        Assert.Equal(0, sketch.Count(Now));
    }

    [Fact]
    public async Task Many_threads_lose_no_count()
    {
        const int Threads = 8, Each = 200_000;
        // Slices of 10 s and a clock that goes on by 40 s: turns happen while all record, and nothing is old enough to be forgotten.
        var (sketch, start) = (new LatencySketch(s_window, _time), Now);
        var end = start + TimeSpan.FromSeconds(40).Ticks;
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < Each; i++)
                {
                    if (i % 100 == thread)
                        sketch.RecordCensored(start + (end - start) * i / Each);
                    else
                        sketch.Record(TimeSpan.TicksPerMillisecond * (1 + i % 50), start + (end - start) * i / Each);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.Equal(Threads * Each, sketch.Count(end));
        Assert.Equal(QuantileState.Finite, sketch.Quantile(0.989, 1, end).State);
        Assert.Equal(QuantileState.Censored, sketch.Quantile(0.991, 1, end).State);
    }
}
