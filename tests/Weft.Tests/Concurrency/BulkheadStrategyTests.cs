using Microsoft.Extensions.Time.Testing;
using Polly;
using Polly.Timeout;
using Weft.Concurrency;
using Weft.Options;

namespace Weft.Tests.Concurrency;

public sealed class BulkheadStrategyTests
{
    private readonly FakeTimeProvider _time = new();

    private ResiliencePipeline Pipeline(BulkheadOptions options, TimeSpan? remaining = null) =>
        new ResiliencePipelineBuilder { TimeProvider = _time }.AddWeftBulkhead(options, _ => remaining).Build();

    [Fact]
    public async Task What_is_over_the_limit_is_rejected_with_an_exception_that_says_so()
    {
        var pipeline = Pipeline(new() { Max = 1 });
        var first = new TaskCompletionSource<int>();
        var running = pipeline.ExecuteAsync(async _ => await first.Task, TestContext.Current.CancellationToken).AsTask();
        var rejected = await Assert.ThrowsAsync<BulkheadRejectedException>(async () => await pipeline.ExecuteAsync(_ => default, TestContext.Current.CancellationToken));
        Assert.Equal("The bulkhead is full: 1 calls may run at once.", rejected.Message);
        Assert.Equal((1, false, "WeftBulkhead"), (rejected.Limit, rejected.HasWaited, rejected.TelemetrySource!.StrategyName));
        Assert.IsType<ExecutionRejectedException>(rejected, exactMatch: false);
        first.SetResult(5);
        Assert.Equal(5, await running);
        await pipeline.ExecuteAsync(_ => default, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_call_waits_for_a_place_as_long_as_it_has_time()
    {
        var pipeline = Pipeline(new() { Max = 1, Queue = 5 }, TimeSpan.FromMilliseconds(100));
        var first = new TaskCompletionSource();
        var running = pipeline.ExecuteAsync(async _ => await first.Task, TestContext.Current.CancellationToken).AsTask();
        var late = pipeline.ExecuteAsync(_ => new ValueTask<int>(1), TestContext.Current.CancellationToken).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(60));
        var soon = pipeline.ExecuteAsync(_ => new ValueTask<int>(2), TestContext.Current.CancellationToken).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(60));
        Assert.True((await Assert.ThrowsAsync<BulkheadRejectedException>(() => late)).HasWaited);
        Assert.False(soon.IsCompleted);
        first.SetResult();
        await running;
        Assert.Equal(2, await soon);
    }

    [Fact]
    public async Task A_caller_that_goes_away_gets_its_cancellation_and_holds_no_place()
    {
        using var gone = new CancellationTokenSource();
        var pipeline = Pipeline(new() { Max = 1, Queue = 5 });
        var first = new TaskCompletionSource();
        var running = pipeline.ExecuteAsync(async _ => await first.Task, TestContext.Current.CancellationToken).AsTask();
        var waiting = pipeline.ExecuteAsync(_ => new ValueTask<int>(1), gone.Token).AsTask();
        await gone.CancelAsync();
        Assert.Equal(gone.Token, (await Assert.ThrowsAsync<OperationCanceledException>(() => waiting)).CancellationToken);
        first.SetResult();
        await running;
        Assert.Equal(3, await pipeline.ExecuteAsync(_ => new ValueTask<int>(3), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_call_that_throws_gives_its_place_back()
    {
        var pipeline = Pipeline(new() { Max = 1 });
        await Assert.ThrowsAsync<FormatException>(async () => await pipeline.ExecuteAsync(_ => throw new FormatException(), TestContext.Current.CancellationToken));
        var context = ResilienceContextPool.Shared.Get(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<FormatException>(async () => await pipeline.ExecuteOutcomeAsync<int, int>((_, _) => throw new FormatException(), context, 0));
        ResilienceContextPool.Shared.Return(context);
        Assert.Equal(1, pipeline.Execute(() => 1));
    }

    [Fact]
    public async Task Synchronous_callers_wait_too()
    {
        var pipeline = Pipeline(new() { Max = 1, Queue = 1 });
        var first = new TaskCompletionSource();
        var running = pipeline.ExecuteAsync(async _ => await first.Task, TestContext.Current.CancellationToken).AsTask();
        var second = Task.Run(() => pipeline.Execute(() => 7), TestContext.Current.CancellationToken);
        first.SetResult();
        await running;
        Assert.Equal(7, await second);
    }

    [Fact]
    public async Task A_limit_that_follows_learns_from_outcomes()
    {
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = _time }
            .AddWeftBulkhead(new() { Max = 100, Min = 1, Adaptive = AdaptiveLimitMode.Aimd }).Build();
        async Task Fail() => await Assert.ThrowsAsync<TimeoutException>(async () => await pipeline.ExecuteAsync(async _ =>
        {
            await Task.CompletedTask;
            _time.Advance(TimeSpan.FromMilliseconds(1));
            throw new TimeoutException();
        }, TestContext.Current.CancellationToken));
        for (var i = 0; i < 60; i++)
            await Fail();

        var first = new TaskCompletionSource();
        var running = pipeline.ExecuteAsync(async _ => await first.Task, TestContext.Current.CancellationToken).AsTask();
        Assert.Equal(1, (await Assert.ThrowsAsync<BulkheadRejectedException>(async () => await pipeline.ExecuteAsync(_ => default, TestContext.Current.CancellationToken))).Limit);
        first.SetResult();
        await running;
    }

    [Fact]
    public void Outcomes_are_judged_by_what_they_say_about_load()
    {
        var context = ResilienceContextPool.Shared.Get(TestContext.Current.CancellationToken);
        var cancelled = ResilienceContextPool.Shared.Get(new CancellationToken(true));
        Assert.Equal(LimitSample.Success, BulkheadStrategy.Judge(null, context));
        Assert.Equal(LimitSample.Timeout, BulkheadStrategy.Judge(new TimeoutRejectedException(), context));
        Assert.Equal(LimitSample.Timeout, BulkheadStrategy.Judge(new OperationCanceledException(), context));
        Assert.Equal(LimitSample.Ignore, BulkheadStrategy.Judge(new OperationCanceledException(), cancelled));
        Assert.Equal(LimitSample.Ignore, BulkheadStrategy.Judge(new BulkheadRejectedException(), context));
        Assert.Equal(LimitSample.Failure, BulkheadStrategy.Judge(new HttpRequestException(), context));
    }

    [Fact]
    public void Wrong_options_say_what_is_allowed()
    {
        var wrong = Assert.Throws<WeftConfigurationException>(() => new ResiliencePipelineBuilder<int>().AddWeftBulkhead(new() { Max = -1, Queue = -2 }));
        Assert.Contains("bulkhead.max is -1; allowed 0 to 1000000 (default 256)", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("bulkhead.queue is -2", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("Lower min or raise max", Assert.Throws<WeftConfigurationException>(
            () => new ResiliencePipelineBuilder().AddWeftBulkhead(new() { Max = 4, Adaptive = AdaptiveLimitMode.Gradient })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AdaptiveLimitMode.Off)]
    [InlineData(AdaptiveLimitMode.Gradient)]
    public async Task An_execution_allocates_nothing(AdaptiveLimitMode mode)
    {
        var pipeline = Pipeline(new() { Max = 10, Adaptive = mode });
        var context = ResilienceContextPool.Shared.Get(TestContext.Current.CancellationToken);
        Assert.Equal(0, await Allocations.OfAsync(() => pipeline.ExecuteOutcomeAsync(static (_, state) => Outcome.FromResultAsValueTask(state), context, 1)));
    }
}
