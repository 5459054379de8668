using System.Globalization;

namespace Weft.Expressions.Syntax;

/// <summary>
/// Cuts the text of an expression into tokens (CEL language definition, section "Syntax"). It never fails: what is wrong is reported. An
/// operator of another language counts as the one that was meant, so that the parser can go on; all else is <see cref="TokenKind.Broken"/>.
/// </summary>
internal struct Lexer(string text, ICollection<CelProblem> problems)
{
    // So much of the text is shown in a message; the place shows the rest.
    private const int MaxShown = 40;

    private int _at;

    /// <summary>The position of the <c>}</c> that closes a hole of a template, past braces and texts within; -1 when there is none.</summary>
    /// <param name="text">The template.</param>
    /// <param name="from">Where the hole begins, behind its brace.</param>
    /// <param name="problems">Gets what keeps it from being found, when that is not only the end of the text.</param>
    public static int FindClose(string text, int from, ICollection<CelProblem> problems)
    {
        var found = new List<CelProblem>();
        var lexer = new Lexer(text, found) { _at = from };
        for (var open = 0; ;)
        {
            var token = lexer.Next();
            if (token.Kind == TokenKind.Broken)
                problems.Add(found[^1]);
            if (token.Kind is TokenKind.End or TokenKind.Broken)
                return -1;
            if (token.Kind == TokenKind.CloseBrace && open-- == 0)
                return token.Start;
            if (token.Kind == TokenKind.OpenBrace)
                open++;
        }
    }

    /// <summary>The next token; <see cref="TokenKind.End"/> at the end and ever after.</summary>
    public Token Next()
    {
        SkipSpace();
        if (_at >= text.Length)
            return new Token(TokenKind.End, text.Length, 0);
        var start = _at;
        var c = text[start];
        if (IsNameStart(c))
            return NameOrString(start);
        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1))))
            return Number(start);
        if (c is '"' or '\'')
            return Quoted(start, start, TokenKind.String, isRaw: false);
        return c == '`' ? BackTicks(start) : Sign(start, c);
    }

    private readonly char Peek(int ahead) => _at + ahead < text.Length ? text[_at + ahead] : '\0';

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private Token Take(TokenKind kind, int start, int end)
    {
        _at = end;
        return new Token(kind, start, end - start);
    }

    private void SkipSpace()
    {
        while (_at < text.Length)
        {
            if (text[_at] is ' ' or '\t' or '\n' or '\r' or '\f')
                _at++;
            else if (text[_at] == '/' && Peek(1) == '/')
                _at = text.IndexOf('\n', _at) is var end and >= 0 ? end : text.Length;
            else
                return;
        }
    }

    private Token NameOrString(int start)
    {
        var end = start + 1;
        while (end < text.Length && IsNamePart(text[end]))
            end++;
        if (end < text.Length && text[end] is '"' or '\'' && end - start <= 2)
        {
            switch (text.AsSpan(start, end - start))
            {
                case "r" or "R":
                    return Quoted(start, end, TokenKind.String, isRaw: true);
                case "b" or "B":
                    return Quoted(start, end, TokenKind.Bytes, isRaw: false);
                case "br" or "bR" or "Br" or "BR":
                    return Quoted(start, end, TokenKind.Bytes, isRaw: true);
                case "rb" or "rB" or "Rb" or "RB":
                    return Broken(start, end, "Raw bytes are written br'…', with the b first.");
            }
        }
        return Take(text.AsSpan(start, end - start) switch
        {
            "true" => TokenKind.True,
            "false" => TokenKind.False,
            "null" => TokenKind.Null,
            "in" => TokenKind.In,
            _ => TokenKind.Name,
        }, start, end);
    }

    private Token Number(int start)
    {
        var end = start;
        var kind = TokenKind.Int;
        if (text[end] == '0' && Peek(1) is 'x' or 'X')
        {
            end += 2;
            while (end < text.Length && char.IsAsciiHexDigit(text[end]))
                end++;
            if (end == start + 2)
                return Broken(start, end, $"'{text[start..end]}' needs hexadecimal digits, as in 0xff.");
        }
        else
        {
            end = Digits(end);
            if (end + 1 < text.Length && text[end] == '.' && char.IsAsciiDigit(text[end + 1]))
                (kind, end) = (TokenKind.Double, Digits(end + 1));
            if (end < text.Length && text[end] is 'e' or 'E')
            {
                var digits = end + (end + 1 < text.Length && text[end + 1] is '+' or '-' ? 2 : 1);
                if (digits < text.Length && char.IsAsciiDigit(text[digits]))
                    (kind, end) = (TokenKind.Double, Digits(digits));
            }
        }
        if (kind == TokenKind.Int && end < text.Length && text[end] is 'u' or 'U')
            (kind, end) = (TokenKind.UInt, end + 1);
        if (end < text.Length && IsNamePart(text[end]))
        {
            var rest = end;
            while (end < text.Length && IsNamePart(text[end]))
                end++;
            return Broken(start, end, $"{Show(text.AsSpan(start, end - start))} is no number: {Show(text.AsSpan(rest, end - rest))} cannot follow {Show(text.AsSpan(start, rest - start))}. A name begins with a letter or _.");
        }
        return Take(kind, start, end);
    }

    private readonly int Digits(int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        return at;
    }

    private Token Quoted(int start, int quote, TokenKind kind, bool isRaw)
    {
        var mark = text[quote];
        var isTriple = quote + 2 < text.Length && text[quote + 1] == mark && text[quote + 2] == mark;
        var end = quote + (isTriple ? 3 : 1);
        while (end < text.Length)
        {
            var c = text[end];
            if (c == '\\' && !isRaw)
                end += 2;
            else if (!isTriple && c is '\n' or '\r')
                break;
            else if (c == mark && (!isTriple || (end + 2 < text.Length && text[end + 1] == mark && text[end + 2] == mark)))
                return Take(kind, start, end + (isTriple ? 3 : 1));
            else
                end++;
        }
        var close = isTriple ? new string(mark, 3) : mark.ToString();
        return Broken(start, Math.Min(end, text.Length), $"The text that begins here is not closed. End it with {close}{(isTriple ? "" : "; a text over several lines stands between three quotes")}.");
    }

    private Token BackTicks(int start)
    {
        var end = start + 1;
        while (end < text.Length && (IsNamePart(text[end]) || text[end] is '.' or '-' or '/' or ' '))
            end++;
        if (end < text.Length && text[end] == '`' && end > start + 1)
            return Take(TokenKind.QuotedName, start, end + 1);
        var stop = end < text.Length ? end + 1 : end;
        return Broken(start, stop, "Between back-ticks stands a name of letters, digits, '_', '.', '-', '/' and spaces, such as `x-id`.");
    }

    private Token Sign(int start, char c)
    {
        var two = Peek(1);
        switch (c)
        {
            case '=' when two == '=':
                return Peek(2) == '=' ? Instead(TokenKind.Equal, start, 3, "Compare with '=='.") : Take(TokenKind.Equal, start, start + 2);
            case '=' when two is '>' or '<':
                return Instead(two == '>' ? TokenKind.GreaterOrEqual : TokenKind.LessOrEqual, start, 2,
                    two == '>' ? "Compare with '>='; what is done with each item of a list is written list.map(x, x + 1)." : "Write '<='.");
            case '=':
                return Instead(TokenKind.Equal, start, 1, "Compare with '=='.");
            case '!' when two == '=':
                return Peek(2) == '=' ? Instead(TokenKind.NotEqual, start, 3, "Compare with '!='.") : Take(TokenKind.NotEqual, start, start + 2);
            case '<' when two == '>':
                return Instead(TokenKind.NotEqual, start, 2, "Compare with '!='.");
            case '<' when two == '=':
                return Take(TokenKind.LessOrEqual, start, start + 2);
            case '>' when two == '=':
                return Take(TokenKind.GreaterOrEqual, start, start + 2);
            case '&' when two == '&':
                return Take(TokenKind.And, start, start + 2);
            case '|' when two == '|':
                return Take(TokenKind.Or, start, start + 2);
            case '&' or '|':
                return Instead(c == '&' ? TokenKind.And : TokenKind.Or, start, 1, $"The logical one is '{c}{c}'; for bits there are math.bitAnd and math.bitOr.");
            case '?' when two == '?':
                return Broken(start, start + 2, "'??' is no operator. A value for what may be missing is written a.?b.orValue('none').");
        }
        if (Single(c) is var kind and not TokenKind.Broken)
            return Take(kind, start, start + 1);
        var length = char.IsHighSurrogate(c) && char.IsLowSurrogate(two) ? 2 : 1;
        return Broken(start, start + length, $"{Show(text.AsSpan(start, length))} has no meaning in an expression.{Remedy(c)}");
    }

    private static string Remedy(char c) => c switch
    {
        '$' => " A variable of the environment stands in the file as ${NAME} and is filled in before; other values have names, such as vars.NAME.",
        ';' => " Leave it out: nothing marks the end.",
        '#' => " A comment begins with //.",
        '^' => " For bits there is math.bitXor.",
        '~' => " For bits there is math.bitNot.",
        > '\x7f' => " Texts stand in quotes: 'like this'.",
        _ => "",
    };

    private static TokenKind Single(char c) => c switch
    {
        '?' => TokenKind.Question,
        ':' => TokenKind.Colon,
        '<' => TokenKind.Less,
        '>' => TokenKind.Greater,
        '+' => TokenKind.Plus,
        '-' => TokenKind.Minus,
        '*' => TokenKind.Times,
        '/' => TokenKind.Divide,
        '%' => TokenKind.Modulo,
        '!' => TokenKind.Not,
        '.' => TokenKind.Dot,
        ',' => TokenKind.Comma,
        '(' => TokenKind.OpenParenthesis,
        ')' => TokenKind.CloseParenthesis,
        '[' => TokenKind.OpenBracket,
        ']' => TokenKind.CloseBracket,
        '{' => TokenKind.OpenBrace,
        '}' => TokenKind.CloseBrace,
        _ => TokenKind.Broken,
    };

    /// <summary>A piece of the text in quotes, shortened when it is long, or its code when it cannot be seen.</summary>
    public static string Show(ReadOnlySpan<char> piece)
    {
        if (piece.Length == 1 && (char.IsControl(piece[0]) || char.IsSurrogate(piece[0])))
            return string.Create(CultureInfo.InvariantCulture, $"The character U+{(int)piece[0]:X4}");
        if (piece.Length > MaxShown)
            return $"'{piece[..(char.IsHighSurrogate(piece[MaxShown - 1]) ? MaxShown - 1 : MaxShown)]}…'";
        return $"'{piece}'";
    }

    /// <summary>An operator of another language, taken as the one that was meant.</summary>
    private Token Instead(TokenKind meant, int start, int length, string remedy)
    {
        problems.Add(new CelProblem(start, length, $"'{text.AsSpan(start, length)}' is no operator. {remedy}"));
        return Take(meant, start, start + length);
    }

    private Token Broken(int start, int end, string message)
    {
        problems.Add(new CelProblem(start, end - start, message));
        return Take(TokenKind.Broken, start, end);
    }
}
