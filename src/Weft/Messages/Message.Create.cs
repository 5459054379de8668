using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Messages;

public readonly partial struct Message
{
    /// <summary>Makes an event whose data is an object, written as JSON.</summary>
    /// <param name="type">What happened, such as <c>com.example.order.placed</c>.</param>
    /// <param name="source">A URI-reference: where it happened.</param>
    /// <param name="data">The data.</param>
    /// <param name="id">With <paramref name="source"/> unique per event; null for a new UUID version 7.</param>
    /// <param name="subject">What it happened to.</param>
    /// <param name="partitionKey">What must stay in order.</param>
    /// <param name="json">How the data is written; null for <see cref="JsonSerializerOptions.Web"/>.</param>
    /// <param name="time">Gives <c>time</c> and the time in a new id; null for the system clock.</param>
    /// <exception cref="ArgumentException">A value breaks a rule of CloudEvents.</exception>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only without json; a program without reflection gets an exception that says so, and gives json.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Only without json; a program without reflection gets an exception that says so, and gives json.")]
    public static Message Create<T>(
        string type,
        string source,
        T data,
        string? id = null,
        string? subject = null,
        string? partitionKey = null,
        JsonTypeInfo<T>? json = null,
        TimeProvider? time = null)
    {
        json ??= (JsonTypeInfo<T>)JsonSerializerOptions.Web.GetTypeInfo(typeof(T));
        var builder = MessageBuilder.Rent();
        try
        {
            return Begin(builder, type, source, id, subject, partitionKey, time).Set("datacontenttype", "application/json").BuildJson(data, json);
        }
        finally
        {
            builder.Return();
        }
    }

    /// <summary>Makes an event whose data is bytes. They are copied.</summary>
    /// <param name="type">What happened, such as <c>com.example.order.placed</c>.</param>
    /// <param name="source">A URI-reference: where it happened.</param>
    /// <param name="data">The data.</param>
    /// <param name="contentType">The media type of the data, such as <c>image/png</c> or <c>application/json</c>.</param>
    /// <param name="id">With <paramref name="source"/> unique per event; null for a new UUID version 7.</param>
    /// <param name="subject">What it happened to.</param>
    /// <param name="partitionKey">What must stay in order.</param>
    /// <param name="time">Gives <c>time</c> and the time in a new id; null for the system clock.</param>
    /// <exception cref="ArgumentException">A value breaks a rule of CloudEvents.</exception>
    public static Message CreateBytes(
        string type,
        string source,
        ReadOnlySpan<byte> data,
        string contentType,
        string? id = null,
        string? subject = null,
        string? partitionKey = null,
        TimeProvider? time = null)
    {
        var builder = MessageBuilder.Rent();
        try
        {
            return Begin(builder, type, source, id, subject, partitionKey, time).Set("datacontenttype", contentType).BuildBytes(data);
        }
        finally
        {
            builder.Return();
        }
    }

    private static MessageBuilder Begin(
        MessageBuilder builder, string type, string source, string? id, string? subject, string? partitionKey, TimeProvider? time)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(source);
        var now = (time ?? TimeProvider.System).GetUtcNow();
        return builder
            .Set("id", id ?? Guid.CreateVersion7(now).ToString())
            .Set("source", source)
            .Set("type", type)
            .Set("subject", subject)
            .Set("time", now)
            .Set("partitionkey", partitionKey);
    }
}
