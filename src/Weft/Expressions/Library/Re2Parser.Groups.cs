namespace Weft.Expressions.Library;

/// <summary>Groups and flags.</summary>
internal sealed partial class Re2Parser
{
    private const int MaxGroups = 100;

    private Re2Node? Group(int start)
    {
        if (!Take("?"))
            return Remembered(start);
        if (Take("P<") || (!IsBefore("<=") && !IsBefore("<!") && Take("<")))
        {
            Name(start);
            return Remembered(start);
        }
        if (!IsAtEnd && _text[_at] is '=' or '!' or '<')
            throw Fails("looks ahead or behind, which RE2 cannot do in linear time; match the text and look at a group instead", start);
        if (!IsAtEnd && _text[_at] is '>' or '#' or '(' or 'P' or '\'' or '&' or '|' or 'R')
            throw Fails($"has a group of the kind (?{_text[_at]}, which RE2 does not know; (?:...), (?P<name>...), (?<name>...) and (?flags) are allowed", start);
        var outer = _flags;
        Flags(start);
        if (Take(")"))
            return null;
        // Flags with a colon hold within the group.
        _at++;
        var item = Choice();
        _flags = outer;
        Close(start);
        return item;
    }

    private bool IsBefore(string text) => string.CompareOrdinal(_text, _at, text, 0, text.Length) == 0;

    private Re2Group Remembered(int start)
    {
        if (++Groups > MaxGroups)
            throw Fails($"has more than {MaxGroups} groups; write (?:...) for those whose text is not needed", start);
        var item = Choice();
        Close(start);
        return new Re2Group(item);
    }

    private void Close(int start)
    {
        if (!Take(")"))
            throw Fails("has a ( without its ); write \\( for the character", start);
    }

    private void Name(int start)
    {
        var end = _text.IndexOf('>', _at);
        var name = end < 0 ? "" : _text[_at..end];
        if (name.Length == 0 || !name.All(c => char.IsLetterOrDigit(c) || c == '_'))
            throw Fails("has a group whose name is not made of letters, digits and _", start);
        if (!_names.Add(name))
            throw Fails($"has two groups named {name}", start);
        _at = end + 1;
    }

    /// <summary>Letters before <c>)</c> or <c>:</c>, which is not taken; those behind a minus are taken away.</summary>
    private void Flags(int start)
    {
        var (minus, any) = (false, false);
        for (; !IsAtEnd && _text[_at] is not (')' or ':'); _at++)
        {
            if (_text[_at] == '-' && !minus)
            {
                (minus, any) = (true, false);
                continue;
            }
            var flag = _text[_at] switch
            {
                'i' => Re2Flags.IgnoreCase,
                'm' => Re2Flags.Multiline,
                's' => Re2Flags.DotAll,
                'U' => Re2Flags.SwapGreed,
                _ => throw Fails($"has the flag {_text[_at]}; i, m, s and U are allowed"),
            };
            any = true;
            _flags = minus ? _flags & ~flag : _flags | flag;
        }
        if (IsAtEnd)
            throw Fails("has a ( without its ); write \\( for the character", start);
        if (!any && (minus || _text[_at] == ')'))
            throw Fails("has a group of flags without flags", start);
    }
}
