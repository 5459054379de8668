using Microsoft.Extensions.Logging;
using Weft.Diagnostics;

namespace Weft.Flows;

/// <summary>
/// Counts and tells what a flow does. Allocates nothing per item. What a target said in detail may hold anything, so it is
/// kept with the parked message and never logged.
/// </summary>
internal sealed partial class FlowTelemetry(string flow, ILogger logger, Messaging.Subscription? subscription = null)
{
    private readonly KeyValuePair<string, object?> _flow = new("flow", flow);
    private long _acknowledged, _retried, _dead;

    /// <summary>The flow's name.</summary>
    public string Flow => flow;

    /// <summary>Deliveries done, to be tried again, and dead since the start.</summary>
    public (long Acknowledged, long Retried, long Dead) Counts => (Volatile.Read(ref _acknowledged), Volatile.Read(ref _retried), Volatile.Read(ref _dead));

    /// <summary>A batch was written, well or not.</summary>
    public void Wrote(TimeSpan duration)
    {
        WeftMeter.DeliveryDuration.Record(duration.TotalSeconds, _flow);
        subscription?.Processed(duration);
    }

    /// <summary>Items were dropped from the source before the flow came to them.</summary>
    public void Dropped(long count)
    {
        WeftMeter.Dropped.Add(count, _flow);
        LogDropped(logger, flow, count);
    }

    /// <summary>A delivery got its verdict.</summary>
    public void Settled(in Outcome outcome, long position, int attempt)
    {
        switch (outcome.Kind)
        {
            case OutcomeKind.Acknowledged:
                Interlocked.Increment(ref _acknowledged);
                WeftMeter.Deliveries.Add(1, _flow, new("outcome", "acknowledged"));
                break;
            case OutcomeKind.Retry:
                Interlocked.Increment(ref _retried);
                WeftMeter.Deliveries.Add(1, _flow, new("outcome", "retry"));
                LogRetry(logger, flow, position, attempt, outcome.Reason, outcome.Due);
                break;
            case OutcomeKind.Dead:
                Interlocked.Increment(ref _dead);
                WeftMeter.Deliveries.Add(1, _flow, new("outcome", "dead"), new("reason", outcome.Reason));
                LogDead(logger, flow, position, attempt, outcome.Reason);
                break;
        }
    }

    /// <summary>The target takes nothing.</summary>
    public void Paused(string? reason)
    {
        WeftMeter.PausedFlows.Add(1, _flow);
        LogPaused(logger, flow, reason);
    }

    /// <summary>The target takes deliveries again.</summary>
    public void Resumed()
    {
        NoLongerPaused();
        LogResumed(logger, flow);
    }

    /// <summary>The flow ended while its target took nothing.</summary>
    public void NoLongerPaused() => WeftMeter.PausedFlows.Add(-1, _flow);

    /// <summary>The flow ended with an error.</summary>
    public void Failed(Exception e) => LogFailed(logger, e, flow);

    [LoggerMessage(4001, LogLevel.Information, "{Flow}: position {Position} failed (try {Attempt}: {Reason}), next try {Due:O}.")]
    private static partial void LogRetry(ILogger logger, string flow, long position, int attempt, string? reason, DateTimeOffset? due);

    [LoggerMessage(4002, LogLevel.Warning, "{Flow}: position {Position} is a dead letter after {Attempt} tries: {Reason}. See 'weft dead show {Position} -s {Flow}'.")]
    private static partial void LogDead(ILogger logger, string flow, long position, int attempt, string? reason);

    [LoggerMessage(4003, LogLevel.Warning, "{Flow}: the target takes nothing ({Reason}); waiting; no attempts are spent.")]
    private static partial void LogPaused(ILogger logger, string flow, string? reason);

    [LoggerMessage(4004, LogLevel.Information, "{Flow}: the target takes deliveries again.")]
    private static partial void LogResumed(ILogger logger, string flow);

    [LoggerMessage(4014, LogLevel.Warning, "{Flow}: {Count} items were dropped before they were read, since they are older than their topic keeps them; it goes on behind them.")]
    private static partial void LogDropped(ILogger logger, string flow, long count);

    [LoggerMessage(4005, LogLevel.Error, "{Flow}: stopped by an error; it starts again from what is stored.")]
    private static partial void LogFailed(ILogger logger, Exception e, string flow);
}
