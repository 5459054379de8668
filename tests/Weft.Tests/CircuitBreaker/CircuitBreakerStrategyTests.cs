using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Time.Testing;
using Polly;
using Polly.Telemetry;
using Weft.CircuitBreaker;
using Weft.Options;

#pragma warning disable CA2012 // The calls of these tests complete at once.

namespace Weft.Tests.CircuitBreaker;

public sealed class CircuitBreakerStrategyTests
{
    private static readonly ResiliencePropertyKey<string> s_host = new("host");

    private readonly FakeTimeProvider _time = new();
    private readonly CircuitBreakerHandle _handle = new();
    private readonly List<BreakerTransition> _changes = [];

    private WeftCircuitBreakerStrategyOptions<int> Options => new() { Handle = _handle, OnStateChanged = _changes.Add, Breaker = new() { Failures = 2, Successes = 1 }, Chance = new Random(1) };

    private BreakerState State => _handle.Status()!.Value.State;

    private ResiliencePipeline<int> Build(WeftCircuitBreakerStrategyOptions<int>? options = null) =>
        new ResiliencePipelineBuilder<int> { TimeProvider = _time }.AddWeftCircuitBreaker(options ?? Options).Build();

    private static Outcome<int> Run(ResiliencePipeline<int> pipeline, Func<int> call, string? host = null, CancellationToken cancellation = default)
    {
        var context = ResilienceContextPool.Shared.Get(cancellation);
        if (host is not null)
            context.Properties.Set(s_host, host);
        var task = pipeline.ExecuteOutcomeAsync(
            (_, _) =>
            {
                try
                {
                    return Outcome.FromResultAsValueTask(call());
                }
                catch (Exception e)
                {
                    return Outcome.FromExceptionAsValueTask<int>(e);
                }
            }, context, 0);
        Assert.True(task.IsCompletedSuccessfully);
        ResilienceContextPool.Shared.Return(context);
        return task.Result;
    }

    private static void Fail(ResiliencePipeline<int> pipeline, int times = 2, string? host = null)
    {
        for (var i = 0; i < times; i++)
            Run(pipeline, () => throw new TimeZoneNotFoundException(), host);
    }

    [Fact]
    public async Task Opens_rejects_and_closes()
    {
        var pipeline = Build();
        Fail(pipeline);
        var rejection = await Assert.ThrowsAsync<CircuitOpenException>(async () => await pipeline.ExecuteAsync(_ => ValueTask.FromResult(1)));
        Assert.Equal(_handle.Status()!.Value.RetryAfter, rejection.RetryAfter);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(_handle.Status()!.Value.RetryAfter, rejection.RetryAfter);
        _time.Advance(rejection.RetryAfter);
        Assert.Equal(TimeSpan.Zero, rejection.RetryAfter);
        Assert.Equal(1, await pipeline.ExecuteAsync(_ => ValueTask.FromResult(1)));
        Assert.Equal(BreakerState.Closed, State);
        Assert.Equal([BreakerState.Open, BreakerState.HalfOpen, BreakerState.Closed], _changes.Select(c => c.To));
    }

    [Fact]
    public async Task Calls_that_end_later_count_too()
    {
        var pipeline = Build();
        for (var i = 0; i < 2; i++)
        {
            var source = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            var call = pipeline.ExecuteAsync(async _ => await source.Task).AsTask();
            source.SetException(new TimeZoneNotFoundException());
            await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => call);
        }
        Assert.Equal(BreakerState.Open, State);
    }

    [Fact]
    public void A_pipeline_for_any_type_works_too()
    {
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = _time }.AddWeftCircuitBreaker(new() { Handle = _handle, Breaker = new() { Failures = 1 } }).Build();
        Assert.Equal(5, pipeline.Execute(() => 5));
        Assert.Throws<TimeZoneNotFoundException>(() => pipeline.Execute(() => throw new TimeZoneNotFoundException()));
        Assert.Throws<CircuitOpenException>(() => pipeline.Execute(() => "text"));
    }

    [Fact]
    public void A_predicate_builder_says_what_is_a_failure()
    {
        var options = Options;
        options.ShouldHandle = new PredicateBuilder<int>().HandleResult(500).Handle<TimeZoneNotFoundException>();
        var pipeline = Build(options);
        Run(pipeline, () => 500);
        Run(pipeline, () => throw new InvalidTimeZoneException());
        Run(pipeline, () => 500);
        Assert.Equal(BreakerState.Closed, State);
        Fail(pipeline, 1);
        Assert.Equal(BreakerState.Open, State);
    }

    [Fact]
    public void What_the_caller_cancelled_does_not_count_and_a_cancellation_from_elsewhere_does()
    {
        var pipeline = Build();
        Fail(pipeline, 1);
        using var cancelled = new CancellationTokenSource();
        Run(pipeline, () => { cancelled.Cancel(); throw new TaskCanceledException(); }, null, cancelled.Token);
        Assert.Equal((BreakerState.Closed, 1), (State, _handle.Status()!.Value.Failures));
        Run(pipeline, () => throw new TaskCanceledException()); // An HttpClient that timed out.
        Assert.Equal(BreakerState.Open, State);
    }

    [Fact]
    public void A_rejection_further_in_does_not_count()
    {
        var pipeline = Build();
        for (var i = 0; i < 10; i++)
            Run(pipeline, () => throw new CircuitOpenException(TimeSpan.Zero));
        Assert.Equal(0, _handle.Status()!.Value.Failures);
        Run(pipeline, () => throw new Polly.Timeout.TimeoutRejectedException());
        Assert.Equal(1, _handle.Status()!.Value.Failures);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_predicate_that_throws_is_a_failure_and_the_caller_gets_what_it_threw(bool later)
    {
        var options = Options;
        options.ShouldHandle = async _ =>
        {
            if (later)
                await Task.Yield();
            throw new FormatException();
        };
        var pipeline = Build(options);
        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync<FormatException>(async () => await pipeline.ExecuteAsync(_ => ValueTask.FromResult(1)));
        Assert.Equal(BreakerState.Open, State);
    }

    [Fact]
    public void A_callback_that_throws_is_reported_and_changes_nothing()
    {
        var options = Options;
        options.OnStateChanged = _ => throw new FormatException();
        var events = new List<string>();
        var pipeline = new ResiliencePipelineBuilder<int> { TimeProvider = _time, TelemetryListener = new Reports(events) }.AddWeftCircuitBreaker(options).Build();
        Fail(pipeline);
        Assert.Equal(BreakerState.Open, State);
        Assert.Equal(["OnCircuitOpen", "OnStateChangedFailed"], events.Where(e => e.StartsWith("On", StringComparison.Ordinal)));
    }

    [Fact]
    public void Each_key_has_its_own()
    {
        var options = Options;
        options.Partition = context => context.Properties.GetValue(s_host, null!);
        var pipeline = Build(options);
        Fail(pipeline, 2, "a");
        Fail(pipeline, 1, "b");
        Assert.IsType<CircuitOpenException>(Run(pipeline, () => 1, "a").Exception);
        Assert.Equal(1, Run(pipeline, () => 1, "b").Result);
        Assert.Equal(["a", "b"], _handle.Partitions().Select(p => p.Key).Order());
        Assert.Equal("a", Assert.Single(_changes).Partition);
        Assert.Null(_handle.Status("c"));
        _handle.Force(CircuitBreakerMode.ForcedOpen);
        Assert.IsType<CircuitOpenException>(Run(pipeline, () => 1, "c").Exception);
        Assert.True(_handle.Force(null, "c"));
        Assert.Equal(1, Run(pipeline, () => 1, "c").Result);
    }

    [Fact]
    public void A_pipeline_that_is_built_again_goes_on_where_it_was()
    {
        Fail(Build());
        var options = Options;
        options.Breaker = new() { Failures = 9, Successes = 1 };
        Assert.IsType<CircuitOpenException>(Run(Build(options), () => 1).Exception);
        _handle.Reset();
        Fail(Build(options), 8);
        Assert.Equal(BreakerState.Closed, State);
        Assert.Throws<InvalidOperationException>(() => new ResiliencePipelineBuilder<int>().AddWeftCircuitBreaker(Options).Build());
    }

    [Fact]
    public void The_handle_forces_resets_and_takes_other_options()
    {
        Assert.Throws<InvalidOperationException>(() => _handle.Status());
        var pipeline = Build();
        Assert.True(_handle.IsAttached);
        _handle.Force(CircuitBreakerMode.ForcedOpen);
        var rejection = Assert.IsType<CircuitOpenException>(Run(pipeline, () => 1).Exception);
        Assert.Equal(new CircuitBreakerOptions().Open, rejection.RetryAfter);
        _handle.Force(null);
        Assert.Equal(1, Run(pipeline, () => 1).Result);
        _handle.Apply(new() { Failures = 1 });
        Fail(pipeline, 1);
        Assert.Equal(BreakerState.Open, State);
        _handle.Reset();
        Assert.Equal(BreakerState.Closed, State);
        Assert.Throws<ArgumentException>(() => _handle.Apply(new() { Failures = 0 }));
    }

    public static TheoryData<CircuitBreakerOptions, string> Senseless => new()
    {
        { new() { Failures = 0 }, "breaker.failures is 0; allowed 1 to 10000 (default 5). To switch the breaker off" },
        { new() { Ratio = 1.1 }, "breaker.ratio is 110%; allowed above 0% to 100%" },
        { new() { Ratio = double.NaN }, "breaker.ratio is " },
        { new() { Ratio = 0 }, "breaker.ratio is 0%; allowed above 0% to 100%" },
        { new() { Ratio = 0.5, Minimum = 0 }, "breaker.minimum is 0; allowed 1 to " },
        { new() { Ratio = 0.5, Window = TimeSpan.Zero }, "breaker.window is 0s; allowed 1s to 1h (default 10s)" },
        { new() { Open = TimeSpan.FromSeconds(-1) }, "breaker.open is -1s; allowed 10ms to 1h (default 2s)" },
        { new() { Open = TimeSpan.FromSeconds(90), OpenMax = TimeSpan.FromSeconds(60) }, "breaker.openMax is 1m, shorter than open, 90s. Raise openMax or lower open." },
        { new() { Successes = 0 }, "breaker.successes is 0; allowed 1 to 1000" },
        { new() { Probes = 1001 }, "breaker.probes is 1001; allowed 1 to 1000" },
        { new() { ProbeTimeout = TimeSpan.Zero }, "breaker.probeTimeout is 0s; allowed 10ms to 1h" },
        { new() { Slow = new() { Over = TimeSpan.Zero } }, "breaker.slow.over is 0s; allowed 1ms to 1h" },
        { new() { Mode = (CircuitBreakerMode)9 }, "breaker.mode is " },
    };

    [Theory]
    [MemberData(nameof(Senseless))]
    public void Options_that_make_no_sense_say_value_allowed_and_remedy(CircuitBreakerOptions options, string text)
    {
        var builder = new ResiliencePipelineBuilder<int>();
        var refused = Assert.Throws<ArgumentException>(() => builder.AddWeftCircuitBreaker(new() { Breaker = options }));
        Assert.Contains(text, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_options_are_refused()
    {
        Assert.Throws<ArgumentNullException>(() => new ResiliencePipelineBuilder<int>().AddWeftCircuitBreaker(new() { Breaker = null! }));
        Assert.Throws<ValidationException>(() => new ResiliencePipelineBuilder<int>().AddWeftCircuitBreaker(new() { ShouldHandle = null! }));
    }

    [Fact]
    public void Rejecting_allocates_nothing_and_neither_does_a_call()
    {
        var pipeline = Build();
        AssertAllocatesNothing(pipeline);
        Fail(pipeline);
        AssertAllocatesNothing(pipeline);
    }

    private static void AssertAllocatesNothing(ResiliencePipeline<int> pipeline)
    {
        var context = ResilienceContextPool.Shared.Get(default(CancellationToken));
        long before = 0;
        for (var i = 0; i < 200; i++)
        {
            if (i == 100)
                before = GC.GetAllocatedBytesForCurrentThread();
            _ = pipeline.ExecuteOutcomeAsync(static (_, _) => Outcome.FromResultAsValueTask(1), context, 0).Result;
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private sealed class Reports(List<string> events) : TelemetryListener
    {
        public override void Write<TResult, TArgs>(in TelemetryEventArguments<TResult, TArgs> args) => events.Add(args.Event.EventName);
    }
}
