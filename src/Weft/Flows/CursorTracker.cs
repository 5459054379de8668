using System.Numerics;

namespace Weft.Flows;

/// <summary>
/// Which positions of a log are settled: a low watermark below which all are, and a bitmap above it. Settling in order
/// costs nothing but moving the watermark. Not thread-safe.
/// </summary>
public sealed class CursorTracker
{
    private ulong[] _bits = new ulong[16];
    private int _words;

    /// <summary>Begins where <paramref name="cursor"/> is.</summary>
    public CursorTracker(in Cursor cursor)
    {
        Low = cursor.Low;
        var above = cursor.Above.Span;
        for (int i = 0; i < above.Length * 8; i++)
        {
            if ((above[i >> 3] & (1 << (i & 7))) != 0)
                Set(i);
        }
        Advance();
    }

    /// <summary>All positions up to this one are settled.</summary>
    public long Low { get; private set; }

    /// <summary>Marks a position as settled; one that is settled already stays so.</summary>
    public void Settle(long position)
    {
        long bit = position - Low - 1;
        if (bit < 0)
            return;
        if (bit == 0 && _words == 0)
        {
            Low = position;
            return;
        }
        Set(checked((int)bit));
        if (bit == 0)
            Advance();
    }

    /// <summary>How many bytes <see cref="WriteAbove"/> writes.</summary>
    public int AboveLength => _words * sizeof(ulong);

    /// <summary>Writes the bitmap above <see cref="Low"/> in the form of <see cref="Cursor.Above"/>.</summary>
    public void WriteAbove(Span<byte> into)
    {
        for (int i = 0; i < _words; i++)
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(into[(i * sizeof(ulong))..], _bits[i]);
    }

    /// <summary>The cursor, in memory of its own.</summary>
    public Cursor ToCursor()
    {
        var above = new byte[AboveLength];
        WriteAbove(above);
        return new(Low, above);
    }

    private void Set(int bit)
    {
        int word = bit >> 6;
        if (word >= _bits.Length)
            Array.Resize(ref _bits, Math.Max(word + 1, _bits.Length * 2));
        _bits[word] |= 1UL << (bit & 63);
        _words = Math.Max(_words, word + 1);
    }

    // Moves the watermark over the settled positions right above it and shifts the bitmap down by as many.
    private void Advance()
    {
        int run = 0;
        while (run >> 6 < _words)
        {
            int ones = BitOperations.TrailingZeroCount(~(_bits[run >> 6] >> (run & 63)));
            int room = 64 - (run & 63);
            run += Math.Min(ones, room);
            if (ones < room)
                break;
        }
        if (run == 0)
            return;

        Low += run;
        int skip = run >> 6, shift = run & 63;
        for (int i = 0; i < _words; i++)
        {
            ulong low = i + skip < _words ? _bits[i + skip] >> shift : 0;
            ulong high = shift != 0 && i + skip + 1 < _words ? _bits[i + skip + 1] << (64 - shift) : 0;
            _bits[i] = low | high;
        }
        while (_words > 0 && _bits[_words - 1] == 0)
            _words--;
    }
}
