using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Weft.Messages;

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
        var outer = depth;
        // A bit for each list and map that is open, the innermost last: 1 for a map.
        ulong maps = 0;
        while (true)
        {
            var first = Next(json, ref at);
            if (first is (byte)'{' or (byte)'[')
            {
                if (++depth > JsonText.MaxDepth)
                    return Broken;
                var isMap = first == '{';
                maps = (maps << 1) | (isMap ? 1UL : 0);
                at++;
                if (Next(json, ref at) != (isMap ? '}' : ']'))
                {
                    if (isMap && (at = SkipName(json, at)) < 0)
                        return Broken;
                    continue;
                }
            }
            else
            {
                at = first == '"' ? SkipText(json, at) : SkipScalar(json, at, first);
                if (at < 0 || depth == outer)
                    return at;
            }
            // Behind a value: what is open goes on, or ends here.
            while (true)
            {
                var isMap = (maps & 1) != 0;
                var next = Next(json, ref at);
                at++;
                if (next == ',')
                {
                    if (isMap && (at = SkipName(json, JsonSlice.SkipSpace(json, at))) < 0)
                        return Broken;
                    break;
                }
                if (next != (isMap ? '}' : ']'))
                    return Broken;
                maps >>= 1;
                if (--depth == outer)
                    return at;
            }
        }
    }

    /// <summary>Passes over a text in quotes.</summary>
    /// <returns>The byte after it, or <see cref="Broken"/>.</returns>
    public static int SkipText(ReadOnlySpan<byte> json, int at) => SkipText(json, at, out _);

    /// <inheritdoc cref="SkipText(ReadOnlySpan{byte}, int)"/>
    /// <param name="json">The text.</param>
    /// <param name="at">Where the first quote is.</param>
    /// <param name="isPlain">Whether it stands there as it is meant, without escapes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SkipText(ReadOnlySpan<byte> json, int at, out bool isPlain)
    {
        isPlain = false;
        if (Peek(json, at) != '"')
            return Broken;
        at = SkipPlain(json, at + 1);
        isPlain = Peek(json, at) == '"';
        return isPlain ? at + 1 : SkipEscaped(json, at);
    }

    /// <summary>Passes over the colon behind a name and the white space around it.</summary>
    /// <returns>Where the value begins, or <see cref="Broken"/>.</returns>
    public static int SkipColon(ReadOnlySpan<byte> json, int at)
    {
        return Next(json, ref at) == ':' ? JsonSlice.SkipSpace(json, at + 1) : Broken;
    }

    /// <summary>The byte at a place; 0, which no JSON text has, behind the end.</summary>
    public static byte Peek(ReadOnlySpan<byte> json, int at) => (uint)at < (uint)json.Length ? json[at] : (byte)0;

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

    /// <summary>The rest of a text that has escapes, or no end.</summary>
    private static int SkipEscaped(ReadOnlySpan<byte> json, int at)
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

    private static int SkipName(ReadOnlySpan<byte> json, int at)
    {
        at = SkipText(json, at);
        return at >= 0 && Next(json, ref at) == ':' ? at + 1 : Broken;
    }

    private static int SkipScalar(ReadOnlySpan<byte> json, int at, byte first) => first switch
    {
        (byte)'t' => SkipWord(json, at, "true"u8),
        (byte)'f' => SkipWord(json, at, "false"u8),
        (byte)'n' => SkipWord(json, at, "null"u8),
        _ => SkipNumber(json, at),
    };

    private static int SkipWord(ReadOnlySpan<byte> json, int at, ReadOnlySpan<byte> word) => json[at..].StartsWith(word) ? at + word.Length : Broken;

    private static int SkipNumber(ReadOnlySpan<byte> json, int at)
    {
        if (Peek(json, at) == '-')
            at++;
        at = Peek(json, at) == '0' ? at + 1 : SkipDigits(json, at);
        if (at >= 0 && Peek(json, at) == '.')
            at = SkipDigits(json, at + 1);
        if (at < 0 || (Peek(json, at) | 0x20) != 'e')
            return at;
        at++;
        return SkipDigits(json, Peek(json, at) is (byte)'+' or (byte)'-' ? at + 1 : at);
    }

    private static int SkipDigits(ReadOnlySpan<byte> json, int at)
    {
        var start = at;
        while (char.IsAsciiDigit((char)Peek(json, at)))
            at++;
        return at > start ? at : Broken;
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
