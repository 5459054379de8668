namespace Weft.Expressions.Syntax;

/// <summary>What is said about texts that are no expression.</summary>
internal sealed partial class Parser
{
    // More would not be read, and the costs of a text full of errors stay small.
    private const int MaxProblems = 9;

    public override void Report(TextSpan place, string message) => Reject(place.Start, place.Length, message);

    /// <summary>Stands for what could not be read; nobody looks at it, because there is no tree when something is wrong.</summary>
    private static LiteralExpr Nothing(int start, int length) => new(0, new TextSpan(start, length, start), CelValue.Null);

    /// <summary>Says that the text does not go on as it must, with the usual mistake unless a remedy is given.</summary>
    private LiteralExpr Unexpected(string expected, string remedy = "")
    {
        if (_token.Kind == TokenKind.End)
            return Fail(_token.Start, 0, _lastId == 0 && _previousEnd == 0 ? $"The expression is empty. Expected {expected}." : $"Expected {expected}; the expression ends here.{remedy}");
        var found = Lexer.Show(_text.AsSpan(_token.Start, _token.Length));
        return Fail(_token.Start, _token.Length, $"Expected {expected}; found {found}.{(remedy.Length > 0 ? remedy : UsualMistake())}");
    }

    /// <summary>Says something that keeps the parser from knowing how to go on: what follows is mostly its shadow.</summary>
    private LiteralExpr Fail(int start, int length, string message)
    {
        if (!_failed)
            _problems.Add(new CelProblem(start, length, message));
        _failed = true;
        return Nothing(start, length);
    }

    /// <summary>
    /// Says what is wrong with a part that is clear otherwise, and lets the parser go on. What holds an error already is not blamed again.
    /// </summary>
    private LiteralExpr Reject(int start, int length, string message)
    {
        if (!_failed && !_problems.Exists(p => p.Start >= start && p.Start + p.Length <= start + length))
            _problems.Add(new CelProblem(start, length, message));
        return Nothing(start, length);
    }

    /// <summary>Words that are operators in other languages are taken for the operator that was meant, so that the rest is read too.</summary>
    private void ReplaceWord()
    {
        var (meant, sign) = _text.AsSpan(_token.Start, _token.Length) switch
        {
            "and" or "And" or "AND" => (TokenKind.And, "&&"),
            "or" or "Or" or "OR" => (TokenKind.Or, "||"),
            "is" or "eq" => (TokenKind.Equal, "=="),
            "ne" => (TokenKind.NotEqual, "!="),
            "lt" => (TokenKind.Less, "<"),
            "le" => (TokenKind.LessOrEqual, "<="),
            "gt" => (TokenKind.Greater, ">"),
            "ge" => (TokenKind.GreaterOrEqual, ">="),
            "mod" => (TokenKind.Modulo, "%"),
            _ => default,
        };
        if (sign is null)
            return;
        Reject(_token.Start, _token.Length, $"'{Name(_token)}' is no operator. Write '{sign}'.");
        _token = _token with { Kind = meant };
    }

    /// <summary>The usual mistake where an operator should stand, by what stands there instead.</summary>
    private string UsualMistake() => _token.Kind switch
    {
        TokenKind.Name => Name(_token) switch
        {
            "contains" or "startsWith" or "endsWith" or "matches" => $" It is a function: text.{Name(_token)}('…').",
            "like" or "LIKE" => " There are text.contains('…'), startsWith, endsWith and matches.",
            "not" => " What is not in a list: !(x in list).",
            _ => "",
        },
        TokenKind.Not => " What is not in a list: !(x in list); what is not equal: a != b.",
        _ => "",
    };
}
