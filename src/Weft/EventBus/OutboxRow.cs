using System.Buffers;
using Weft.Messages;

namespace Weft.EventBus;

/// <summary>A row of the table <c>weft_outbox</c>: what the app said, as it is stored.</summary>
/// <param name="Topic">The name of the topic.</param>
/// <param name="Event">The event in the JSON format of CloudEvents, as UTF-8.</param>
/// <param name="Key">What it must share with others to be delivered in order; null for what the topic's key makes of it.</param>
/// <param name="Dedupe">What it is remembered by; null for its source and id.</param>
/// <param name="Due">Not before when it is published, in milliseconds since 1970; null for at once.</param>
public sealed record OutboxRow(string Topic, ReadOnlyMemory<byte> Event, string? Key = null, string? Dedupe = null, long? Due = null)
{
    /// <summary>The name of the table.</summary>
    public const string Table = "weft_outbox";

    /// <summary>Makes the row of an event.</summary>
    public static OutboxRow Of(string topic, in Message message, in PublishSettings settings, DateTimeOffset? due)
    {
        var json = new ArrayBufferWriter<byte>(message.Bytes.Length + 256);
        CloudEventHttp.WriteStructured(EventBus.Marked(message), json);
        return new(topic, json.WrittenMemory, settings.Key, settings.DedupeId, due?.ToUnixTimeMilliseconds());
    }
}
