using System.Diagnostics;
using System.Globalization;
using System.Text;
using Weft.Diagnostics;
using Weft.Messages;

namespace Weft.EventBus;

/// <summary>What ties an event to the one, or to the request, that it was published because of.</summary>
internal static class Causation
{
    /// <summary>The attribute with the id of the event that this one was published because of.</summary>
    public static ReadOnlySpan<byte> Id => "causationid"u8;

    /// <summary>The attribute of replayed events: how often, counted from 1.</summary>
    public static ReadOnlySpan<byte> Replay => "weftreplay"u8;

    /// <summary>The distributed tracing extension of CloudEvents: W3C Trace Context.</summary>
    public static ReadOnlySpan<byte> TraceParent => "traceparent"u8;

    /// <summary>
    /// The message with what ties it to the event that is being handled: its id, and its trace where the message has none. What the
    /// message says of itself stays.
    /// </summary>
    public static Message Mark(in Message message, in Message cause)
    {
        var marked = message;
        if (!message.TryGet(Id, out _) && cause.TryGet("id"u8, out var id))
            marked = With(marked, Id, id);
        if (!message.TryGet(TraceParent, out _) && TraceOf(cause) is { } trace)
            marked = WithTrace(marked, $"00-{trace.TraceId.ToHexString()}-{ActivitySpanId.CreateRandom().ToHexString()}-{(trace.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}");
        return marked;
    }

    /// <summary>The message with the trace of the request that publishes it, unless it has one.</summary>
    public static Message WithTrace(in Message message, string? traceParent) =>
        traceParent is null || message.TryGet(TraceParent, out _) ? message : With(message, TraceParent, Encoding.ASCII.GetBytes(traceParent));

    /// <summary>The trace of an event; null when it has none.</summary>
    public static ActivityContext? TraceOf(in Message message) =>
        message.TryGet(TraceParent, out var text) && ActivityContext.TryParse(Encoding.ASCII.GetString(text), null, out var trace) ? trace : null;

    /// <summary>Begins to tell that an event is handled; null when nobody traces.</summary>
    public static Activity? Process(this Messaging.Subscription telemetry, in Flows.Delivery<Message> delivery) =>
        WeftMeter.Activities.HasListeners() ? telemetry.Process(delivery.Item.Id, TraceOf(delivery.Item), delivery.Attempt) : null;

    /// <summary>How often an event was replayed.</summary>
    public static int ReplaysOf(in Message message) =>
        message.TryGet(Replay, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out int count) && count > 0 ? count : 0;

    /// <summary>The event as it is replayed: it says how often, so that subscribers can tell.</summary>
    public static Message Replayed(in Message message)
    {
        int count = Math.Min(ReplaysOf(message), int.MaxValue - 1) + 1;
        return MessageCopy.TryWith(message, Replay, AttributeType.Integer, Encoding.ASCII.GetBytes(count.ToString(CultureInfo.InvariantCulture)), out var marked, out _) ? marked : message;
    }

    // An event that has as many extensions as one can have stays as it is: to be delivered matters more than to be marked.
    private static Message With(in Message message, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        MessageCopy.TryWith(message, name, AttributeType.String, value, out var marked, out _) ? marked : message;
}
