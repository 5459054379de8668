using Polly;
using Weft.Concurrency;
using Weft.Options;

namespace Weft.Tests.Concurrency;

/// <summary>Our bulkhead. A reload is what the runtime does with a policy: new options for the bulkhead that is there.</summary>
internal sealed class WeftBulkheadRig : BulkheadRig
{
    private Bulkhead? _bulkhead;

    public override int? Limit(Exception? rejection) => (rejection as BulkheadRejectedException)?.Limit;

    public override bool IsRejection(Exception? exception) => exception is BulkheadRejectedException;

    protected override ResiliencePipeline Build(ResiliencePipelineBuilder builder, BulkheadSetup setup)
    {
        var options = new BulkheadOptions { Max = setup.Max, Queue = setup.Queue, Adaptive = setup.Follows ? AdaptiveLimitMode.Aimd : AdaptiveLimitMode.Off, Min = 1 };
        _bulkhead?.Apply(options);
        _bulkhead ??= new Bulkhead(options, Clock);
        TimeSpan? wait = setup.Wait is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        return builder.AddStrategy(context => new BulkheadStrategy(_bulkhead, _ => wait, context.TimeProvider, context.Telemetry), new Named()).Build();
    }

    private sealed class Named : ResilienceStrategyOptions;
}
