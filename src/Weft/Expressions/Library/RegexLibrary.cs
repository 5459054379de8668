using System.Buffers;

namespace Weft.Expressions.Library;

/// <summary>
/// <c>matches</c> of CEL's own definition and the regex extension of cel-go: <c>regex.replace</c>, <c>regex.extract</c> and
/// <c>regex.extractAll</c>. The syntax is that of RE2; no pattern and no text takes more than linear time.
/// </summary>
internal static class RegexLibrary
{
    private static readonly CelType s_optionalText = CelType.Optional(CelType.String);
    private static readonly CelType s_texts = CelType.List(CelType.String);
    private static readonly CelValue s_none = CelValue.Of(CelOptional.None);

    private static readonly CelValue s_manyGroups = CelValue.Of(CelError.Argument(
        "regex.extract() and regex.extractAll() take patterns with one group at most: write (?:...) for the others."));

    private static readonly CelValue s_noReplacement = CelValue.Of(CelError.Argument(
        "In the replacement of regex.replace(), \\ stands before a digit, for a group that the pattern has, or before another \\."));

    public static void Register(Registry registry)
    {
        CelType text = CelType.String;
        registry.Global("matches", "matches", [text, text], CelType.Bool, Matches);
        registry.Member("matches", "matches_string", [text, text], CelType.Bool, Matches);
        registry.Global("regex.extract", "regex_extract_string_string", [text, text], s_optionalText, Extract);
        registry.Global("regex.extractAll", "regex_extractAll_string_string", [text, text], s_texts, ExtractAll);
        registry.Global("regex.replace", "regex_replace_string_string_string", [text, text, text], text,
            static (frame, v) => Replace(frame, v, -1));
        registry.Global("regex.replace", "regex_replace_string_string_string_int", [text, text, text, CelType.Int], text,
            static (frame, v) => Replace(frame, v, v[3].AsInt));
    }

    private static CelValue Matches(Frame frame, ReadOnlySpan<CelValue> values) =>
        RegexCache.Shared.TryGet(frame, values[1].AsSpan, out var regex, out var error) ? regex.IsMatch(frame, values[0].AsSpan) : error;

    /// <summary>The first match, or of it the group when the pattern has one. A group without text is none.</summary>
    private static CelValue Extract(Frame frame, ReadOnlySpan<CelValue> values)
    {
        if (!TryOpen(frame, values, out var regex, out var rented, out var error))
            return error;
        var matches = Open(regex, values[0], rented, regex.Groups > 0);
        var found = matches.MoveNext() ? Slice(values[0], matches.Group(regex.Groups)) : default;
        Close(rented);
        return found.IsError || regex.Groups > 0 && found.AsSpan.IsEmpty ? s_none : CelValue.Of(CelOptional.Of(found));
    }

    private static CelValue ExtractAll(Frame frame, ReadOnlySpan<CelValue> values)
    {
        if (!TryOpen(frame, values, out var regex, out var rented, out var error))
            return error;
        var arena = frame.Arena;
        var bottom = arena.StackTop;
        var matches = Open(regex, values[0], rented, regex.Groups > 0);
        while (matches.MoveNext() && TryGoOn(frame, values[0], matches))
        {
            var found = Slice(values[0], matches.Group(regex.Groups));
            if (regex.Groups == 0 || !found.AsSpan.IsEmpty)
                arena.Push(found);
        }
        Close(rented);
        if (frame.Halted is null)
            return arena.PopList(bottom);
        arena.Drop(bottom);
        return frame.Stopped();
    }

    /// <summary>Replaces the first matches, all of them when <paramref name="count"/> is below 0.</summary>
    private static CelValue Replace(Frame frame, ReadOnlySpan<CelValue> values, long count)
    {
        if (!TryOpen(frame, values, out var regex, out var rented, out var error, maxGroups: int.MaxValue))
            return error;
        ReadOnlySpan<byte> text = values[0].AsSpan, replacement = values[2].AsSpan;
        var result = new TextBuilder(frame.Arena, text.Length + 16);
        var matches = Open(regex, values[0], rented, regex.Groups > 0 && replacement.Contains((byte)'\\'));
        var (done, isRight) = (0, true);
        for (; count != 0 && matches.MoveNext() && TryGoOn(frame, values[0], matches); count--)
        {
            result.Append(text[done..matches.Start]);
            done = matches.Start + matches.Length;
            isRight = TryExpand(ref result, text, replacement, matches, regex.Groups);
            if (!isRight)
                break;
        }
        Close(rented);
        result.Append(text[done..]);
        return frame.Halted is not null ? frame.Stopped() : isRight ? result.ToValue() : s_noReplacement;
    }

    private static bool TryExpand(ref TextBuilder result, ReadOnlySpan<byte> text, ReadOnlySpan<byte> replacement, in RegexMatches matches, int groups)
    {
        while (replacement.IndexOf((byte)'\\') is >= 0 and var at)
        {
            result.Append(replacement[..at]);
            if (at + 1 == replacement.Length)
                return false;
            var next = replacement[at + 1];
            if (next == '\\')
                result.Append(next);
            else if (char.IsAsciiDigit((char)next) && next - '0' <= groups)
                result.Append(text[matches.Group(next - '0')]);
            else
                return false;
            replacement = replacement[(at + 2)..];
        }
        result.Append(replacement);
        return true;
    }

    private static bool TryOpen(Frame frame, ReadOnlySpan<CelValue> values, out CompiledRegex regex, out char[] rented, out CelValue error, int maxGroups = 1)
    {
        rented = [];
        if (!RegexCache.Shared.TryGet(frame, values[1].AsSpan, out regex, out error))
            return false;
        if (regex.Groups > maxGroups)
        {
            error = s_manyGroups;
            return false;
        }
        var length = values[0].AsSpan.Length;
        if (!regex.TryRead(frame, length) || regex.Groups > 0 && !frame.Arena.TrySpend(2L * length))
        {
            error = frame.Stopped();
            return false;
        }
        rented = ArrayPool<char>.Shared.Rent(length);
        return true;
    }

    private static RegexMatches Open(CompiledRegex regex, in CelValue text, char[] rented, bool withGroups)
    {
        var chars = rented.AsSpan(0, text.AsSpan.Length);
        CompiledRegex.Widen(text.AsSpan, chars);
        // .NET tells groups of strings only.
        return withGroups ? regex.MatchesWithGroups(text.AsSpan, chars.ToString()) : regex.Matches(text.AsSpan, chars);
    }

    private static void Close(char[] rented) => ArrayPool<char>.Shared.Return(rented);

    /// <summary>Counts what the search for the next match may cost: in the worst case, all of the text that is left.</summary>
    private static bool TryGoOn(Frame frame, in CelValue text, in RegexMatches matches) =>
        frame.TryStep(1 + (text.AsSpan.Length - matches.Start) / 256);

    private static CelValue Slice(in CelValue text, Range range)
    {
        var part = text.AsSegment[range];
        return CelValue.String(part.Array!, part.Offset, part.Count);
    }
}
