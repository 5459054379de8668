using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Weft.Expressions;

/// <summary>
/// Passes over values of a JSON text and checks their form (RFC 8259), without making anything and without exceptions. What it has passed over
/// <see cref="JsonSlice"/> can read without checks. That the text is UTF-8 is for the caller to know.
/// </summary>
internal static class JsonForm
{
    /// <summary>What is given for the end of a value that has none.</summary>
    public const int Broken = -1;

    /// <summary>Passes over a value.</summary>
    /// <param name="json">The text.</param>
    /// <param name="at">Where the value begins; white space before it is gone already.</param>
    /// <param name="depth">In how many lists and maps it stands.</param>
    /// <returns>The byte after it, or <see cref="Broken"/>: no value begins here, or it is nested too deep.</returns>
    public static int Skip(ReadOnlySpan<byte> json, int at, int depth)
    {
        var first = Peek(json, at);
        return first is (byte)'{' or (byte)'[' ? new JsonScan(json).Skip(at, depth) : first == '"' ? SkipText(json, at) : SkipScalar(json, at, first);
    }

    /// <summary>Passes over a text in quotes.</summary>
    /// <returns>The byte after it, or <see cref="Broken"/>.</returns>
    public static int SkipText(ReadOnlySpan<byte> json, int at)
    {
        if (Peek(json, at) != '"')
            return Broken;
        at = SkipPlain(json, at + 1);
        return Peek(json, at) == '"' ? at + 1 : SkipEscaped(json, at);
    }

    /// <summary>Passes over the colon behind a name and the white space around it.</summary>
    /// <returns>Where the value begins, or <see cref="Broken"/>.</returns>
    public static int SkipColon(ReadOnlySpan<byte> json, int at) => Next(json, ref at) == ':' ? JsonSlice.SkipSpace(json, at + 1) : Broken;

    /// <summary>The byte at a place; 0, which no JSON text has, behind the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte Peek(ReadOnlySpan<byte> json, int at) => (uint)at < (uint)json.Length ? Unsafe.Add(ref MemoryMarshal.GetReference(json), at) : (byte)0;

    /// <summary>The first byte that is no white space, and its place; 0 behind the end. There is none at all in most texts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte Next(ReadOnlySpan<byte> json, ref int at)
    {
        var first = Peek(json, at);
        if (first > ' ')
            return first;
        at = JsonSlice.SkipSpaces(json, at);
        return Peek(json, at);
    }

    /// <summary>Passes over the rest of a text from the first byte on that is not meant as it stands there: an escape, or what must not be.</summary>
    /// <inheritdoc cref="SkipText"/>
    public static int SkipEscaped(ReadOnlySpan<byte> json, int at)
    {
        while (true)
        {
            var stop = Peek(json, at);
            if (stop == '"')
                return at + 1;
            if (stop != '\\' || (at = SkipEscape(json, at + 1)) < 0)
                return Broken;
            at = SkipPlain(json, at);
        }
    }

    /// <summary>Passes over what may stand in a text as it is. Most texts are short: a search that must be called takes longer than they do.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SkipPlain(ReadOnlySpan<byte> json, int at)
    {
        while (json.Length - at >= Vector128<byte>.Count)
        {
            var bytes = Vector128.LoadUnsafe(in MemoryMarshal.GetReference(json), (nuint)at);
            var control = Vector128.Create((byte)0x1F);
            var stops = Vector128.Equals(bytes, Vector128.Create((byte)'"')) | Vector128.Equals(bytes, Vector128.Create((byte)'\\')) | Vector128.Equals(Vector128.Min(bytes, control), bytes);
            var found = stops.ExtractMostSignificantBits();
            if (found != 0)
                return at + BitOperations.TrailingZeroCount(found);
            at += Vector128<byte>.Count;
        }
        while (Peek(json, at) is >= (byte)' ' and not (byte)'"' and not (byte)'\\')
            at++;
        return at;
    }

    /// <summary>Passes over a number, true, false or null.</summary>
    /// <inheritdoc cref="SkipText"/>
    public static int SkipScalar(ReadOnlySpan<byte> json, int at, byte first) => first switch
    {
        <= (byte)'9' => SkipNumber(json, at),
        (byte)'t' => SkipWord(json, at, "true"u8),
        (byte)'f' => SkipWord(json, at, "false"u8),
        (byte)'n' => SkipWord(json, at, "null"u8),
        _ => Broken,
    };

    private static int SkipWord(ReadOnlySpan<byte> json, int at, ReadOnlySpan<byte> word) => json[at..].StartsWith(word) ? at + word.Length : Broken;

    private static int SkipNumber(ReadOnlySpan<byte> json, int at)
    {
        var next = Peek(json, at);
        if (next == '-')
            next = Peek(json, ++at);
        if (next == '0')
            next = Peek(json, ++at);
        else if (!SkipDigits(json, ref at, ref next))
            return Broken;
        if (next == '.')
        {
            next = Peek(json, ++at);
            if (!SkipDigits(json, ref at, ref next))
                return Broken;
        }
        if ((next | 0x20) != 'e')
            return at;
        next = Peek(json, ++at);
        if (next is (byte)'+' or (byte)'-')
            next = Peek(json, ++at);
        return SkipDigits(json, ref at, ref next) ? at : Broken;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool SkipDigits(ReadOnlySpan<byte> json, ref int at, ref byte next)
    {
        if (!char.IsAsciiDigit((char)next))
            return false;
        do
            next = Peek(json, ++at);
        while (char.IsAsciiDigit((char)next));
        return true;
    }

    private static int SkipEscape(ReadOnlySpan<byte> json, int at)
    {
        switch (Peek(json, at))
        {
            case (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t':
                return at + 1;
            case (byte)'u':
                for (var end = at + 5; ++at < end;)
                {
                    if (!char.IsAsciiHexDigit((char)Peek(json, at)))
                        return Broken;
                }
                return at;
            default:
                return Broken;
        }
    }
}
