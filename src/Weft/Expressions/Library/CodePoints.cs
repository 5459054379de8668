using System.Numerics;
using System.Runtime.Intrinsics;

namespace Weft.Expressions.Library;

/// <summary>Places in UTF-8 by code points, which is how CEL counts.</summary>
internal static class CodePoints
{
    /// <summary>How many there are.</summary>
    public static int Count(ReadOnlySpan<byte> utf8)
    {
        var count = utf8.Length;
        for (; utf8.Length >= Vector128<byte>.Count; utf8 = utf8[Vector128<byte>.Count..])
            count -= Continuations(utf8);
        foreach (var unit in utf8)
            count -= IsContinuation(unit) ? 1 : 0;
        return count;
    }

    /// <summary>Where a code point begins; the length for the one behind the last, -1 beyond that and for a negative index.</summary>
    public static int Offset(ReadOnlySpan<byte> utf8, long index)
    {
        if (index < 0 || index > utf8.Length)
            return -1;
        var at = 0;
        for (; utf8.Length - at >= Vector128<byte>.Count; at += Vector128<byte>.Count)
        {
            var begin = Vector128<byte>.Count - Continuations(utf8[at..]);
            if (begin > index)
                break;
            index -= begin;
        }
        for (; at < utf8.Length; at++)
        {
            if (!IsContinuation(utf8[at]) && index-- == 0)
                return at;
        }
        return index == 0 ? at : -1;
    }

    /// <summary>How long the code point is that begins at a place.</summary>
    public static int Length(ReadOnlySpan<byte> utf8, int at)
    {
        var end = at + 1;
        while (end < utf8.Length && IsContinuation(utf8[end]))
            end++;
        return end - at;
    }

    public static bool IsContinuation(byte unit) => (unit & 0xC0) == 0x80;

    /// <summary>How many of the first 16 bytes go on with a code point: as signed numbers they are below -64.</summary>
    private static int Continuations(ReadOnlySpan<byte> utf8) =>
        BitOperations.PopCount(Vector128.LessThan(Vector128.Create(utf8).AsSByte(), Vector128.Create((sbyte)-64)).ExtractMostSignificantBits());
}
