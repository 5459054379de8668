using Microsoft.Extensions.Time.Testing;
using Polly;
using Weft.Options;
using Weft.Timeouts;

namespace Weft.Tests.Timeouts;

public sealed class TimeoutStrategyTests
{
    private static readonly AttemptTimeoutOptions s_fixed = new() { Fixed = TimeSpan.FromMilliseconds(200) };
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task An_attempt_in_time_gives_its_result()
    {
        using var caller = new CancellationTokenSource();
        var context = ResilienceContextPool.Shared.Get(caller.Token);
        var outcome = await Pipeline(s_fixed).ExecuteOutcomeAsync((inner, _) =>
        {
            Assert.NotEqual(caller.Token, inner.CancellationToken);
            return Outcome.FromResultAsValueTask(7);
        }, context, 0);
        Assert.Equal((7, caller.Token), (outcome.Result, context.CancellationToken));
    }

    [Fact]
    public async Task One_that_takes_too_long_is_cut()
    {
        var run = Pipeline(s_fixed).ExecuteAsync(ForEverAsync).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(199));
        Assert.False(run.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var error = await Assert.ThrowsAsync<AttemptTimeoutException>(() => run);
        Assert.Equal(s_fixed.Fixed, error.Allowed);
        Assert.Equal("The attempt was ended after 200 ms, the longest it may take.", error.Message);
        Assert.IsType<TaskCanceledException>(error.InnerException);
    }

    [Fact]
    public async Task A_caller_that_gives_up_gets_its_own_cancellation()
    {
        using var caller = new CancellationTokenSource();
        var run = Pipeline(s_fixed).ExecuteAsync(ForEverAsync, caller.Token).AsTask();
        await caller.CancelAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => run);
    }

    [Fact]
    public async Task A_result_that_came_late_all_the_same_is_kept()
    {
        var run = Pipeline(s_fixed).ExecuteAsync(async _ =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), _time, CancellationToken.None);
            return 7;
        }).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(7, await run);
    }

    [Fact]
    public async Task Off_leaves_only_the_deadline()
    {
        var pipeline = Pipeline(AttemptTimeoutOptions.Off);
        var run = pipeline.ExecuteAsync(ForEverAsync).AsTask();
        _time.Advance(TimeSpan.FromDays(1));
        Assert.False(run.IsCompleted);

        using var scope = Deadline.Begin(TimeSpan.FromMilliseconds(10), _time);
        run = pipeline.ExecuteAsync(ForEverAsync).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(10));
        var error = await Assert.ThrowsAsync<DeadlineExceededException>(() => run);
        Assert.Equal(("call", true), (error.Step, error.WasStarted));
    }

    [Fact]
    public async Task With_nothing_left_of_the_deadline_it_is_refused()
    {
        using var scope = Deadline.Begin(TimeSpan.FromMilliseconds(-3), _time);
        var began = false;
        var context = ResilienceContextPool.Shared.Get("pay");
        var outcome = await Pipeline(s_fixed).ExecuteOutcomeAsync((_, _) =>
        {
            began = true;
            return Outcome.FromResultAsValueTask(1);
        }, context, 0);
        var error = Assert.IsType<DeadlineExceededException>(outcome.Exception);
        Assert.Equal(("pay", false, false), (error.Step, error.WasStarted, began));
    }

    [Fact]
    public async Task An_adaptive_one_learns_from_results_and_cuts_and_from_nothing_else()
    {
        var options = new AttemptTimeoutOptions { Initial = TimeSpan.FromMilliseconds(100), Samples = 20 };
        AdaptiveTimeout adaptive = null!;
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = _time }
            .AddStrategy(context => new TimeoutStrategy(default, adaptive = new(options, context.TimeProvider), context.TimeProvider, context.Telemetry), new Unnamed()).Build();
        pipeline.Execute(() => _time.Advance(TimeSpan.FromMilliseconds(20)));
        Assert.Equal(1, Samples());
        Assert.Throws<InvalidOperationException>(() => pipeline.Execute(() => throw new InvalidOperationException()));
        using (var caller = new CancellationTokenSource())
        {
            var givenUp = pipeline.ExecuteAsync(ForEverAsync, caller.Token).AsTask();
            await caller.CancelAsync();
            await Assert.ThrowsAsync<TaskCanceledException>(() => givenUp);
        }
        using (Deadline.Begin(TimeSpan.FromMilliseconds(5), _time))
        {
            var shortOfTime = pipeline.ExecuteAsync(ForEverAsync).AsTask();
            _time.Advance(TimeSpan.FromMilliseconds(5));
            await Assert.ThrowsAsync<DeadlineExceededException>(() => shortOfTime);
        }
        Assert.Equal(1, Samples());
        for (var i = 0; i < 20; i++)
        {
            var cut = pipeline.ExecuteAsync(ForEverAsync).AsTask();
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Assert.ThrowsAsync<AttemptTimeoutException>(() => cut);
        }
        Assert.Equal(21, Samples());
        Assert.Equal(QuantileState.Censored, adaptive.Sketch.Quantile(0.99, 20, _time.GetTimestamp()).State);
        _time.Advance(TimeSpan.FromSeconds(30));
        pipeline.Execute(() => { });
        Assert.Equal(150, adaptive.Current.TotalMilliseconds);

        long Samples() => adaptive.Sketch.Count(_time.GetTimestamp());
    }

    [Fact]
    public async Task Retry_outside_makes_of_each_cut_another_attempt()
    {
        var attempts = 0;
        using var began = new SemaphoreSlim(0);
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = _time }
            .AddWeftDeadline(new() { Total = TimeSpan.FromMilliseconds(350) })
            .AddRetry(new() { MaxRetryAttempts = 5, Delay = TimeSpan.Zero, ShouldHandle = new PredicateBuilder().Handle<AttemptTimeoutException>() })
            .AddWeftTimeout(s_fixed with { Fixed = TimeSpan.FromMilliseconds(100) }).Build();
        var run = pipeline.ExecuteAsync(async token =>
        {
            attempts++;
            began.Release();
            await ForEverAsync(token);
        }).AsTask();
        for (var i = 0; i < 3; i++)
        {
            await began.WaitAsync();
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }
        await began.WaitAsync();
        _time.Advance(TimeSpan.FromMilliseconds(50));
        var error = await Assert.ThrowsAsync<DeadlineExceededException>(() => run);
        Assert.Equal((4, true), (attempts, error.WasStarted));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    [InlineData(3_600_001)]
    public void Says_what_is_wrong_with_a_fixed_time(int milliseconds)
    {
        var error = Assert.Throws<WeftConfigurationException>(() => new ResiliencePipelineBuilder().AddWeftTimeout(new() { Fixed = TimeSpan.FromMilliseconds(milliseconds) }));
        Assert.Contains("AttemptTimeoutOptions.fixed is ", error.Message, StringComparison.Ordinal);
        Assert.Contains("allowed 1ms to 1h", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_everything_that_is_wrong()
    {
        var error = Assert.Throws<WeftConfigurationException>(() => new ResiliencePipelineBuilder<int>().AddWeftTimeout(new()
        {
            Factor = double.NaN,
            Adaptive = new(0.2),
            Samples = 3,
            Window = TimeSpan.FromDays(1),
            Min = TimeSpan.FromSeconds(9),
        }));
        Assert.Equal(5, error.Message.Split(Environment.NewLine).Length);
        Assert.Contains("factor is NaN; allowed 1 to 10 (default 2). Below 1.5", error.Message, StringComparison.Ordinal);
        Assert.Contains("longer than max, 5s", error.Message, StringComparison.Ordinal);
    }

    private ResiliencePipeline Pipeline(AttemptTimeoutOptions options) => new ResiliencePipelineBuilder { TimeProvider = _time }.AddWeftTimeout(options).Build();

    private async ValueTask ForEverAsync(CancellationToken token) => await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, _time, token);

    private sealed class Unnamed : ResilienceStrategyOptions;
}
