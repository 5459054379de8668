using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Weft.Messages;

/// <summary>
/// CloudEvents over HTTP: the HTTP protocol binding 1.0.2 with the JSON event format 1.0.2, in binary, structured and
/// batched mode. Knows no web framework: headers come and go through <see cref="IHeaderReader"/> and <see cref="IHeaderWriter"/>.
/// </summary>
/// <remarks>
/// All methods are safe for use from many threads. What comes from outside never makes a read method throw: it gives an
/// <see cref="EventError"/>. A message that was read owns its bytes; the body may be reused at once.
/// </remarks>
public static class CloudEventHttp
{
    /// <summary>The content type of structured mode.</summary>
    public const string StructuredContentType = "application/cloudevents+json; charset=utf-8";

    /// <summary>The content type of batched mode.</summary>
    public const string BatchContentType = "application/cloudevents-batch+json; charset=utf-8";

    private const int MaxContentType = 256;

    /// <summary>
    /// Tells which mode a request or an answer is in (HTTP binding, section 3). Without a CloudEvents content type it is an
    /// event in binary mode when it has the header <c>ce-specversion</c>, and no event otherwise.
    /// </summary>
    /// <param name="contentType">The value of <c>Content-Type</c>; empty when there is none.</param>
    /// <param name="hasSpecVersion">Whether there is a header <c>ce-specversion</c>.</param>
    /// <param name="mode">The mode.</param>
    /// <param name="error">That the event format or its charset cannot be read: <see cref="EventError.Unsupported"/>.</param>
    public static bool TryGetMode(ReadOnlySpan<char> contentType, bool hasSpecVersion, out EventMode mode, [NotNullWhen(false)] out EventError? error)
    {
        error = null;
        mode = hasSpecVersion ? EventMode.Binary : EventMode.None;
        Span<byte> utf8 = stackalloc byte[MaxContentType];
        // A longer or non-ASCII content type cannot be one of ours.
        if (Ascii.FromUtf16(contentType, utf8, out var length) != OperationStatus.Done)
            return true;
        var essence = MediaType.Essence(utf8[..length], out _);
        if (!StartsWith(essence, "application/cloudevents"u8) || (essence.Length > 23 && essence[23] is not ((byte)'+' or (byte)'-')))
            return true;
        mode = Ascii.EqualsIgnoreCase(essence, "application/cloudevents+json"u8) ? EventMode.Structured
            : Ascii.EqualsIgnoreCase(essence, "application/cloudevents-batch+json"u8) ? EventMode.Batch
            : EventMode.None;
        if (mode != EventMode.None && MediaType.IsUtf8(utf8[..length]))
            return true;
        error = new EventError(EventError.Unsupported, null, $"Content-Type is {TextRules.Show(utf8[..length])}; allowed for events are "
            + "application/cloudevents+json and application/cloudevents-batch+json in UTF-8, or binary mode with ce- headers.");
        mode = EventMode.None;
        return false;
    }

    /// <summary>Reads an event in binary mode (HTTP binding, section 3.1). An empty body is an event without data.</summary>
    /// <param name="contentType">The value of <c>Content-Type</c>, which is <c>datacontenttype</c>; empty when there is none.</param>
    /// <param name="headers">All headers; those that do not begin with <c>ce-</c> are passed over.</param>
    /// <param name="body">The body, which is the data as it is.</param>
    /// <param name="message">The event.</param>
    /// <param name="error">What is wrong with it.</param>
    public static bool TryReadBinary<THeaders>(
        ReadOnlySpan<char> contentType,
        scoped ref THeaders headers,
        ReadOnlySpan<byte> body,
        out Message message,
        [NotNullWhen(false)] out EventError? error)
        where THeaders : IHeaderReader, allows ref struct
    {
        var builder = MessageBuilder.Rent();
        try
        {
            message = default;
            return BinaryEventReader.TryReadAttributes(builder, contentType, ref headers, out error)
                && builder.TryEnd(body.IsEmpty ? DataKind.None : DataKind.Bytes, body, out message, out error);
        }
        finally
        {
            builder.Return();
        }
    }

    /// <summary>Reads an event in structured mode (JSON format, section 3). Its data is kept as it is written, numbers with all their digits.</summary>
    /// <param name="body">The body: a JSON object in UTF-8, no deeper than 64 levels within <c>data</c>.</param>
    /// <param name="message">The event.</param>
    /// <param name="error">What is wrong with it.</param>
    public static bool TryReadStructured(ReadOnlySpan<byte> body, out Message message, [NotNullWhen(false)] out EventError? error)
    {
        var builder = MessageBuilder.Rent();
        try
        {
            return JsonEventReader.TryReadOne(body, builder, out message, out error);
        }
        finally
        {
            builder.Return();
        }
    }

    /// <summary>Reads a batch (JSON format, section 4); it may be empty. All events are read, or none.</summary>
    /// <param name="body">The body: a JSON array in UTF-8.</param>
    /// <param name="maxEvents">The most events that are taken.</param>
    /// <param name="into">Where the events are added in their order; left as it was on an error.</param>
    /// <param name="error">What is wrong with the first bad event, with its index.</param>
    public static bool TryReadBatch(ReadOnlySpan<byte> body, int maxEvents, IList<Message> into, [NotNullWhen(false)] out EventError? error)
    {
        ArgumentNullException.ThrowIfNull(into);
        var before = into.Count;
        var builder = MessageBuilder.Rent();
        try
        {
            if (JsonEventReader.TryReadBatch(body, maxEvents, builder, into, out error))
                return true;
            while (into.Count > before)
                into.RemoveAt(into.Count - 1);
            return false;
        }
        finally
        {
            builder.Return();
        }
    }

    /// <summary>Writes the headers of binary mode, <c>Content-Type</c> included; the body is <see cref="Message.Data"/>. Allocates the strings only.</summary>
    /// <exception cref="InvalidDataException">The bytes of the message are none.</exception>
    public static void WriteBinaryHeaders<THeaders>(Message message, scoped ref THeaders headers)
        where THeaders : IHeaderWriter, allows ref struct => BinaryEventWriter.Write(message, ref headers);

    /// <summary>
    /// Writes an event as in structured mode. Data that is JSON, or that <c>datacontenttype</c> calls JSON and that is well-formed,
    /// becomes <c>data</c> as it is; text that came as text becomes a string; all else becomes <c>data_base64</c>.
    /// </summary>
    /// <exception cref="InvalidDataException">The bytes of the message are none; part of it may be written.</exception>
    public static void WriteStructured(Message message, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        JsonEventWriter.Write(message, output);
    }

    /// <summary>Writes events as a batch, each as <see cref="WriteStructured"/> does.</summary>
    /// <exception cref="InvalidDataException">The bytes of a message are none; part of the batch may be written.</exception>
    public static void WriteBatch(ReadOnlySpan<Message> messages, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write("["u8);
        for (var i = 0; i < messages.Length; i++)
        {
            if (i > 0)
                output.Write(","u8);
            JsonEventWriter.Write(messages[i], output);
        }
        output.Write("]"u8);
    }

    private static bool StartsWith(ReadOnlySpan<byte> value, ReadOnlySpan<byte> start) =>
        value.Length >= start.Length && Ascii.EqualsIgnoreCase(value[..start.Length], start);
}

/// <summary>How an HTTP message carries events (HTTP binding, section 1.3).</summary>
public enum EventMode
{
    /// <summary>It carries none.</summary>
    None,

    /// <summary>Attributes in headers, data as the body.</summary>
    Binary,

    /// <summary>One event as a JSON object.</summary>
    Structured,

    /// <summary>Events as a JSON array.</summary>
    Batch,
}

/// <summary>The headers of an HTTP message, one after another. A header with several values is given once for each.</summary>
public interface IHeaderReader
{
    /// <summary>Goes to the next header; false after the last one. The spans are valid until the next call.</summary>
    bool TryRead(out ReadOnlySpan<char> name, out ReadOnlySpan<char> value);
}

/// <summary>Takes the headers of an HTTP message.</summary>
public interface IHeaderWriter
{
    /// <summary>Adds a header: <c>Content-Type</c>, or one in lower case that begins with <c>ce-</c>. Each name comes once; values are printable ASCII.</summary>
    void Add(string name, string value);
}
