using Polly;
using Polly.CircuitBreaker;
using Weft.CircuitBreaker;

namespace Weft.Tests.CircuitBreaker;

/// <summary>The breaker that Polly brings, set up as near to what is asked as its options allow.</summary>
internal sealed class PollyRig : BehaviourRig
{
    private readonly CircuitBreakerStateProvider _states = new();
    private readonly CircuitBreakerManualControl _control = new();
    private bool _isBuilt;

    public override BreakerState State => _states.CircuitState switch
    {
        CircuitState.Closed => BreakerState.Closed,
        CircuitState.HalfOpen => BreakerState.HalfOpen,
        _ => BreakerState.Open,
    };

    public override Task IsolateAsync() => _control.IsolateAsync();

    public override Task GiveBackAsync() => _control.CloseAsync();

    public override TimeSpan? RetryAfter(Exception? rejection) => (rejection as BrokenCircuitException)?.RetryAfter;

    protected override ResiliencePipeline<int> Build(ResiliencePipelineBuilder<int> builder, Setup setup)
    {
        var options = new CircuitBreakerStrategyOptions<int>
        {
            // There is no count of failures in a row; all of the least number of calls is the nearest.
            FailureRatio = setup.Ratio ?? 1,
            MinimumThroughput = setup.Ratio is null ? setup.Failures : setup.Minimum,
            SamplingDuration = TimeSpan.FromSeconds(10),
            BreakDuration = TimeSpan.FromSeconds(setup.Open),
            OnOpened = _ => Tell(setup, BreakerState.Open),
            OnHalfOpened = _ => Tell(setup, BreakerState.HalfOpen),
            OnClosed = _ => Tell(setup, BreakerState.Closed),
        };
        if (!_isBuilt)
            (options.StateProvider, options.ManualControl) = (_states, _control); // A provider cannot be used twice.
        _isBuilt = true;
        if (setup.ShouldHandle is { } handled)
            options.ShouldHandle = arguments => new(handled(arguments.Outcome));
        return builder.AddCircuitBreaker(options).Build();
    }

    private static ValueTask Tell(Setup setup, BreakerState state)
    {
        setup.Changed?.Invoke(state);
        return default;
    }
}
