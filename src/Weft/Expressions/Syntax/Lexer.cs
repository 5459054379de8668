using System.Globalization;

namespace Weft.Expressions.Syntax;

/// <summary>Cuts the text of an expression into tokens (CEL language definition, section "Syntax"). It never fails: what is wrong is reported and skipped.</summary>
internal struct Lexer(string text, ICollection<CelProblem> problems)
{
    private int _at;

    /// <summary>The position of the <c>}</c> that closes a hole of a template, past braces and texts within; -1 when there is none.</summary>
    /// <param name="text">The template.</param>
    /// <param name="from">Where the hole begins, behind its brace.</param>
    /// <param name="problems">Gets what is wrong within.</param>
    public static int FindClose(string text, int from, ICollection<CelProblem> problems)
    {
        var lexer = new Lexer(text, problems) { _at = from };
        for (var open = 0; ;)
        {
            var token = lexer.Next();
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
                case "br" or "bR" or "Br" or "BR" or "rb" or "rB" or "Rb" or "RB":
                    return Quoted(start, end, TokenKind.Bytes, isRaw: true);
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
            return Broken(start, end, $"'{text[start..end]}' is no number: '{text[rest..end]}' cannot follow '{text[start..rest]}'. A name begins with a letter or _.");
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
                return Peek(2) == '='
                    ? Broken(start, start + 3, "'===' is no operator here. Compare with '=='.")
                    : Take(TokenKind.Equal, start, start + 2);
            case '=':
                return Broken(start, start + 1, "'=' is no operator. Compare with '=='.");
            case '!' when two == '=':
                return Peek(2) == '='
                    ? Broken(start, start + 3, "'!==' is no operator here. Compare with '!='.")
                    : Take(TokenKind.NotEqual, start, start + 2);
            case '<' when two == '=':
                return Take(TokenKind.LessOrEqual, start, start + 2);
            case '>' when two == '=':
                return Take(TokenKind.GreaterOrEqual, start, start + 2);
            case '&' when two == '&':
                return Take(TokenKind.And, start, start + 2);
            case '|' when two == '|':
                return Take(TokenKind.Or, start, start + 2);
            case '&' or '|':
                return Broken(start, start + 1, $"'{c}' is no operator. The logical one is '{c}{c}'; for bits there are math.bitAnd and math.bitOr.");
        }
        if (Single(c) is var kind and not TokenKind.Broken)
            return Take(kind, start, start + 1);
        var length = char.IsHighSurrogate(c) && char.IsLowSurrogate(two) ? 2 : 1;
        return Broken(start, start + length, c == '$'
            ? "'$' has no meaning in an expression. A variable of the environment stands in the file as ${NAME} and is filled in before; other values have names, such as vars.NAME."
            : $"{Show(text.AsSpan(start, length))} has no meaning in an expression.{(c > 0x7f ? " Texts stand in quotes: 'like this'." : "")}");
    }

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

    /// <summary>A piece of the text in quotes, or its code when it cannot be seen.</summary>
    public static string Show(ReadOnlySpan<char> piece) => piece.Length == 1 && (char.IsControl(piece[0]) || char.IsSurrogate(piece[0]))
        ? string.Create(CultureInfo.InvariantCulture, $"The character U+{(int)piece[0]:X4}")
        : $"'{piece}'";

    private Token Broken(int start, int end, string message)
    {
        problems.Add(new CelProblem(start, end - start, message));
        return Take(TokenKind.Broken, start, end);
    }
}
