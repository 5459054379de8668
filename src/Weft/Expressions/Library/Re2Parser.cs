using System.Text;

namespace Weft.Expressions.Library;

/// <summary>
/// Reads the syntax of RE2 as Go's package regexp has it with Perl's extensions, which is what CEL uses. Everything else is an error: no
/// pattern takes another meaning than there.
/// </summary>
internal sealed partial class Re2Parser
{
    // As in RE2.
    private const int MaxRepeat = 1000;

    // RE2 has 1000; the stack of any thread bears this one with the two walks over the tree.
    private const int MaxDepth = 200;

    private readonly string _text;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private int _at;
    private int _depth;
    private Re2Flags _flags;

    private Re2Parser(string text) => _text = text;

    /// <summary>How many groups are remembered.</summary>
    public int Groups { get; private set; }

    private bool IsAtEnd => _at == _text.Length;

    /// <summary>Reads a pattern.</summary>
    /// <param name="pattern">Without half surrogate pairs.</param>
    /// <param name="groups">How many groups it has.</param>
    /// <param name="error">What is wrong and at which place (in code units, from 0), when the result is null.</param>
    public static Re2Node? Parse(string pattern, out int groups, out string error)
    {
        var parser = new Re2Parser(pattern);
        groups = 0;
        try
        {
            var root = parser.Choice();
            if (!parser.IsAtEnd)
                throw parser.Fails("has a ) without its (; write \\) for the character");
            groups = parser.Groups;
            error = "";
            return root;
        }
        catch (Re2Exception problem)
        {
            // Patterns are constants as a rule: that reading one goes wrong is not part of evaluating expressions.
            error = problem.Message;
            return null;
        }
    }

    private Re2Exception Fails(string what, int? at = null) => new($"The regular expression {what} (at {at ?? _at}).");

    private bool Take(string text)
    {
        if (string.CompareOrdinal(_text, _at, text, 0, text.Length) != 0)
            return false;
        _at += text.Length;
        return true;
    }

    private int TakeCodePoint()
    {
        if (IsAtEnd)
            throw Fails("ends too early");
        Rune.DecodeFromUtf16(_text.AsSpan(_at), out var rune, out var length);
        _at += length;
        return rune.Value;
    }

    private Re2Node Choice()
    {
        if (++_depth > MaxDepth)
            throw Fails($"is nested too deep: up to {MaxDepth} levels are allowed");
        var flags = _flags;
        var items = new List<Re2Node>();
        do
            items.Add(Sequence());
        while (Take("|"));
        _flags = flags;
        _depth--;
        return items.Count == 1 ? items[0] : new Re2Choice([.. items]);
    }

    private Re2Node Sequence()
    {
        var items = new List<Re2Node>();
        while (!IsAtEnd && _text[_at] is not ('|' or ')'))
        {
            if (Take("\\Q"))
                Quoted(items);
            else if (IsAtRepeat())
                // Flags between an item and its repetition are no item.
                RepeatLast(items);
            else if (Item() is { } item)
                items.Add(Repeated(item));
        }
        return items.Count == 1 ? items[0] : new Re2Sequence([.. items]);
    }

    /// <summary>Text to the next \E, without meaning. A repetition behind it is of the last character.</summary>
    private void Quoted(List<Re2Node> items)
    {
        var before = items.Count;
        while (!IsAtEnd && !Take("\\E"))
            items.Add(Literal(TakeCodePoint()));
        if (items.Count > before)
            items[^1] = Repeated(items[^1]);
    }

    /// <summary>One item; null for flags, which are none.</summary>
    private Re2Node? Item()
    {
        var start = _at;
        switch (_text[_at++])
        {
            case '(':
                return Group(start);
            case '[':
                return Set(Class(start));
            case '.':
                return Set(_flags.HasFlag(Re2Flags.DotAll) ? CodePointSet.Of(0, CodePointSet.Max) : CodePointSet.Of('\n', '\n').Negate());
            case '^':
                return new Re2Place(_flags.HasFlag(Re2Flags.Multiline) ? Re2PlaceKind.LineStart : Re2PlaceKind.TextStart);
            case '$':
                return new Re2Place(_flags.HasFlag(Re2Flags.Multiline) ? Re2PlaceKind.LineEnd : Re2PlaceKind.TextEnd);
            case '\\':
                return Escape(start);
            default:
                _at = start;
                return Literal(TakeCodePoint());
        }
    }

    private static Re2Set Set(CodePointSet set) => new(set);

    private Re2Set Literal(int codePoint)
    {
        var set = CodePointSet.Of(codePoint, codePoint);
        return Set(_flags.HasFlag(Re2Flags.IgnoreCase) ? set.Fold() : set);
    }

    private Re2Node Escape(int start)
    {
        if (IsAtEnd)
            throw Fails("ends with \\; write \\\\ for the character", start);
        switch (_text[_at])
        {
            case 'A':
                return Place(Re2PlaceKind.TextStart);
            case 'z':
                return Place(Re2PlaceKind.TextEnd);
            case 'b':
                return Place(Re2PlaceKind.WordBoundary);
            case 'B':
                return Place(Re2PlaceKind.NoWordBoundary);
        }
        return NamedClass(start) is { } set ? Set(set) : Literal(EscapedCodePoint(start));

        Re2Place Place(Re2PlaceKind kind)
        {
            _at++;
            return new Re2Place(kind);
        }
    }

    private Re2Node Repeated(Re2Node item)
    {
        var start = _at;
        if (!TryRepeat(out var min, out var max))
            return item;
        var lazy = Take("?") != _flags.HasFlag(Re2Flags.SwapGreed);
        var repeat = new Re2Repeat(item, min, max, lazy);
        if (repeat.Repeats > MaxRepeat)
            throw Fails($"repeats more than {MaxRepeat} times; nested repetitions multiply", start);
        var next = _at;
        if (TryRepeat(out _, out _))
            throw Fails($"repeats a repetition with {_text[next.._at]}; put the first into a group: (?:...)", next);
        return repeat;
    }

    private void RepeatLast(List<Re2Node> items)
    {
        if (items.Count == 0)
            throw Fails($"has nothing before {_text[_at]} that could be repeated; write \\{_text[_at]} for the character");
        items[^1] = Repeated(items[^1]);
    }

    private bool IsAtRepeat()
    {
        var start = _at;
        var isRepeat = TryRepeat(out _, out _);
        _at = start;
        return isRepeat;
    }

    private bool TryRepeat(out int min, out int? max)
    {
        (min, max) = (0, null);
        if (Take("*"))
            return true;
        if (Take("+"))
        {
            min = 1;
            return true;
        }
        if (Take("?"))
        {
            max = 1;
            return true;
        }
        return TryCount(out min, out max);
    }

    /// <summary>A count in braces. What does not look like one stands for itself.</summary>
    private bool TryCount(out int min, out int? max)
    {
        (min, max) = (0, null);
        var start = _at;
        if (!Take("{") || !TryNumber(out min))
            return Back();
        if (!Take(","))
            max = min;
        else if (TryNumber(out var last))
            max = last;
        if (!Take("}"))
            return Back();
        if (min > MaxRepeat || max > MaxRepeat)
            throw Fails($"repeats more than {MaxRepeat} times", start);
        if (max < min)
            throw Fails($"repeats at least {min} but at most {max} times", start);
        return true;

        bool Back()
        {
            _at = start;
            return false;
        }
    }

    private bool TryNumber(out int number)
    {
        var start = _at;
        number = 0;
        for (; !IsAtEnd && char.IsAsciiDigit(_text[_at]); _at++)
            number = Math.Min(number * 10 + (_text[_at] - '0'), MaxRepeat + 1);
        // A number with a leading zero is no count in Go, and so the braces stand for themselves.
        return _at > start && (_text[start] != '0' || _at == start + 1);
    }
}

[Flags]
internal enum Re2Flags : byte
{
    None = 0,
    IgnoreCase = 1,
    Multiline = 2,
    DotAll = 4,
    SwapGreed = 8,
}

/// <summary>Something is wrong in a pattern. Never leaves the parser.</summary>
internal sealed class Re2Exception(string message) : Exception(message);
