using Microsoft.Extensions.Logging;
using Weft.Diagnostics;
using Weft.Flows;
using Weft.Messages;

namespace Weft.EventBus;

/// <summary>How often the condition of a subscription had no value, and the last event for which it had none.</summary>
/// <remarks>Safe for use from many threads.</remarks>
internal sealed partial class RuleErrors(string subscription, TimeProvider time, ILogger logger)
{
    private readonly KeyValuePair<string, object?> _rule = new("rule", subscription);
    private long _count;
    private RuleError? _last;

    /// <summary>Since the start.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>The last one; null while there was none.</summary>
    public RuleError? Last => Volatile.Read(ref _last);

    /// <summary>Notes an event for which the condition has no value.</summary>
    public void Add(in Delivery<Message> delivery, string error)
    {
        WeftMeter.RuleErrors.Add(1, _rule);
        Volatile.Write(ref _last, new RuleError(time.GetUtcNow(), delivery.Position, delivery.Item.Id, error));
        // Every event may have the same error: the log has the first, the counter all.
        if (Interlocked.Increment(ref _count) == 1)
            LogFirst(logger, subscription, delivery.Position, error);
    }

    [LoggerMessage(4020, LogLevel.Warning, "{Subscription}: its condition has no value for the event at position {Position}, which counts as no match: {Error} Guard what may be missing with has(…). Further errors are only counted; see 'weft subscriptions list'.")]
    private static partial void LogFirst(ILogger logger, string subscription, long position, string error);
}

/// <summary>One error of a condition.</summary>
/// <param name="At">When.</param>
/// <param name="Position">The event's position in its topic.</param>
/// <param name="EventId">The event's id.</param>
/// <param name="Error">Why the condition has no value; it holds no data of the event.</param>
internal sealed record RuleError(DateTimeOffset At, long Position, string EventId, string Error);
