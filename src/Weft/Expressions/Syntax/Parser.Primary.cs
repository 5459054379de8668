using System.Collections.Frozen;

namespace Weft.Expressions.Syntax;

/// <summary>What stands alone: literals, names, calls of global functions, lists, maps, messages and parentheses.</summary>
internal sealed partial class Parser
{
    private static readonly FrozenSet<string> s_reserved = new[]
    {
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
    }.ToFrozenSet(StringComparer.Ordinal);

    private Expr ParsePrimary(Token? minus)
    {
        var token = _token;
        switch (token.Kind)
        {
            case TokenKind.Int or TokenKind.UInt or TokenKind.Double:
                return Number(Advance(), minus);
            case TokenKind.Minus:
                Advance();
                return _token.Kind is TokenKind.Int or TokenKind.Double ? Number(Advance(), token) : Unexpected("a number behind '-'", " Put what is to be negated in parentheses.");
            case TokenKind.String or TokenKind.Bytes:
                return Text(Advance());
            case TokenKind.True or TokenKind.False:
                return Literal(Advance(), CelValue.Of(token.Kind == TokenKind.True));
            case TokenKind.Null:
                return Literal(Advance(), CelValue.Null);
            case TokenKind.OpenParenthesis:
                Advance();
                var inner = ParseExpression();
                Expect(TokenKind.CloseParenthesis, "an operator or ')'");
                return inner;
            case TokenKind.OpenBracket:
                Advance();
                var items = ParseList(TokenKind.CloseBracket, "']' behind the items", out var optional);
                return new ListExpr(NextId(), Span(token.Start, token.Start), items, optional);
            case TokenKind.OpenBrace:
                return ParseMap();
            case TokenKind.Name or TokenKind.Dot:
                return ParseName();
            default:
                return Unexpected("a value: a name, a number, a text in quotes, a list, a map or '('", token.Kind switch
                {
                    TokenKind.QuotedName => " Back-ticks are for fields behind a '.'.",
                    TokenKind.In => " 'in' stands between a value and a list: x in [1, 2].",
                    TokenKind.Not => " Put what is to be negated in parentheses: -(a), !(a).",
                    TokenKind.Plus => " Numbers need no '+', and nothing can be counted up: write a + 1.",
                    TokenKind.Times => " There is no operator for powers.",
                    _ => "",
                });
        }
    }

    private LiteralExpr Literal(Token token, CelValue value) => new(NextId(), new TextSpan(token.Start, token.Length, token.Start), value);

    private LiteralExpr Number(Token token, Token? minus)
    {
        var text = _text.AsSpan(token.Start, token.Length);
        var value = token.Kind == TokenKind.Double ? LiteralText.Double(text, minus is not null) : LiteralText.Integer(text, minus is not null);
        if (minus is { } sign)
            token = new Token(token.Kind, sign.Start, token.End - sign.Start);
        if (value is { } number)
            return Literal(token, number);
        var range = token.Kind switch
        {
            TokenKind.Double => "a double is at most 1.8e308",
            TokenKind.UInt => "a uint has 0 to 18446744073709551615",
            _ => "an int has -9223372036854775808 to 9223372036854775807; a uint is written with u, and decimal('…') takes longer numbers",
        };
        return Reject(token.Start, token.Length, $"{Lexer.Show(_text.AsSpan(token.Start, token.Length))} is out of range: {range}.");
    }

    private LiteralExpr Text(Token token)
    {
        var isBytes = token.Kind == TokenKind.Bytes;
        if (!LiteralText.TryUnquote(_text.AsSpan(token.Start, token.Length), isBytes, out var value, out var error))
            return Reject(token.Start + error!.Start, error.Length, error.Message);
        return Literal(token, isBytes ? CelValue.Bytes(value) : CelValue.String(value));
    }

    private MapExpr ParseMap()
    {
        var open = Advance();
        var entries = new List<MapEntry>();
        var isEmpty = Take(TokenKind.Comma);
        while (!_failed && !isEmpty && _token.Kind != TokenKind.CloseBrace)
        {
            var id = NextId();
            var isOptional = Take(TokenKind.Question);
            var key = ParseExpression();
            Expect(TokenKind.Colon, "':' between key and value of a map");
            entries.Add(new MapEntry(id, key, ParseExpression(), isOptional));
            if (!Take(TokenKind.Comma))
                break;
        }
        Expect(TokenKind.CloseBrace, entries.Count == 0 ? "a key or '}'" : "',' or '}' behind the entries");
        return new MapExpr(NextId(), Span(open.Start, open.Start), [.. entries]);
    }

    /// <summary>A name, the call of a global function, or a message: <c>["."] name {"." name} "{"</c>.</summary>
    private Expr ParseName()
    {
        var start = _token.Start;
        var isRooted = Take(TokenKind.Dot);
        var token = _token;
        if (token.Kind != TokenKind.Name)
            return Unexpected("a name behind '.'");
        Advance();
        var name = Name(token);
        if (s_reserved.Contains(name))
            Reject(token.Start, token.Length, $"'{name}' is a reserved word and cannot be a name here.{(name == "if" ? " A choice is written condition ? value : other." : "")}");
        if (name == "not" && !_failed && (_token.Kind is TokenKind.Name or TokenKind.True or TokenKind.False || (_token.Kind == TokenKind.OpenParenthesis && !_registry.Functions.ContainsKey(name))))
        {
            Reject(token.Start, token.Length, "'not' is no operator. Write '!'.");
            return ParseMember();
        }
        if (isRooted)
            name = "." + name;
        if (_token.Kind == TokenKind.OpenParenthesis)
            return ParseCall(name, start, target: null);
        return new NameExpr(NextId(), new TextSpan(start, token.End - start, start), name);
    }

    /// <summary>The fields of a message, from its brace on.</summary>
    private StructExpr ParseMessage(Expr type, string name)
    {
        var open = Advance();
        var fields = new List<StructField>();
        var isEmpty = Take(TokenKind.Comma);
        while (!_failed && !isEmpty && _token.Kind != TokenKind.CloseBrace)
        {
            var id = NextId();
            var isOptional = Take(TokenKind.Question);
            var field = _token;
            if (field.Kind is not (TokenKind.Name or TokenKind.QuotedName))
                Unexpected("the name of a field or '}'");
            Advance();
            Expect(TokenKind.Colon, "':' between field and value of a message");
            fields.Add(new StructField(id, Name(field), ParseExpression(), isOptional));
            if (!Take(TokenKind.Comma))
                break;
        }
        Expect(TokenKind.CloseBrace, "',' or '}' behind the fields");
        return new StructExpr(NextId(), Span(type.Place.Start, open.Start), name, [.. fields]);
    }

    /// <summary><c>a.b.c</c> as it is written; null when it is something else. No recursion: a chain may be as long as the text.</summary>
    private static string? DottedName(Expr expression)
    {
        if (expression is NameExpr simple)
            return simple.Name;
        var fields = new Stack<string>();
        for (; expression is SelectExpr { IsTest: false } select; expression = select.Operand)
            fields.Push(select.Field);
        return expression is NameExpr name ? string.Join('.', fields.Prepend(name.Name)) : null;
    }
}
