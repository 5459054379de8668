using System.Globalization;

namespace Weft.Expressions.Library;

/// <summary>Classes and escapes.</summary>
internal sealed partial class Re2Parser
{
    /// <summary>A class in brackets, behind the first of them.</summary>
    private CodePointSet Class(int start)
    {
        var set = new CodePointSet();
        var negated = Take("^");
        for (var first = true; first || IsAtEnd || _text[_at] != ']'; first = false)
        {
            if (IsAtEnd)
                throw Fails("has a [ without its ]; write \\[ for the character", start);
            if (PosixClass() is { } posix)
                set.Add(posix);
            else if (NamedClass(_at, inClass: true) is { } named)
                set.Add(named);
            else
                Range(set);
        }
        _at++;
        // Named classes are folded already; folding twice changes nothing.
        if (_flags.HasFlag(Re2Flags.IgnoreCase))
            set = set.Fold();
        return negated ? set.Negate() : set;
    }

    private void Range(CodePointSet set)
    {
        var start = _at;
        var first = ClassCodePoint();
        var last = first;
        if (_at + 1 < _text.Length && _text[_at] == '-' && _text[_at + 1] != ']')
        {
            _at++;
            last = ClassCodePoint();
        }
        if (last < first)
            throw Fails($"has the range {_text[start.._at]}, whose end is before its start", start);
        set.Add(first, last);
    }

    private int ClassCodePoint()
    {
        var start = _at;
        return Take("\\") ? EscapedCodePoint(start) : TakeCodePoint();
    }

    private CodePointSet? PosixClass()
    {
        if (!IsBefore("[:"))
            return null;
        var end = _text.IndexOf(":]", _at + 2, StringComparison.Ordinal);
        if (end < 0)
            return null;
        var name = _text.AsSpan(_at + 2, end - _at - 2);
        var negated = name.StartsWith("^");
        var set = UnicodeClasses.Posix(negated ? name[1..] : name)
            ?? throw Fails($"has the unknown class {_text[_at..(end + 2)]}; [:alpha:], [:alnum:], [:digit:], [:space:] and their like are allowed");
        _at = end + 2;
        return Named(set, negated);
    }

    /// <summary>A class behind a backslash; null when there is something else.</summary>
    /// <param name="start">Where the backslash is.</param>
    /// <param name="inClass">Whether the backslash is still to be taken.</param>
    private CodePointSet? NamedClass(int start, bool inClass = false)
    {
        var at = inClass ? _at + 1 : _at;
        if (at >= _text.Length || inClass && _text[_at] != '\\')
            return null;
        var letter = _text[at];
        if (letter is 'p' or 'P')
        {
            _at = at + 1;
            return UnicodeClass(start, letter == 'P');
        }
        if (UnicodeClasses.Perl(char.ToLowerInvariant(letter)) is not { } perl)
            return null;
        _at = at + 1;
        return Named(perl, char.IsAsciiLetterUpper(letter));
    }

    private CodePointSet UnicodeClass(int start, bool negated)
    {
        string name;
        if (Take("{"))
        {
            var end = _text.IndexOf('}', _at);
            if (end < 0)
                throw Fails("has a { without its }", start);
            name = _text[_at..end];
            _at = end + 1;
            if (name.StartsWith('^'))
            {
                negated = !negated;
                name = name[1..];
            }
        }
        else
            name = char.ConvertFromUtf32(TakeCodePoint());
        var set = UnicodeClasses.Find(name)
            ?? throw Fails($"has the unknown class {_text[start.._at]}; {UnicodeClasses.Allowed} allowed", start);
        return Named(set, negated);
    }

    private CodePointSet Named(CodePointSet set, bool negated)
    {
        if (_flags.HasFlag(Re2Flags.IgnoreCase))
            set = set.Fold();
        return negated ? set.Negate() : set;
    }

    /// <summary>The code point that an escape means, behind its backslash.</summary>
    private int EscapedCodePoint(int start)
    {
        var letter = TakeCodePoint();
        switch (letter)
        {
            case 'a':
                return '\a';
            case 'f':
                return '\f';
            case 't':
                return '\t';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 'v':
                return '\v';
            case 'x':
                return Hexadecimal(start);
            case '0':
            case >= '1' and <= '7' when !IsAtEnd && _text[_at] is >= '0' and <= '7':
                return Octal(letter - '0');
            case >= '1' and <= '9':
                throw Fails("refers back to a group, which RE2 cannot do in linear time", start);
            case 'C':
                throw Fails("has \\C: single bytes of a text cannot be matched; . matches a character", start);
            case 'Z':
                throw Fails("has \\Z, which RE2 does not know; \\z is the end of the text", start);
            case < 0x80 when !char.IsAsciiLetterOrDigit((char)letter):
                return letter;
            default:
                throw Fails($"has the unknown escape {_text[start.._at]}", start);
        }
    }

    private int Octal(int value)
    {
        for (var count = 1; count < 3 && !IsAtEnd && _text[_at] is >= '0' and <= '7'; count++)
            value = value * 8 + (_text[_at++] - '0');
        return value;
    }

    private int Hexadecimal(int start)
    {
        var braces = Take("{");
        var end = braces ? _text.IndexOf('}', _at) : _at + 2;
        if (end > _at && end <= _text.Length
            && int.TryParse(_text.AsSpan(_at, end - _at), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            && value is >= 0 and <= CodePointSet.Max)
        {
            _at = braces ? end + 1 : end;
            return value;
        }
        throw Fails("has an escape of hexadecimal digits that is neither \\x7F nor \\x{10FFFF}", start);
    }
}
