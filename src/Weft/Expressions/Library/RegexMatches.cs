using System.Text;

namespace Weft.Expressions.Library;

/// <summary>Goes through the matches of a regular expression as Go does: none overlap, and an empty one does not follow another match directly.</summary>
internal ref struct RegexMatches(CompiledRegex regex, ReadOnlySpan<byte> text, Frame frame)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private readonly Re2Machine _machine = regex.Rent();
    private int _next;
    private int _lastEnd = -1;

    public readonly int Start => _machine.Match[0];

    public readonly int End => _machine.Match[1];

    public bool MoveNext()
    {
        while (_next <= _text.Length && frame.Halted is null && _machine.Find(_text, _next, frame))
        {
            _next = End;
            if (Start < End || Start != _lastEnd)
            {
                _lastEnd = End;
                return true;
            }
            // One code point on; behind the end there is nothing more.
            Rune.DecodeFromUtf8(_text[_next..], out _, out var length);
            _next += Math.Max(length, 1);
        }
        return false;
    }

    /// <summary>Where a group is: 0 for the whole; an empty range when it took no part.</summary>
    public readonly Range Group(int number) =>
        _machine.Match[2 * number] is >= 0 and var start ? start.._machine.Match[2 * number + 1] : default;

    /// <summary>To be called at the end.</summary>
    public readonly void Dispose() => regex.Return(_machine);
}
