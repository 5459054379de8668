using Polly;
using Weft.Timeouts;

namespace Weft.Tests.Timeouts;

/// <summary>Attempts that are in time allocate nothing once a few have been.</summary>
public sealed class TimeoutAllocationTests
{
    private static readonly TimeProvider s_time = TimeProvider.System;

    [Fact]
    public void Reading_and_recording()
    {
        var timeout = new AdaptiveTimeout(new(), s_time);
        AllocatesNothing(() =>
        {
            var now = s_time.GetTimestamp();
            timeout.Record(now - timeout.Current.Ticks, now);
            timeout.RecordCensored(now);
            timeout.Sketch.Quantile(0.99, 20, now);
        });
    }

    [Fact]
    public void A_timeout_around_an_attempt()
    {
        var pipeline = new ResiliencePipelineBuilder().AddWeftTimeout().Build();
        using var caller = new CancellationTokenSource();
        var context = ResilienceContextPool.Shared.Get(caller.Token);
        AllocatesNothing(() =>
        {
            var run = pipeline.ExecuteOutcomeAsync(static (_, state) => Outcome.FromResultAsValueTask(state), context, 1);
            Assert.True(run.IsCompletedSuccessfully);
        });
    }

    [Fact]
    public void A_token_that_follows_a_time_and_a_caller()
    {
        using var caller = new CancellationTokenSource();
        var sources = new TimeoutSources(s_time);
        AllocatesNothing(() =>
        {
            using var one = sources.Rent(TimeSpan.FromMinutes(1), caller.Token);
            using var two = sources.Rent(TimeSpan.FromMinutes(1), caller.Token);
        });
    }

    [Fact]
    public void Asking_a_deadline()
    {
        using var scope = Deadline.Begin(TimeSpan.FromMinutes(1));
        AllocatesNothing(() => Assert.True(Deadline.Current.Step(TimeSpan.FromSeconds(1), Deadline.After(TimeSpan.FromMilliseconds(5)).Remaining) > TimeSpan.Zero));
    }

    private static void AllocatesNothing(Action work)
    {
        Run(200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(200);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(int times)
        {
            for (var i = 0; i < times; i++)
                work();
        }
    }
}
