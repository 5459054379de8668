using Polly;
using Polly.RateLimiting;
using Polly.Timeout;

namespace Weft.Tests.Concurrency;

/// <summary>The concurrency limiter that Polly brings; a wait is bounded by a timeout around it, whose time comes from a generator as what a caller has left does.</summary>
internal sealed class PollyBulkheadRig : BulkheadRig
{
    // Its exception has no number, and its text none either.
    public override int? Limit(Exception? rejection) =>
        rejection is RateLimiterRejectedException && rejection.Message.FirstOrDefault(char.IsDigit) is var digit and not '\0' ? digit - '0' : null;

    public override bool IsRejection(Exception? exception) => exception is RateLimiterRejectedException;

    protected override ResiliencePipeline Build(ResiliencePipelineBuilder builder, BulkheadSetup setup)
    {
        if (setup.Wait is { } wait)
            builder.AddTimeout(new TimeoutStrategyOptions { TimeoutGenerator = _ => new(TimeSpan.FromSeconds(wait)) });
        return builder.AddConcurrencyLimiter(setup.Max, setup.Queue).Build();
    }
}
