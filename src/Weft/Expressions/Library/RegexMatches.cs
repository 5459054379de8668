using System.Text.RegularExpressions;

namespace Weft.Expressions.Library;

/// <summary>
/// Goes through the matches of a regular expression as Go does: none overlap, none is within a code point, and an empty one does not follow
/// another match directly.
/// </summary>
internal ref struct RegexMatches
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly Regex? _regex;
    private readonly string? _chars;
    private Regex.ValueMatchEnumerator _values;
    private Match? _match;
    private int _lastEnd = -1;

    public RegexMatches(ReadOnlySpan<byte> text, Regex.ValueMatchEnumerator values)
    {
        _text = text;
        _values = values;
    }

    public RegexMatches(ReadOnlySpan<byte> text, Regex regex, string chars)
    {
        _text = text;
        _regex = regex;
        _chars = chars;
    }

    public int Start { get; private set; }

    public int Length { get; private set; }

    public bool MoveNext()
    {
        while (Next())
        {
            if (Length == 0 && (Start == _lastEnd || Start < _text.Length && (_text[Start] & 0xC0) == 0x80))
                continue;
            _lastEnd = Start + Length;
            return true;
        }
        return false;
    }

    /// <summary>Where a group is: 0 for the whole; an empty range when it took no part.</summary>
    public readonly Range Group(int number)
    {
        if (_match is null || number == 0)
            return Start..(Start + Length);
        var group = _match.Groups[number];
        return group.Success ? group.Index..(group.Index + group.Length) : default;
    }

    private bool Next()
    {
        if (_regex is null)
        {
            if (!_values.MoveNext())
                return false;
            (Start, Length) = (_values.Current.Index, _values.Current.Length);
            return true;
        }
        _match = _match is null ? _regex.Match(_chars!) : _match.NextMatch();
        (Start, Length) = (_match.Index, _match.Length);
        return _match.Success;
    }
}
