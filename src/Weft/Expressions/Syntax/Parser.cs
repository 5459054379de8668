using Weft.Expressions.Library;

namespace Weft.Expressions.Syntax;

/// <summary>
/// Reads the text of an expression into a tree (CEL language definition, section "Syntax"): recursive descent, with one loop for all binary
/// operators by their precedence. Macros are expanded on the way. Stops where it no longer knows what was meant; never throws, and its stack
/// is bounded by <see cref="CelLimits.MaxDepth"/>.
/// </summary>
internal sealed partial class Parser : MacroContext
{
    private readonly string _text;
    private readonly Registry _registry;
    private readonly CelLimits _limits;
    private readonly List<CelProblem> _problems = [];
    private Lexer _lexer;
    private Token _token;
    private int _previousEnd;
    private int _lastId;
    private int _depth;
    private bool _failed;

    private Parser(string text, Registry registry, CelLimits limits)
    {
        (_text, _registry, _limits) = (text, registry, limits);
        _lexer = new Lexer(text, _problems);
        Advance();
    }

    /// <summary>Reads an expression.</summary>
    /// <param name="text">The text.</param>
    /// <param name="registry">Has the macros.</param>
    /// <param name="limits">How long and deep it may be.</param>
    /// <param name="problems">Gets what is wrong, in the order of the text.</param>
    /// <returns>The tree; null when something is wrong.</returns>
    public static Expr? Parse(string text, Registry registry, CelLimits limits, ICollection<CelProblem> problems)
    {
        if (text.Length > limits.MaxLength)
        {
            problems.Add(new CelProblem(0, 0, $"The expression has {text.Length} characters; allowed are {limits.MaxLength}. Split it."));
            return null;
        }
        var parser = new Parser(text, registry, limits);
        var root = parser.ParseExpression();
        if (parser._token.Kind != TokenKind.End)
            parser.Unexpected("an operator or the end of the expression");
        if (parser._problems.Count == 0)
            return TreeLimits.Check(root, parser._lastId, limits, problems) ? root : null;
        foreach (var problem in parser._problems.OrderBy(p => p.Start))
            problems.Add(problem);
        return null;
    }

    public override int NextId() => ++_lastId;

    /// <summary>Expr = ConditionalOr ["?" ConditionalOr ":" Expr].</summary>
    private Expr ParseExpression()
    {
        if (++_depth > _limits.MaxDepth)
            return Fail(_token.Start, _token.Length, $"The expression is nested more than {_limits.MaxDepth} deep here. Name parts of it, or split it.");
        var condition = ParseBinary(0);
        if (_token.Kind == TokenKind.Question && !_failed)
        {
            var question = Advance();
            var whenTrue = ParseBinary(0);
            Expect(TokenKind.Colon, "':' and the value when the condition is false: condition ? value : other",
                _text.AsSpan(question.End).StartsWith('.') ? " A field that may be missing is written a.?b." : "");
            var whenFalse = ParseExpression();
            condition = Call(Operators.Conditional, condition.Place.Start, question.Start, condition, whenTrue, whenFalse);
        }
        _depth--;
        return condition;
    }

    /// <summary>The binary operator that stands here; null when none does.</summary>
    private (string? Name, int Precedence) OperatorHere()
    {
        if (_token.Kind == TokenKind.Name)
            ReplaceWord();
        return Binary(_token.Kind);
    }

    private static (string? Name, int Precedence) Binary(TokenKind kind) => kind switch
    {
        TokenKind.Or => (Operators.Or, 1),
        TokenKind.And => (Operators.And, 2),
        TokenKind.Less => (Operators.Less, 3),
        TokenKind.LessOrEqual => (Operators.LessOrEqual, 3),
        TokenKind.Greater => (Operators.Greater, 3),
        TokenKind.GreaterOrEqual => (Operators.GreaterOrEqual, 3),
        TokenKind.Equal => (Operators.Equal, 3),
        TokenKind.NotEqual => (Operators.NotEqual, 3),
        TokenKind.In => (Operators.In, 3),
        TokenKind.Plus => (Operators.Add, 4),
        TokenKind.Minus => (Operators.Subtract, 4),
        TokenKind.Times => (Operators.Multiply, 5),
        TokenKind.Divide => (Operators.Divide, 5),
        TokenKind.Modulo => (Operators.Modulo, 5),
        _ => (null, 0),
    };

    /// <summary>All that binds at least as strong as <paramref name="least"/>; operators of one strength from left to right.</summary>
    private Expr ParseBinary(int least)
    {
        var left = ParseUnary();
        while (!_failed && OperatorHere() is var (name, precedence) && name is not null && precedence > least)
        {
            if (precedence <= 2)
            {
                left = ParseLogical(left, name, precedence);
                continue;
            }
            var sign = Advance();
            var right = ParseBinary(precedence);
            left = Call(name, left.Place.Start, sign.Start, left, right);
        }
        return left;
    }

    /// <summary>A chain of <c>&amp;&amp;</c> or of <c>||</c> becomes a balanced tree: their order means nothing, and a long chain stays shallow.</summary>
    private Expr ParseLogical(Expr first, string name, int precedence)
    {
        var terms = new List<Expr> { first };
        var signs = new List<int>();
        while (!_failed && OperatorHere().Name == name)
        {
            signs.Add(Advance().Start);
            terms.Add(ParseBinary(precedence));
        }
        return Balance(0, signs.Count - 1);

        Expr Balance(int low, int high)
        {
            var middle = (low + high + 1) / 2;
            var left = middle == low ? terms[middle] : Balance(low, middle - 1);
            var right = middle == high ? terms[middle + 1] : Balance(middle + 1, high);
            // The parser is behind the whole chain already.
            var place = new TextSpan(left.Place.Start, right.Place.End - left.Place.Start, signs[middle]);
            return new CallExpr(NextId(), place, name, null, left, right);
        }
    }

    /// <summary>Unary = Member | "!" {"!"} Member | "-" {"-"} Member. Pairs of signs fall away; a minus before a number belongs to it.</summary>
    private Expr ParseUnary()
    {
        if (_token.Kind is not (TokenKind.Not or TokenKind.Minus))
            return ParseMember();
        var sign = _token;
        var count = 0;
        for (; _token.Kind == sign.Kind; count++)
            Advance();
        var isOdd = count % 2 == 1;
        if (sign.Kind == TokenKind.Minus && isOdd && _token.Kind is TokenKind.Int or TokenKind.Double)
            return ParseMember(sign);
        var operand = ParseMember();
        return isOdd ? Call(sign.Kind == TokenKind.Not ? Operators.Not : Operators.Negate, sign.Start, sign.Start, operand) : operand;
    }

    /// <summary>Member = Primary {"." field | "." name "(" arguments ")" | "[" index "]"}, with "?" behind the sign for optional access.</summary>
    /// <param name="minus">The sign of the number that follows, if there is one.</param>
    private Expr ParseMember(Token? minus = null)
    {
        var mayBeMessage = _token.Kind is TokenKind.Name or TokenKind.Dot;
        var left = ParsePrimary(minus);
        while (!_failed)
        {
            if (_token.Kind == TokenKind.Dot)
                left = ParseField(left);
            else if (_token.Kind == TokenKind.OpenBracket)
                left = ParseIndex(left);
            else if (_token.Kind == TokenKind.OpenBrace && mayBeMessage && DottedName(left) is { } name)
                left = ParseMessage(left, name);
            else
                break;
        }
        return left;
    }

    private CallExpr ParseIndex(Expr operand)
    {
        var open = Advance();
        var isOptional = Take(TokenKind.Question);
        var index = ParseExpression();
        Expect(TokenKind.CloseBracket, "']' behind the index");
        return Call(isOptional ? Operators.OptionalIndex : Operators.Index, operand.Place.Start, open.Start, operand, index);
    }

    private Expr ParseField(Expr operand)
    {
        var dot = Advance();
        var isOptional = Take(TokenKind.Question);
        var name = _token;
        if (name.Kind is not (TokenKind.Name or TokenKind.QuotedName))
            return Unexpected("the name of a field behind '.'", name.Kind switch
            {
                TokenKind.String => " A field with such a name is read with [ ]: a['x-y'].",
                TokenKind.True or TokenKind.False or TokenKind.Null or TokenKind.In => " It is a word of the language; as a field it stands in back-ticks: a.`in`.",
                _ => "",
            });
        Advance();
        var field = Name(name);
        if (isOptional)
        {
            var literal = new LiteralExpr(NextId(), new TextSpan(name.Start, name.Length, name.Start), CelValue.Of(field));
            return Call(Operators.OptionalSelect, operand.Place.Start, dot.Start, operand, literal);
        }
        if (_token.Kind != TokenKind.OpenParenthesis || name.Kind == TokenKind.QuotedName)
            return new SelectExpr(NextId(), Span(operand.Place.Start, dot.Start), operand, field, isTest: false);
        return ParseCall(field, operand.Place.Start, operand);
    }

    private Expr ParseCall(string name, int start, Expr? target)
    {
        var open = Advance();
        var arguments = ParseList(TokenKind.CloseParenthesis, "')' behind the arguments", out _);
        var place = Span(start, open.Start);
        if (_failed)
            return Nothing(start, 0);
        if (_registry.FindMacro(name, target is not null, arguments.Length) is { } macro && macro.Expand(this, place, target, arguments) is { } expanded)
            return expanded;
        return new CallExpr(NextId(), place, name, target, arguments);
    }

    /// <summary>Expressions with commas between and a sign at the end, which is read too. Items may be marked as optional in lists only.</summary>
    private Expr[] ParseList(TokenKind close, string expected, out bool[]? optional)
    {
        var items = new List<Expr>();
        optional = null;
        // The comma that may end a list may stand in an empty one too.
        var isEmpty = close == TokenKind.CloseBracket && Take(TokenKind.Comma);
        while (!_failed && !isEmpty && _token.Kind != close)
        {
            if (close == TokenKind.CloseBracket && Take(TokenKind.Question))
            {
                Array.Resize(ref optional, items.Count + 1);
                optional[items.Count] = true;
            }
            items.Add(ParseExpression());
            // A comma may stand behind the last item of a list, but not of arguments.
            if (!Take(TokenKind.Comma))
                break;
            if (close == TokenKind.CloseParenthesis && _token.Kind == close)
                Unexpected("another argument behind ','");
        }
        Expect(close, items.Count == 0 ? expected : "',' or " + expected);
        if (optional is not null)
            Array.Resize(ref optional, items.Count);
        return [.. items];
    }

    private CallExpr Call(string function, int start, int point, params Expr[] arguments) => new(NextId(), Span(start, point), function, null, arguments);

    private TextSpan Span(int start, int point) => new(start, Math.Max(0, _previousEnd - start), point);

    private string Name(Token token) =>
        token.Kind == TokenKind.QuotedName ? _text.Substring(token.Start + 1, token.Length - 2) : _text.Substring(token.Start, token.Length);

    private Token Advance()
    {
        var token = _token;
        _previousEnd = token.End;
        _token = _lexer.Next();
        if (_token.Kind == TokenKind.Broken || _problems.Count > MaxProblems)
            _failed = true;
        return token;
    }

    private bool Take(TokenKind kind)
    {
        if (_token.Kind != kind || _failed)
            return false;
        Advance();
        return true;
    }

    private void Expect(TokenKind kind, string expected, string remedy = "")
    {
        if (!Take(kind))
            Unexpected(expected, remedy);
    }
}
