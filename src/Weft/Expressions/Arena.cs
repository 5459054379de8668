namespace Weft.Expressions;

/// <summary>
/// The memory of one evaluation: bytes for the texts and room for the lists that it makes. After the first evaluations it allocates nothing
/// more; what it handed out is used again after <see cref="Reset"/>.
/// </summary>
/// <remarks>Not safe for use from many threads.</remarks>
internal sealed class Arena
{
    private byte[] _bytes = [];
    private int _used;
    private CelValue[] _items = [];
    private int _itemsUsed;
    private CelValue[] _stack = new CelValue[16];
    private long _spent;

    /// <summary>How many bytes one evaluation may make; an item of a list counts as 24. Default 16 MB.</summary>
    public long MaxBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Set once the evaluation has used more than <see cref="MaxBytes"/>.</summary>
    public CelError? Limit { get; private set; }

    /// <summary>How many bytes the evaluation may still make.</summary>
    public long BytesLeft => Math.Max(0, MaxBytes - _spent);

    /// <summary>How many values stand on the stack of the lists that are being built.</summary>
    public int StackTop { get; private set; }

    /// <summary>Room for bytes. Room of up to <paramref name="bytes"/> is used; <see cref="Keep"/> gives back what is not.</summary>
    public bool TryReserve(long bytes, out ArraySegment<byte> room)
    {
        if (bytes > Array.MaxLength ? !Exceed() : !TrySpend(bytes))
        {
            room = default;
            return false;
        }
        var length = (int)bytes;
        if (_bytes.Length - _used < length)
        {
            // What was handed out stays in the old array.
            _bytes = new byte[Math.Max(length, Math.Max(256, _bytes.Length * 2))];
            _used = 0;
        }
        room = new ArraySegment<byte>(_bytes, _used, length);
        _used += length;
        return true;
    }

    /// <summary>Says how much of the room that was reserved last is used. What is not used does not count.</summary>
    /// <returns><paramref name="length"/>.</returns>
    public int Keep(ArraySegment<byte> room, int length)
    {
        if (room.Array == _bytes && room.Offset + room.Count == _used)
        {
            _used = room.Offset + length;
            _spent -= room.Count - length;
        }
        return length;
    }

    /// <summary>A copy of a text as a value.</summary>
    public CelValue String(ReadOnlySpan<byte> utf8)
    {
        if (!TryReserve(utf8.Length, out var room))
            return CelValue.Of(Limit!);
        utf8.CopyTo(room);
        return CelValue.String(room.Array!, room.Offset, room.Count);
    }

    /// <summary>A text of UTF-16 as a value. Half surrogate pairs become U+FFFD.</summary>
    public CelValue String(ReadOnlySpan<char> text)
    {
        if (!TryReserve(System.Text.Encoding.UTF8.GetMaxByteCount(text.Length), out var room))
            return CelValue.Of(Limit!);
        var length = System.Text.Encoding.UTF8.GetBytes(text, room);
        return CelValue.String(room.Array!, room.Offset, Keep(room, length));
    }

    /// <summary>
    /// Puts an item on the stack of the lists that are being built. When they would grow beyond <see cref="MaxBytes"/>, the item is left out
    /// and <see cref="Limit"/> is set.
    /// </summary>
    public void Push(in CelValue item)
    {
        if (StackTop == _stack.Length && !TryGrowStack())
            return;
        _stack[StackTop++] = item;
    }

    /// <summary>Puts items on the stack that are still to be set; they have no value.</summary>
    /// <returns>The items, until the next one is pushed; empty when the stack would grow beyond <see cref="MaxBytes"/>.</returns>
    public Span<CelValue> PushRoom(int count)
    {
        while (_stack.Length - StackTop < count)
        {
            if (!TryGrowStack())
                return [];
        }
        var room = _stack.AsSpan(StackTop, count);
        room.Clear();
        StackTop += count;
        return room;
    }

    /// <summary>What stands on the stack above <paramref name="bottom"/>, until the next item is pushed.</summary>
    public Span<CelValue> Above(int bottom) => _stack.AsSpan(bottom, StackTop - bottom);

    /// <summary>Makes a list of what stands on the stack above <paramref name="bottom"/> and takes it off.</summary>
    public CelValue PopList(int bottom)
    {
        var count = StackTop - bottom;
        if (!TrySpend(24L * count))
        {
            StackTop = bottom;
            return CelValue.Of(Limit!);
        }
        if (_items.Length - _itemsUsed < count)
        {
            _items = new CelValue[Math.Max(count, Math.Max(16, _items.Length * 2))];
            _itemsUsed = 0;
        }
        _stack.AsSpan(bottom, count).CopyTo(_items.AsSpan(_itemsUsed));
        var list = CelValue.List(_items, _itemsUsed, count);
        _itemsUsed += count;
        StackTop = bottom;
        return list;
    }

    /// <summary>Takes what stands above <paramref name="bottom"/> off the stack.</summary>
    public void Drop(int bottom) => StackTop = bottom;

    /// <summary>Counts memory that the evaluation takes elsewhere.</summary>
    public bool TrySpend(long bytes)
    {
        _spent += bytes;
        return _spent <= MaxBytes ? Limit is null : Exceed();
    }

    /// <summary>Makes everything that was handed out free again.</summary>
    public void Reset()
    {
        _used = 0;
        _itemsUsed = 0;
        StackTop = 0;
        _spent = 0;
        Limit = null;
    }

    private bool TryGrowStack()
    {
        if (24L * _stack.Length >= MaxBytes)
            return Exceed();
        Array.Resize(ref _stack, _stack.Length * 2);
        return true;
    }

    private bool Exceed()
    {
        Limit ??= new CelError(CelErrorKind.Limit, $"The expression makes more than {MaxBytes} bytes of values.");
        return false;
    }
}
