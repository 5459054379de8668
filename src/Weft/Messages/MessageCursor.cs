namespace Weft.Messages;

/// <summary>Walks over the stored form of a message. Never reads outside it, whatever the bytes are.</summary>
internal ref struct MessageCursor(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    public KnownAttribute Known { get; private set; }
    public AttributeType Type { get; private set; }
    public ReadOnlySpan<byte> Name { get; private set; }
    public int ValueStart { get; private set; }
    public int ValueLength { get; private set; }

    /// <summary>Where the data begins and what it is, once <see cref="Step"/> gave <see cref="CursorStep.End"/>.</summary>
    public int DataStart { get; private set; }
    public DataKind DataKind { get; private set; }

    public readonly ReadOnlySpan<byte> Value => _bytes.Slice(ValueStart, ValueLength);

    public CursorStep Step()
    {
        if (_at == 0)
        {
            if (_bytes.IsEmpty || _bytes[0] != MessageLayout.Version)
                return CursorStep.Corrupt;
            _at = 1;
        }
        if (_at >= _bytes.Length)
            return CursorStep.Corrupt;
        var tag = _bytes[_at];
        return tag < MessageLayout.EndMark ? StepAttribute(tag) : StepEnd(tag);
    }

    /// <summary>Goes to a known attribute.</summary>
    /// <exception cref="InvalidDataException">The bytes are no message.</exception>
    public bool Find(KnownAttribute wanted)
    {
        CursorStep step;
        while ((step = Step()) == CursorStep.Attribute)
        {
            if (Known == wanted)
                return true;
            if (Known == KnownAttribute.Extension || Known > wanted)
                return false;
        }
        ThrowIfCorrupt(step);
        return false;
    }

    /// <summary>Goes to the extension of a name.</summary>
    /// <exception cref="InvalidDataException">The bytes are no message.</exception>
    public bool Find(ReadOnlySpan<byte> extension)
    {
        CursorStep step;
        while ((step = Step()) == CursorStep.Attribute)
        {
            if (Known == KnownAttribute.Extension && Name.SequenceEqual(extension))
                return true;
        }
        ThrowIfCorrupt(step);
        return false;
    }

    /// <summary>Goes to the data.</summary>
    /// <exception cref="InvalidDataException">The bytes are no message.</exception>
    public void FindData()
    {
        CursorStep step;
        do
            step = Step();
        while (step == CursorStep.Attribute);
        ThrowIfCorrupt(step);
    }

    public static void ThrowIfCorrupt(CursorStep step)
    {
        if (step == CursorStep.Corrupt)
            throw new InvalidDataException("These bytes are no stored message; allowed is what Message.Bytes gave. Message.TryRead says what is wrong.");
    }

    private CursorStep StepAttribute(byte tag)
    {
        var at = _at + 1;
        Known = (KnownAttribute)(tag & 0x0F);
        Type = (AttributeType)(tag >> 4);
        if ((int)Known >= MessageLayout.KnownCount || Type > AttributeType.Integer)
            return CursorStep.Corrupt;
        if (Known == KnownAttribute.Extension)
        {
            if (at >= _bytes.Length)
                return CursorStep.Corrupt;
            var nameLength = _bytes[at++];
            if (nameLength > _bytes.Length - at)
                return CursorStep.Corrupt;
            Name = _bytes.Slice(at, nameLength);
            at += nameLength;
        }
        else
        {
            Name = MessageLayout.NameOf(Known);
        }
        if (!TryReadLength(ref at, out var length) || length > _bytes.Length - at)
            return CursorStep.Corrupt;
        ValueStart = at;
        ValueLength = length;
        _at = at + length;
        return CursorStep.Attribute;
    }

    private CursorStep StepEnd(byte tag)
    {
        if (tag > (MessageLayout.EndMark | (byte)DataKind.Json))
            return CursorStep.Corrupt;
        DataKind = (DataKind)(tag & 0x03);
        DataStart = _at + 1;
        return DataKind != DataKind.None || DataStart == _bytes.Length ? CursorStep.End : CursorStep.Corrupt;
    }

    private readonly bool TryReadLength(ref int at, out int length)
    {
        length = 0;
        for (var shift = 0; shift < 28; shift += 7)
        {
            if (at >= _bytes.Length)
                return false;
            var part = _bytes[at++];
            length |= (part & 0x7F) << shift;
            if (part < 0x80)
                return true;
        }
        return false;
    }
}

/// <summary>What a step of the cursor found.</summary>
internal enum CursorStep
{
    Attribute,
    End,
    Corrupt,
}
