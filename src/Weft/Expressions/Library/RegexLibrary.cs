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

    private static readonly Dictionary<string, Search> s_searches = new(StringComparer.Ordinal)
    {
        ["matches"] = static (frame, regex, v) => regex.IsMatch(frame, v[0].AsSpan),
        ["matches_string"] = static (frame, regex, v) => regex.IsMatch(frame, v[0].AsSpan),
        ["regex_extract_string_string"] = Extract,
        ["regex_extractAll_string_string"] = ExtractAll,
        ["regex_replace_string_string_string"] = static (frame, regex, v) => Replace(frame, regex, v, -1),
        ["regex_replace_string_string_string_int"] = static (frame, regex, v) => Replace(frame, regex, v, v[3].AsInt),
    };

    /// <summary>Does a function with the regular expression that its second argument is.</summary>
    private delegate CelValue Search(Frame frame, CompiledRegex regex, ReadOnlySpan<CelValue> values);

    public static void Register(Registry registry)
    {
        CelType text = CelType.String;
        Declare("matches", "matches", CelType.Bool, text, text);
        registry.Member("matches", "matches_string", [text, text], CelType.Bool, Cached("matches_string"));
        Declare("regex.extract", "regex_extract_string_string", s_optionalText, text, text);
        Declare("regex.extractAll", "regex_extractAll_string_string", s_texts, text, text);
        Declare("regex.replace", "regex_replace_string_string_string", text, text, text, text);
        Declare("regex.replace", "regex_replace_string_string_string_int", text, text, text, text, CelType.Int);

        void Declare(string name, string id, CelType result, params CelType[] parameters) => registry.Global(name, id, parameters, result, Cached(id));
    }

    /// <summary>An overload for calls whose regular expression is known: it asks no cache and counts no steps for compiling.</summary>
    public static Overload With(CompiledRegex regex, Overload overload) =>
        s_searches.TryGetValue(overload.Id, out var search) ? overload with { Run = (frame, values) => search(frame, regex, values) } : overload;

    private static Implementation Cached(string id)
    {
        var search = s_searches[id];
        return (frame, values) => RegexCache.Shared.TryGet(frame, values[1].AsSpan, out var regex, out var error) ? search(frame, regex, values) : error;
    }

    /// <summary>The first match, or of it the group when the pattern has one. A group without text is none.</summary>
    private static CelValue Extract(Frame frame, CompiledRegex regex, ReadOnlySpan<CelValue> values)
    {
        if (!TryFind(frame, regex, values, maxGroups: 1, out var error))
            return error.IsError ? error : s_none;
        using var matches = new RegexMatches(regex, values[0].AsSpan, frame);
        var isFound = matches.MoveNext();
        if (frame.Halted is not null)
            return frame.Stopped();
        var found = isFound ? Slice(values[0], matches.Group(regex.Groups)) : default;
        return found.IsError || regex.Groups > 0 && found.AsSpan.IsEmpty ? s_none : CelValue.Of(CelOptional.Of(found));
    }

    private static CelValue ExtractAll(Frame frame, CompiledRegex regex, ReadOnlySpan<CelValue> values)
    {
        var arena = frame.Arena;
        var bottom = arena.StackTop;
        if (!TryFind(frame, regex, values, maxGroups: 1, out var error))
            return error.IsError ? error : arena.PopList(bottom);
        using var matches = new RegexMatches(regex, values[0].AsSpan, frame);
        while (matches.MoveNext())
        {
            var found = Slice(values[0], matches.Group(regex.Groups));
            if (regex.Groups == 0 || !found.AsSpan.IsEmpty)
                arena.Push(found);
        }
        if (frame.Halted is null)
            return arena.PopList(bottom);
        arena.Drop(bottom);
        return frame.Stopped();
    }

    /// <summary>Replaces the first matches, all of them when <paramref name="count"/> is below 0.</summary>
    private static CelValue Replace(Frame frame, CompiledRegex regex, ReadOnlySpan<CelValue> values, long count)
    {
        if (!TryFind(frame, regex, values, int.MaxValue, out var error))
            return error.IsError ? error : values[0];
        ReadOnlySpan<byte> text = values[0].AsSpan, replacement = values[2].AsSpan;
        var result = new TextBuilder(frame.Arena, text.Length + 16);
        var done = 0;
        using var matches = new RegexMatches(regex, text, frame);
        for (; count != 0 && matches.MoveNext(); count--)
        {
            result.Append(text[done..matches.Start]);
            done = matches.End;
            if (!TryExpand(ref result, text, replacement, matches, regex.Groups))
                return s_noReplacement;
        }
        result.Append(text[done..]);
        return frame.Halted is not null ? frame.Stopped() : result.ToValue();
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

    /// <summary>Whether there is anything to be found: that is known fast. When not, the error says why, or is no error.</summary>
    private static bool TryFind(Frame frame, CompiledRegex regex, ReadOnlySpan<CelValue> values, int maxGroups, out CelValue error)
    {
        error = regex.Groups > maxGroups ? s_manyGroups : regex.IsMatch(frame, values[0].AsSpan);
        return error.IsTrue;
    }

    private static CelValue Slice(in CelValue text, Range range)
    {
        var part = text.AsSegment[range];
        return CelValue.String(part.Array!, part.Offset, part.Count);
    }
}
