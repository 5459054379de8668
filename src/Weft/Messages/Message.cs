using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Weft.Messages;

/// <summary>
/// The item of the bus: a CloudEvents 1.0 event, kept as the bytes in which it is stored. Nothing is parsed until somebody
/// asks. A message is immutable; it does not own its bytes, which live as long as the page or buffer they were read into.
/// </summary>
/// <remarks>
/// Safe for use from many threads. Follows the CloudEvents 1.0.2 specification. Members that read throw
/// <see cref="InvalidDataException"/> when the bytes are no message, and never read outside them; bytes that may be damaged
/// go through <see cref="TryRead"/> first.
/// </remarks>
public readonly partial struct Message
{
    /// <summary>Reads a message from the bytes that <see cref="Bytes"/> gave earlier. The bytes are not copied and must not change.</summary>
    public Message(ReadOnlyMemory<byte> bytes) => Bytes = bytes;

    /// <summary>The whole message as it is stored; the format is Weft's own and versioned by its first byte.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Whether this is <c>default</c>: no message at all.</summary>
    public bool IsDefault => Bytes.IsEmpty;

    /// <summary><c>id</c>: with <see cref="Source"/> unique per event. Allocates the string, as all string properties do.</summary>
    public string Id => Required(KnownAttribute.Id);

    /// <summary><c>source</c>: a URI-reference; where the event happened.</summary>
    public string Source => Required(KnownAttribute.Source);

    /// <summary><c>type</c>: what happened.</summary>
    public string Type => Required(KnownAttribute.Type);

    /// <summary><c>subject</c>: what it happened to; null when not set.</summary>
    public string? Subject => Optional(KnownAttribute.Subject);

    /// <summary>
    /// <c>time</c>: when it happened; null when not set. Digits below 100 ns are cut; an offset beyond 14 h, which RFC 3339
    /// allows and <see cref="DateTimeOffset"/> does not, gives the same instant in UTC. The text as sent is in <see cref="Attributes"/>.
    /// </summary>
    public DateTimeOffset? Time => TryGet(KnownAttribute.Time, out var utf8) && Rfc3339.TryParse(utf8, out var time) ? time : null;

    /// <summary><c>datacontenttype</c>: the media type of <see cref="Data"/>; null when not set.</summary>
    public string? DataContentType => Optional(KnownAttribute.DataContentType);

    /// <summary><c>dataschema</c>: the URI of the schema of <see cref="Data"/>; null when not set.</summary>
    public string? DataSchema => Optional(KnownAttribute.DataSchema);

    /// <summary><c>partitionkey</c> (CloudEvents partitioning extension); null when not set.</summary>
    public string? PartitionKey => Optional(KnownAttribute.PartitionKey);

    /// <summary>All attributes but <c>specversion</c>.</summary>
    public MessageAttributes Attributes => new(Bytes.Span);

    /// <summary>Whether there is data; data may be empty.</summary>
    public bool HasData => FindData().DataKind != DataKind.None;

    /// <summary>The data as it stands in the body of a binary-mode request; empty when there is none. JSON keeps its digits and spacing.</summary>
    public ReadOnlyMemory<byte> Data => Bytes[FindData().DataStart..];

    /// <summary>Whether the data is UTF-8 JSON: well-formed when it came in structured mode, else only as <c>datacontenttype</c> says.</summary>
    public bool IsJsonData => FindData().DataKind switch
    {
        DataKind.Json => true,
        DataKind.Bytes => TryGet(KnownAttribute.DataContentType, out var type) && MediaType.IsUtf8Json(type),
        _ => false,
    };

    internal DataKind DataKind => FindData().DataKind;

    /// <summary>Finds an attribute by name. Allocates nothing.</summary>
    /// <param name="name">The name in lower case, <c>specversion</c> included.</param>
    /// <param name="utf8">The value in its canonical string form: a slice of the message.</param>
    /// <returns>False when it is not set.</returns>
    public bool TryGet(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> utf8)
    {
        var known = MessageLayout.Find(name);
        if (known != KnownAttribute.Extension)
            return TryGet(known, out utf8);
        if (name.SequenceEqual("specversion"u8))
        {
            utf8 = "1.0"u8;
            return true;
        }
        var cursor = new MessageCursor(Bytes.Span);
        var found = cursor.Find(name);
        utf8 = found ? cursor.Value : default;
        return found;
    }

    /// <summary>Reads a message from bytes that may be damaged, checking all of it. The bytes are not copied and must not change.</summary>
    /// <param name="bytes">What was stored.</param>
    /// <param name="message">The message.</param>
    /// <param name="problem">What is wrong, as a sentence without a full stop; null when nothing is.</param>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out Message message, [NotNullWhen(false)] out string? problem)
    {
        problem = MessageCheck.Problem(bytes.Span);
        message = problem is null ? new Message(bytes) : default;
        return problem is null;
    }

    /// <summary>The type, the id and the size, for debugging.</summary>
    public override string ToString() => IsDefault ? "no message" : $"{Type} {Id} ({Bytes.Length} bytes)";

    internal bool TryGet(KnownAttribute known, out ReadOnlySpan<byte> utf8)
    {
        var cursor = new MessageCursor(Bytes.Span);
        var found = cursor.Find(known);
        utf8 = found ? cursor.Value : default;
        return found;
    }

    private string Required(KnownAttribute known)
    {
        if (!TryGet(known, out var utf8))
            MessageCursor.ThrowIfCorrupt(CursorStep.Corrupt);
        return Encoding.UTF8.GetString(utf8);
    }

    private string? Optional(KnownAttribute known) => TryGet(known, out var utf8) ? Encoding.UTF8.GetString(utf8) : null;

    private MessageCursor FindData()
    {
        var cursor = new MessageCursor(Bytes.Span);
        cursor.FindData();
        return cursor;
    }
}
