namespace Weft.Messages;

/// <summary>
/// The stored form of a message. A version byte; then the attributes; then an end mark that says what the data is; then
/// the data up to the end. <c>specversion</c> is not stored: it is 1.0 by the version byte.
/// <code>
/// message   = %x01 *attribute end *OCTET
/// attribute = tag [ nameLength name ] valueLength value    ; the name only for extensions
/// tag       = 0 type:3 known:4                             ; known 0 = an extension that is stored by name
/// end       = 1 zero:5 kind:2                              ; kind = DataKind
/// </code>
/// <c>nameLength</c> is one byte, <c>valueLength</c> a little-endian base-128 number of up to four bytes. Known attributes
/// come first, ascending by number, so that <c>id</c>, <c>source</c> and <c>type</c> always lead; extensions follow in the
/// order in which they were set.
/// </summary>
internal static class MessageLayout
{
    public const byte Version = 1;
    public const byte EndMark = 0x80;
    public const int KnownCount = 11;
    public const int MaxValueLength = (1 << 28) - 1;

    /// <summary>The number of the attribute of this name; <see cref="KnownAttribute.Extension"/> for all others.</summary>
    public static KnownAttribute Find(ReadOnlySpan<byte> name)
    {
        switch (name.Length)
        {
            case 2 when name.SequenceEqual("id"u8):
                return KnownAttribute.Id;
            case 4 when name.SequenceEqual("type"u8):
                return KnownAttribute.Type;
            case 4 when name.SequenceEqual("time"u8):
                return KnownAttribute.Time;
            case 6 when name.SequenceEqual("source"u8):
                return KnownAttribute.Source;
            case 7 when name.SequenceEqual("subject"u8):
                return KnownAttribute.Subject;
            case 10 when name.SequenceEqual("dataschema"u8):
                return KnownAttribute.DataSchema;
            case 10 when name.SequenceEqual("tracestate"u8):
                return KnownAttribute.TraceState;
            case 11 when name.SequenceEqual("traceparent"u8):
                return KnownAttribute.TraceParent;
            case 12 when name.SequenceEqual("partitionkey"u8):
                return KnownAttribute.PartitionKey;
            case 15 when name.SequenceEqual("datacontenttype"u8):
                return KnownAttribute.DataContentType;
            default:
                return KnownAttribute.Extension;
        }
    }

    /// <summary>The name of a known attribute.</summary>
    public static ReadOnlySpan<byte> NameOf(KnownAttribute known) => known switch
    {
        KnownAttribute.Id => "id"u8,
        KnownAttribute.Source => "source"u8,
        KnownAttribute.Type => "type"u8,
        KnownAttribute.Subject => "subject"u8,
        KnownAttribute.Time => "time"u8,
        KnownAttribute.DataContentType => "datacontenttype"u8,
        KnownAttribute.DataSchema => "dataschema"u8,
        KnownAttribute.PartitionKey => "partitionkey"u8,
        KnownAttribute.TraceParent => "traceparent"u8,
        KnownAttribute.TraceState => "tracestate"u8,
        _ => default,
    };

    /// <summary>Writes one attribute; <paramref name="into"/> holds at least <see cref="MaxSize"/> bytes.</summary>
    /// <returns>How many bytes it took.</returns>
    public static int Write(Span<byte> into, KnownAttribute known, AttributeType type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var at = 0;
        into[at++] = (byte)((int)type << 4 | (int)known);
        if (known == KnownAttribute.Extension)
        {
            into[at++] = (byte)name.Length;
            name.CopyTo(into[at..]);
            at += name.Length;
        }
        var rest = (uint)value.Length;
        for (; rest >= 0x80; rest >>= 7)
            into[at++] = (byte)(rest | 0x80);
        into[at++] = (byte)rest;
        value.CopyTo(into[at..]);
        return at + value.Length;
    }

    /// <summary>The most bytes an attribute can take.</summary>
    public static int MaxSize(int nameLength, int valueLength) => 1 + 1 + nameLength + 4 + valueLength;
}

/// <summary>The attributes that are stored by number. Numbers are part of the stored form and never change.</summary>
internal enum KnownAttribute : byte
{
    Extension = 0,
    Id = 1,
    Source = 2,
    Type = 3,
    Subject = 4,
    Time = 5,
    DataContentType = 6,
    DataSchema = 7,
    PartitionKey = 8,
    TraceParent = 9,
    TraceState = 10,
}

/// <summary>What the data of a message is. Numbers are part of the stored form and never change.</summary>
internal enum DataKind : byte
{
    /// <summary>There is none.</summary>
    None = 0,

    /// <summary>Bytes of which only <c>datacontenttype</c> says what they are.</summary>
    Bytes = 1,

    /// <summary>UTF-8 text: the JSON form carries it as a string.</summary>
    Text = 2,

    /// <summary>A JSON value that is known to be well-formed.</summary>
    Json = 3,
}
