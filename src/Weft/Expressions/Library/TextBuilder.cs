namespace Weft.Expressions.Library;

/// <summary>Builds a text whose length is not known before, in the arena. Once the arena is full it takes no more.</summary>
/// <param name="arena">Where the text goes.</param>
/// <param name="capacity">How long it will be, as far as one can tell; at least 1.</param>
internal struct TextBuilder(Arena arena, int capacity)
{
    private ArraySegment<byte> _room;
    private int _length;

    public void Append(ReadOnlySpan<byte> utf8)
    {
        if (utf8.TryCopyTo(Room(utf8.Length)))
            _length += utf8.Length;
    }

    public void Append(byte ascii)
    {
        var room = Room(1);
        if (room.IsEmpty)
            return;
        room[0] = ascii;
        _length++;
    }

    /// <summary>At least so many bytes to write to, or none when the arena is full. <see cref="Advance"/> says how many were used.</summary>
    public Span<byte> Room(int length) =>
        _room.Count - _length >= length || TryGrow(length) ? _room.AsSpan(_length) : [];

    public void Advance(int length) => _length += length;

    /// <summary>Whether nothing has been appended, or this byte last.</summary>
    public readonly bool EndsIn(byte ascii) => _length == 0 || _room[_length - 1] == ascii;

    /// <summary>The text, or the error that there is no memory for it. Nothing is to be appended after it.</summary>
    public readonly CelValue ToValue()
    {
        if (arena.Limit is { } limit)
            return CelValue.Of(limit);
        return _room.Array is null ? CelValue.String([]) : CelValue.String(_room.Array, _room.Offset, arena.Keep(_room, _length));
    }

    private bool TryGrow(int length)
    {
        var old = _room;
        if (old.Array is not null)
            arena.Keep(old, 0);
        // Twofold as long as the limit allows, so that a text that just fits is not refused.
        var wanted = Math.Min(old.Array is null ? capacity : 2L * old.Count, arena.BytesLeft);
        if (!arena.TryReserve(Math.Max(wanted, (long)_length + length), out var room))
        {
            _room = default;
            _length = 0;
            return false;
        }
        // In place, the bytes are where they were.
        if (old.Array is not null && (room.Array != old.Array || room.Offset != old.Offset))
            old.AsSpan(0, _length).CopyTo(room);
        _room = room;
        return true;
    }
}
