using Polly;
using Weft.CircuitBreaker;
using Weft.Options;

namespace Weft.Tests.CircuitBreaker;

/// <summary>Our breaker.</summary>
internal sealed class WeftRig : BehaviourRig
{
    private readonly CircuitBreakerHandle _handle = new();

    public override BreakerState State => _handle.Status()!.Value.State;

    public override Task IsolateAsync()
    {
        _handle.Force(CircuitBreakerMode.ForcedOpen);
        return Task.CompletedTask;
    }

    public override Task GiveBackAsync()
    {
        _handle.Force(null);
        return Task.CompletedTask;
    }

    public override TimeSpan? RetryAfter(Exception? rejection) => (rejection as CircuitOpenException)?.RetryAfter;

    protected override ResiliencePipeline<int> Build(ResiliencePipelineBuilder<int> builder, Setup setup)
    {
        var options = new WeftCircuitBreakerStrategyOptions<int>
        {
            Handle = _handle,
            Chance = new Random(1),
            OnStateChanged = change => setup.Changed?.Invoke(change.To),
            Partition = setup.ByKey ? context => context.Properties.GetValue(new ResiliencePropertyKey<string>(Key), null!) : null,
            Breaker = new()
            {
                Failures = setup.Failures,
                Ratio = setup.Ratio,
                Minimum = setup.Minimum,
                Open = TimeSpan.FromSeconds(setup.Open),
                OpenMax = TimeSpan.FromSeconds(setup.OpenMax ?? setup.Open),
                Successes = setup.Successes,
                Slow = setup.SlowOver == 0 ? null : new() { Over = TimeSpan.FromSeconds(setup.SlowOver) },
                Mode = setup.Mode,
            },
        };
        if (setup.ShouldHandle is { } handled)
            options.ShouldHandle = arguments => new(handled(arguments.Outcome));
        return builder.AddWeftCircuitBreaker(options).Build();
    }
}
