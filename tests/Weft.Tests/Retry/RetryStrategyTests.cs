using Microsoft.Extensions.Time.Testing;
using Polly;
using Polly.Telemetry;
using Weft.CircuitBreaker;
using Weft.Options;
using Weft.Retry;

namespace Weft.Tests.Retry;

public sealed class RetryStrategyTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<TimeSpan> _waits = [];
    private int _attempts;

    private ResiliencePipeline<int> Pipeline(WeftRetryStrategyOptions<int> options) =>
        new ResiliencePipelineBuilder<int> { TimeProvider = _time }.AddWeftRetry(options).Build();

    private static SharedRetryBudget Plenty => new(new() { Floor = 100 });

    /// <summary>Options under which everything below 200 is repeated, and waits are written down.</summary>
    private WeftRetryStrategyOptions<int> Options(int max = 2, SharedRetryBudget? budget = null, Func<ResilienceContext, TimeSpan?>? remaining = null, Func<Outcome<int>, TimeSpan?>? retryAfter = null) => new()
    {
        Max = max,
        Random = new Random(1),
        Budget = budget ?? Plenty,
        Remaining = remaining,
        RetryAfter = retryAfter,
        ShouldHandle = new PredicateBuilder<int>().HandleResult(status => status != 200),
        OnRetry = arguments =>
        {
            _waits.Add(arguments.RetryDelay);
            return default;
        },
    };

    private async Task<int> Run(ResiliencePipeline<int> pipeline, Func<int, int> answer, CancellationToken cancellation = default)
    {
        var call = pipeline.ExecuteAsync(_ => new ValueTask<int>(answer(++_attempts)), cancellation).AsTask();
        while (!call.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }
        return await call;
    }

    [Fact]
    public async Task Repeats_until_it_succeeds_and_waits_at_random_within_spans_that_double()
    {
        Assert.Equal(200, await Run(Pipeline(Options(max: 5)), attempt => attempt < 5 ? 503 : 200));
        Assert.Equal((5, 4), (_attempts, _waits.Count));
        for (var i = 0; i < 4; i++)
            Assert.InRange(_waits[i].TotalMilliseconds, 0, 50 << i);
        Assert.Equal(4, _waits.Distinct().Count());
    }

    [Fact]
    public async Task Returns_the_last_outcome_when_there_were_enough_attempts()
    {
        Assert.Equal(503, await Run(Pipeline(Options()), _ => 503));
        Assert.Equal(3, _attempts);
    }

    [Fact]
    public async Task A_budget_is_shared_by_pipelines()
    {
        var budget = new SharedRetryBudget(new() { Ratio = 0.5, Floor = 0 }, _time);
        Assert.Equal(503, await Run(Pipeline(Options(budget: budget)), _ => 503));
        Assert.Equal((1, 0.5), (_attempts, budget.Available));
        Assert.Equal(503, await Run(Pipeline(Options(budget: budget)), _ => 503));
        Assert.Equal((3, 0d), (_attempts, budget.Available)); // Two first attempts paid for one repeat.
        budget.Apply(new() { Ratio = 1, Floor = 0 });
        Assert.Equal(200, await Run(Pipeline(Options(budget: budget)), _ => 200));
        Assert.Equal(1, budget.Available);
    }

    [Fact]
    public async Task Without_one_given_a_pipeline_has_a_budget_of_its_own()
    {
        var pipeline = new ResiliencePipelineBuilder<int> { TimeProvider = _time }
            .AddWeftRetry(new() { ShouldHandle = new PredicateBuilder<int>().HandleResult(503) }).Build();
        for (var call = 0; call < 10; call++)
            await Run(pipeline, _ => 503);
        Assert.InRange(_attempts, 11, 13); // The floor's one, and one for ten calls.
    }

    [Fact]
    public async Task A_wait_that_does_not_fit_is_not_begun_and_the_real_outcome_is_returned()
    {
        var outer = new ResiliencePipelineBuilder<int> { TimeProvider = _time }.AddTimeout(TimeSpan.FromSeconds(2));
        var until = _time.GetUtcNow().AddSeconds(2);
        var pipeline = outer.AddWeftRetry(Options(remaining: _ => until - _time.GetUtcNow(), retryAfter: _ => TimeSpan.FromSeconds(5))).Build();
        Assert.Equal(503, await Run(pipeline, _ => 503));
        Assert.Equal((1, 0), (_attempts, _waits.Count));
    }

    [Fact]
    public async Task Waits_as_long_as_the_service_asks_but_never_more_than_half_a_minute()
    {
        var begin = _time.GetUtcNow();
        Assert.Equal(200, await Run(Pipeline(Options(retryAfter: outcome => TimeSpan.FromMilliseconds(outcome.Result))), attempt => attempt < 2 ? 1503 : 200));
        Assert.Equal(TimeSpan.FromMilliseconds(1503), Assert.Single(_waits));
        Assert.True(_time.GetUtcNow() - begin >= TimeSpan.FromMilliseconds(1503));
        Assert.Equal(503, await Run(Pipeline(Options(retryAfter: _ => TimeSpan.FromHours(114))), _ => 503));
        Assert.Equal(3, _attempts);
    }

    [Fact]
    public async Task By_default_exceptions_are_repeated_and_cancellations_are_not()
    {
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = _time }.AddWeftRetry(new() { Base = TimeSpan.Zero, Cap = TimeSpan.Zero, Budget = Plenty }).Build();
        var thrown = await Assert.ThrowsAsync<FormatException>(async () => await pipeline.ExecuteAsync<int>(_ => throw new FormatException($"{++_attempts}"), TestContext.Current.CancellationToken));
        Assert.Equal("3", thrown.Message);
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await pipeline.ExecuteAsync(_ =>
        {
            _attempts++;
            throw new OperationCanceledException();
        }, TestContext.Current.CancellationToken));
        Assert.Equal(4, _attempts);
    }

    [Fact]
    public async Task A_caller_that_goes_away_ends_the_wait()
    {
        using var gone = new CancellationTokenSource();
        var call = Pipeline(Options(retryAfter: _ => TimeSpan.FromSeconds(10))).ExecuteAsync(_ => new ValueTask<int>(503 + _attempts++), gone.Token).AsTask();
        Assert.False(call.IsCompleted);
        await gone.CancelAsync();
        Assert.Equal(gone.Token, (await Assert.ThrowsAsync<OperationCanceledException>(() => call)).CancellationToken);
        Assert.Equal(1, _attempts);
    }

    [Fact]
    public async Task When_a_breaker_further_in_has_opened_the_last_real_result_is_returned_undisposed()
    {
        var results = new List<Disposable>();
        var pipeline = new ResiliencePipelineBuilder<Disposable>()
            .AddWeftRetry(new WeftRetryStrategyOptions<Disposable> { Max = 5, Base = TimeSpan.Zero, Budget = Plenty, ShouldHandle = static _ => new(true) })
            .AddWeftCircuitBreaker(new() { Breaker = new() { Failures = 2 }, ShouldHandle = static _ => new(true) })
            .Build();
        var last = await pipeline.ExecuteAsync(_ =>
        {
            results.Add(new Disposable());
            return new ValueTask<Disposable>(results[^1]);
        });
        Assert.Equal(2, results.Count);
        Assert.Same(results[1], last);
        Assert.Equal([true, false], results.Select(r => r.IsDisposed));
    }

    [Fact]
    public async Task Results_that_nobody_gets_are_disposed_and_the_last_one_is_not()
    {
        var results = new List<Disposable>();
        var pipeline = new ResiliencePipelineBuilder<Disposable>()
            .AddWeftRetry(new() { Base = TimeSpan.Zero, Cap = TimeSpan.Zero, Budget = Plenty, ShouldHandle = _ => new(true) }).Build();
        var last = await pipeline.ExecuteAsync(_ =>
        {
            results.Add(new());
            return new ValueTask<Disposable>(results[^1]);
        }, TestContext.Current.CancellationToken);
        Assert.Equal([true, true, false], results.Select(r => r.IsDisposed));
        Assert.Same(results[2], last);
    }

    [Fact]
    public async Task Telemetry_tells_repeats_and_why_one_was_not_made()
    {
        var listener = new Listener();
        var builder = new ResiliencePipelineBuilder<int> { TimeProvider = _time, TelemetryListener = listener };
        var budget = new SharedRetryBudget(new() { Ratio = 0, Floor = 0.1 }, _time);
        await Run(builder.AddWeftRetry(Options(budget: budget)).Build(), _ => 503);
        Assert.Equal(["OnRetry", "OnRetrySuppressed budget"], listener.Events);
        listener.Events.Clear();
        builder = new ResiliencePipelineBuilder<int> { TimeProvider = _time, TelemetryListener = listener };
        await Run(builder.AddWeftRetry(Options(max: 0)).Build(), _ => 503);
        Assert.Equal(["OnRetrySuppressed max"], listener.Events);
    }

    [Fact]
    public void Synchronous_executions_repeat_too()
    {
        var pipeline = new ResiliencePipelineBuilder<int>().AddWeftRetry(Options(max: 3)).Build();
        Assert.Equal(200, pipeline.Execute(() => ++_attempts < 4 ? 503 : 200));
    }

    [Fact]
    public void Wrong_options_say_what_is_allowed_all_at_once()
    {
        var wrong = Assert.Throws<WeftConfigurationException>(() => new ResiliencePipelineBuilder().AddWeftRetry(
            new() { Max = 21, Base = TimeSpan.FromMinutes(2), Least = TimeSpan.FromSeconds(-1), ShouldHandle = null! }));
        Assert.Contains("WEFT2104 WeftRetryStrategyOptions.Max is 21; allowed 0 to 20 (default 2). For no repeats set 0", wrong.Message, StringComparison.Ordinal);
        Assert.All(["Base", "Cap", "Least", "ShouldHandle"], name => Assert.Contains($"WeftRetryStrategyOptions.{name} is", wrong.Message, StringComparison.Ordinal));
        Assert.Contains("budget.ratio", Assert.Throws<WeftConfigurationException>(() => new SharedRetryBudget(new() { Ratio = 1.5 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_execution_that_succeeds_allocates_nothing()
    {
        var pipeline = Pipeline(Options());
        var context = ResilienceContextPool.Shared.Get(TestContext.Current.CancellationToken);
        Assert.Equal(0, await Allocations.OfAsync(() => pipeline.ExecuteOutcomeAsync(static (_, state) => Outcome.FromResultAsValueTask(state), context, 200)));
    }

    private sealed class Disposable : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class Listener : TelemetryListener
    {
        public List<string> Events { get; } = [];

        public override void Write<TResult, TArgs>(in TelemetryEventArguments<TResult, TArgs> args)
        {
            if (args.Event.EventName.StartsWith("OnRetry", StringComparison.Ordinal))
                Events.Add(args.Arguments is RetrySuppressedArguments suppressed ? $"{args.Event.EventName} {suppressed.Reason}" : args.Event.EventName);
        }
    }
}
