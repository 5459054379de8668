using CsCheck;
using Weft.Expressions;
using Weft.Expressions.Library;
using Weft.Expressions.Syntax;

namespace Weft.Tests.Expressions.Syntax;

/// <summary>Whatever the text: there is a tree, or there are problems with places in the text; nothing is thrown.</summary>
public sealed class ParserFuzzTests
{
    private const int Runs = 4000;

    /// <summary>Pieces of expressions that get far into the parser.</summary>
    private static readonly Gen<string> s_pieces = Gen.OneOf(
        "a", "b", "x", "1", "2u", ".5", "0x1f", "1e3", "'s'", "\"t\"", "b'\\xff'", "r'\\d'", "'''", "'", "\\", "true", "null", "in", "not", "and", "if", " ", "\n", "//",
        "+", "-", "*", "/", "%", "==", "!=", "<", ">=", "=", "=>", "!", "&&", "||", "&", "?", ":", "??", ".", ".?", "[?", "?a", ",", "(", ")", "[", "]", "{", "}", "`a-b`", "`",
        ".all(x,", ".map(x,", ".filter(", ".exists_one(x,", ".transformMap(a,b,", "has(a.b)", "has(", "cel.bind(x,", "math.greatest(", ".optMap(x,", "T{a:", "\u0000", "é", "😀", "\ud83d",
        "99999999999999999999", "$", "@").Array[0, 30].Select(string.Concat);

    private static readonly Gen<string> s_expression = Gen.Recursive<string>((depth, inner) => depth > 4
        ? Gen.OneOf("a", "1", "-2", "'s'", "true", "x.y")
        : Gen.OneOf(
            Gen.OneOf("a", "1u", "2.5", "b'x'", "null", ".a.b", "[]", "{}"),
            Gen.Select(inner, Gen.OneOf("+", "-", "*", "<", "==", "&&", "||", " in "), inner, (a, sign, b) => $"{a} {sign} {b}"),
            Gen.Select(inner, inner, inner, (a, b, c) => $"({a} ? {b} : {c})"),
            Gen.Select(Gen.OneOf("!", "-", ""), inner, (sign, a) => $"{sign}({a})"),
            Gen.Select(inner, inner, (a, b) => $"[{a}, ?{b}]"),
            Gen.Select(inner, inner, (a, b) => $"{{{a}: {b}}}"),
            Gen.Select(inner, inner, (a, b) => $"[{a}].map(x, {b})"),
            Gen.Select(inner, a => $"f({a}).g.?h[0]")));

    [Fact]
    public void Random_characters() => Gen.String[0, 60].Sample(AssertSound, iter: Runs);

    [Fact]
    public void Random_bytes() => Gen.Byte.Array[0, 60].Sample(bytes => AssertSound(System.Text.Encoding.Latin1.GetString(bytes)), iter: Runs);

    [Fact]
    public void Random_pieces() => s_pieces.Sample(AssertSound, iter: Runs);

    [Fact]
    public void Every_expression_is_read() => s_expression.Sample(text => Assert.True(Parse(text, out var problems) is not null, $"{text}\n{CelException.Show(text, problems)}"), iter: Runs);

    /// <summary>Spaces and comments between tokens change nothing.</summary>
    [Fact]
    public void Space_means_nothing() => s_expression.Sample(
        text => Assert.Equal(Parsing.Text(text), Parsing.Text(text.Replace(" ", " // + \r\n\t\f", StringComparison.Ordinal))), iter: Runs / 10);

    [Fact]
    public void An_expression_with_a_piece_cut_out() => Gen.Select(s_expression, Gen.Int[0, 1 << 16], Gen.Int[0, 5]).Sample(
        (text, at, length) => AssertSound(text.Remove(at % text.Length, Math.Min(length, text.Length - (at % text.Length)))), iter: Runs);

    private static void AssertSound(string text)
    {
        var tree = Parse(text, out var problems);
        Assert.Equal(tree is null, problems.Count > 0);
        Assert.True(problems.Count <= 12, text);
        foreach (var problem in problems)
        {
            Assert.InRange(problem.Start, 0, text.Length);
            Assert.InRange(problem.Length, 0, text.Length - problem.Start);
            Assert.InRange(problem.Message.Length, 10, 400);
        }
        Assert.Equal(problems.OrderBy(p => p.Start), problems);
        if (problems.Count > 0)
            Assert.NotEmpty(CelException.Show(text, problems));
    }

    private static Expr? Parse(string text, out List<CelProblem> problems) => Parser.Parse(text, Libraries.All, CelLimits.Default, problems = []);
}
