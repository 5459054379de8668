namespace Weft.Messages;

/// <summary>The attributes of a message in stored order: <c>id</c>, <c>source</c> and <c>type</c> lead. <c>specversion</c>, always 1.0, is not among them. Enumerating allocates nothing.</summary>
public readonly ref struct MessageAttributes
{
    private readonly ReadOnlySpan<byte> _bytes;

    internal MessageAttributes(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Begins at the first attribute.</summary>
    public Enumerator GetEnumerator() => new(_bytes);

    /// <summary>Enumerates attributes.</summary>
    public ref struct Enumerator
    {
        private MessageCursor _cursor;

        internal Enumerator(ReadOnlySpan<byte> bytes) => _cursor = new MessageCursor(bytes);

        /// <summary>The attribute it is at.</summary>
        public readonly MessageAttribute Current => new(_cursor.Name, _cursor.Value, _cursor.Type);

        internal readonly KnownAttribute Known => _cursor.Known;

        /// <summary>Goes to the next attribute; false after the last one.</summary>
        /// <exception cref="InvalidDataException">The bytes are no message.</exception>
        public bool MoveNext()
        {
            var step = _cursor.Step();
            MessageCursor.ThrowIfCorrupt(step);
            return step == CursorStep.Attribute;
        }
    }
}

/// <summary>One attribute of a message, as slices of its bytes.</summary>
public readonly ref struct MessageAttribute
{
    internal MessageAttribute(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, AttributeType type)
    {
        Name = name;
        Value = value;
        Type = type;
    }

    /// <summary>The name: 1 to 64 of <c>a-z 0-9</c>.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The value in its canonical string form (CloudEvents, section "Type System"), as UTF-8.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>The JSON type that structured mode writes.</summary>
    public AttributeType Type { get; }
}

#pragma warning disable CA1720 // The names are those of the CloudEvents type system.
/// <summary>The type of an attribute as far as a message knows it: binary mode carries strings only. Numbers are part of the stored form.</summary>
public enum AttributeType : byte
{
    /// <summary>String, Binary, URI, URI-reference and Timestamp.</summary>
    String = 0,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean = 1,

    /// <summary>A whole number of 32 bits, kept as its digits.</summary>
    Integer = 2,
}
#pragma warning restore CA1720
