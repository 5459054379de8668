using System.Globalization;
using System.Text;

namespace Weft.Expressions.Library;

/// <summary>
/// Sets of code points as .NET patterns over the bytes of UTF-8. A byte is a char of its own: ASCII stands for itself, the others are in the
/// private use area, so that they are neither letters nor digits for .NET and <c>\b</c> means what it means in RE2.
/// </summary>
internal static class Utf8Pattern
{
    /// <summary>What makes a byte above 0x7F a char.</summary>
    public const int HighBytes = 0xE000;

    public const string Nothing = @"[^\s\S]";

    private const int Lead = 0xC0, FirstTail = 0x80;

    /// <summary>Exactly the code points of the set.</summary>
    public static string Of(CodePointSet set)
    {
        var choices = new List<string>();
        if (set.Part(0, 0x7F) is { Count: > 0 } ascii)
            choices.Add(Class(ascii, 0));
        AddBlocks(choices, new Blocks(set, 0x80), 0, 32, 1, 0xC0);
        AddBlocks(choices, new Blocks(set, 0x800), 0, 16, 2, 0xE0);
        AddBlocks(choices, new Blocks(set, 0x10000), 0, 5, 3, 0xF0);
        return choices.Count switch
        {
            0 => Nothing,
            1 => choices[0],
            _ => $"(?:{string.Join('|', choices)})",
        };
    }

    /// <summary>Whether the set has all code points beyond ASCII. Then <see cref="Broad"/> finds the same in well-formed texts.</summary>
    public static bool IsBroad(CodePointSet set) => set.Ranges is [.., ( <= 0x80, CodePointSet.Max)];

    /// <summary>A byte that begins a code point, and those that go on with it: far shorter than <see cref="Of"/>.</summary>
    public static string Broad(CodePointSet set)
    {
        var first = set.Part(0, 0x7F);
        first.Add((HighBytes + Lead, HighBytes + 0xFF));
        return Class(first, 0) + Tails + "*";
    }

    /// <summary>Any number of code points of such a set.</summary>
    public static string BroadRun(CodePointSet set)
    {
        var all = set.Part(0, 0x7F);
        all.Add((HighBytes + FirstTail, HighBytes + 0xFF));
        return Class(all, 0);
    }

    private static string Tails { get; } = Class([(FirstTail, 0xBF)], HighBytes);

    /// <summary>
    /// Blocks of code points, each with a first byte of its own and so many bytes behind it. Blocks that go on alike share one choice.
    /// </summary>
    private static void AddBlocks(List<string> choices, Blocks blocks, int start, int count, int tails, int firstByte)
    {
        var size = 1 << (6 * tails);
        var byTail = new OrderedDictionary<string, List<(int, int)>>(StringComparer.Ordinal);
        for (var block = 0; block < count; block++)
        {
            if (Tail(blocks, start + block * size, tails) is not { } tail)
                continue;
            if (!byTail.TryGetValue(tail, out var bytes))
                byTail[tail] = bytes = [];
            bytes.Add((firstByte + block, firstByte + block));
        }
        foreach (var (tail, bytes) in byTail)
            choices.Add(Class(bytes, HighBytes) + tail);
    }

    /// <summary>The bytes behind the first for the code points of one block; null when there are none.</summary>
    private static string? Tail(Blocks blocks, int start, int tails)
    {
        var (first, last) = (Math.Max(start, blocks.Min), start + (1 << (6 * tails)) - 1);
        if (last < first || blocks.Set.Part(first, last) is not { Count: > 0 } part)
            return null;
        if (part is [(0, var end)] && end == last - first)
            return string.Concat(Enumerable.Repeat(Tails, tails));
        if (tails == 1)
            return Class(part, HighBytes + FirstTail);
        var choices = new List<string>();
        AddBlocks(choices, blocks, start, 64, tails - 1, FirstTail);
        return choices.Count == 1 ? choices[0] : $"(?:{string.Join('|', choices)})";
    }

    private static string Class(List<(int First, int Last)> ranges, int offset)
    {
        if (ranges is [var (only, same)] && only == same)
            return Char(only + offset);
        var text = new StringBuilder("[");
        foreach (var (first, last) in ranges)
        {
            text.Append(Char(first + offset));
            if (last > first)
                text.Append('-').Append(Char(last + offset));
        }
        return text.Append(']').ToString();
    }

    private static string Char(int unit) => unit < 0x80 && char.IsAsciiLetterOrDigit((char)unit)
        ? ((char)unit).ToString()
        : @"\u" + unit.ToString("X4", CultureInfo.InvariantCulture);

    /// <summary>What is written in blocks.</summary>
    /// <param name="Set">The code points.</param>
    /// <param name="Min">The first code point that takes so many bytes.</param>
    private readonly record struct Blocks(CodePointSet Set, int Min);
}
