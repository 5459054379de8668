using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Weft.Messages;

namespace Weft.Expressions;

/// <summary>
/// Passes over the values of a JSON text from front to back and checks their form, as <see cref="JsonForm"/> does for one. For 64 bytes at a
/// time it finds out at once where texts may end: the end of one is then a bit away from its begin, and not a search that the next one has to
/// wait for.
/// </summary>
/// <param name="json">The text. That it is UTF-8 is for the caller to know.</param>
internal ref struct JsonScan(ReadOnlySpan<byte> json)
{
    private const int BlockSize = 64;

    private readonly ReadOnlySpan<byte> _json = json;
    private int _block = -BlockSize;

    // A bit for each byte of the block that cannot stand in a text as it is.
    private ulong _stops;

    /// <summary>Passes over a value.</summary>
    /// <param name="at">Where the value begins; white space before it is gone already.</param>
    /// <param name="depth">In how many lists and maps it stands.</param>
    /// <returns>The byte after it, or <see cref="JsonForm.Broken"/>: no value begins here, or it is nested too deep.</returns>
    public int Skip(int at, int depth) => SkipValue(_json, at, depth);

    /// <summary>Passes over a text in quotes.</summary>
    /// <param name="at">Where the first quote is.</param>
    /// <param name="isPlain">Whether it stands there as it is meant, without escapes.</param>
    /// <returns>The byte after it, or <see cref="JsonForm.Broken"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int SkipText(int at, out bool isPlain)
    {
        var end = SkipPlain(_json, at);
        isPlain = true;
        return end >= 0 ? end : SkipLong(_json, at, out isPlain);
    }

    // What follows gets the text as an argument: a field would be read anew for each byte.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int SkipValue(ReadOnlySpan<byte> json, int at, int depth) =>
        JsonForm.Peek(json, at) == '"' ? SkipText(json, at) : SkipOther(json, at, depth);

    private int SkipOther(ReadOnlySpan<byte> json, int at, int depth)
    {
        var first = JsonForm.Peek(json, at);
        return first switch
        {
            (byte)'{' => SkipMap(json, at + 1, depth + 1),
            (byte)'[' => SkipList(json, at + 1, depth + 1),
            _ => JsonForm.SkipScalar(json, at, first),
        };
    }

    /// <summary>The rest of an object behind its brace.</summary>
    private int SkipMap(ReadOnlySpan<byte> json, int at, int depth)
    {
        if (depth > JsonText.MaxDepth)
            return JsonForm.Broken;
        if (JsonForm.Next(json, ref at) == '}')
            return at + 1;
        while (true)
        {
            at = SkipText(json, at);
            if (at < 0 || JsonForm.Next(json, ref at) != ':')
                return JsonForm.Broken;
            at = SkipValue(json, JsonSlice.SkipSpace(json, at + 1), depth);
            if (at < 0)
                return JsonForm.Broken;
            var next = JsonForm.Next(json, ref at);
            if (next != ',')
                return next == '}' ? at + 1 : JsonForm.Broken;
            at = JsonSlice.SkipSpace(json, at + 1);
        }
    }

    /// <summary>The rest of an array behind its bracket.</summary>
    private int SkipList(ReadOnlySpan<byte> json, int at, int depth)
    {
        if (depth > JsonText.MaxDepth)
            return JsonForm.Broken;
        if (JsonForm.Next(json, ref at) == ']')
            return at + 1;
        while (true)
        {
            at = SkipValue(json, at, depth);
            if (at < 0)
                return JsonForm.Broken;
            var next = JsonForm.Next(json, ref at);
            if (next != ',')
                return next == ']' ? at + 1 : JsonForm.Broken;
            at = JsonSlice.SkipSpace(json, at + 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int SkipText(ReadOnlySpan<byte> json, int at)
    {
        var end = SkipPlain(json, at);
        return end >= 0 ? end : SkipLong(json, at, out _);
    }

    /// <summary>Passes over a text that ends in the block that it begins in; <see cref="JsonForm.Broken"/> when it does not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int SkipPlain(ReadOnlySpan<byte> json, int at)
    {
        if (JsonForm.Peek(json, at) != '"')
            return JsonForm.Broken;
        at++;
        var offset = at - _block;
        if ((uint)offset >= BlockSize)
            return JsonForm.Broken;
        // Without a stop the text goes on behind the block.
        var stops = _stops >> offset;
        at += BitOperations.TrailingZeroCount(stops);
        return stops != 0 && JsonForm.Peek(json, at) == '"' ? at + 1 : JsonForm.Broken;
    }

    /// <summary>Passes over any text.</summary>
    private int SkipLong(ReadOnlySpan<byte> json, int at, out bool isPlain)
    {
        isPlain = false;
        if (JsonForm.Peek(json, at) != '"')
            return JsonForm.Broken;
        at = FindStop(at + 1);
        isPlain = JsonForm.Peek(json, at) == '"';
        return isPlain ? at + 1 : JsonForm.SkipEscaped(json, at);
    }

    /// <summary>The first byte that cannot stand in a text as it is, or the end.</summary>
    private int FindStop(int at)
    {
        if ((uint)(at - _block) < BlockSize)
        {
            var stops = _stops >> (at - _block);
            if (stops != 0)
                return at + BitOperations.TrailingZeroCount(stops);
            at = _block + BlockSize;
        }
        while (at < _json.Length)
        {
            _block = at;
            _stops = _json.Length - at >= BlockSize ? Stops(ref Unsafe.Add(ref MemoryMarshal.GetReference(_json), at)) : LastStops(_json[at..]);
            if (_stops != 0)
                return at + BitOperations.TrailingZeroCount(_stops);
            at += BlockSize;
        }
        return _json.Length;
    }

    private static ulong LastStops(ReadOnlySpan<byte> rest)
    {
        // What lies behind the end is 0, which stops.
        Span<byte> block = stackalloc byte[BlockSize];
        block.Clear();
        rest.CopyTo(block);
        return Stops(ref MemoryMarshal.GetReference(block));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Stops(ref byte block)
    {
        if (Vector256.IsHardwareAccelerated)
            return Stops(Vector256.LoadUnsafe(ref block)) | ((ulong)Stops(Vector256.LoadUnsafe(ref block, 32)) << 32);
        return Stops(Vector128.LoadUnsafe(ref block)) | ((ulong)Stops(Vector128.LoadUnsafe(ref block, 16)) << 16)
            | ((ulong)Stops(Vector128.LoadUnsafe(ref block, 32)) << 32) | ((ulong)Stops(Vector128.LoadUnsafe(ref block, 48)) << 48);
    }

    private static uint Stops(Vector256<byte> bytes) =>
        (Vector256.Equals(bytes, Vector256.Create((byte)'"')) | Vector256.Equals(bytes, Vector256.Create((byte)'\\'))
            | Vector256.Equals(Vector256.Min(bytes, Vector256.Create((byte)0x1F)), bytes)).ExtractMostSignificantBits();

    private static uint Stops(Vector128<byte> bytes) =>
        (Vector128.Equals(bytes, Vector128.Create((byte)'"')) | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))
            | Vector128.Equals(Vector128.Min(bytes, Vector128.Create((byte)0x1F)), bytes)).ExtractMostSignificantBits();
}
