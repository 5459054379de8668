using CsCheck;
using Weft.Expressions;

namespace Weft.Tests.Expressions.Fuzz;

/// <summary>Whatever text comes in, it is compiled or refused with an error that points into it; it never throws, hangs or takes unbounded memory.</summary>
public sealed class ParserFuzzTests
{
    private const int Runs = 3000;

    private static readonly CelEnvironment s_environment = CelEnvironment.Default.With("a", CelType.Dyn).With("b", CelType.Object);

    private static readonly Gen<string> s_soup = Gen.OneOf(
        "a", "b", ".c", "?.c", ".?c", "[", "]", "[?", "{", "}", "(", ")", ",", ":", "?", "&&", "||", "!", "-", "+", "*", "/", "%", "==", "!=", "<", "<=", " in ",
        "1", "0x", "0xfu", "1u", "1e", "1e9", "1.5", ".5", "'", "\"", "'x'", "'''", "\"\"\"", "r'", "b'", "b'\\xff'", "\\", "'\\u", "'\\ud83d'", "`", "`x-y`", "//", "\n",
        "true", "null", "has(", "a.all(x, ", "a.map(x, ", "cel.bind(x, ", "optional.of(", ".optMap(x, ", "size(", "for", "a{", "x", "😀", "\ud83d", "\0", " ", "_")
        .Array[0, 30].Select(string.Concat);

    private static readonly Gen<string> s_valid = Gen.Int.Select(seed => new ExpressionGenerator(seed).Next().Expression);

    [Fact]
    public void Random_texts() => Gen.String[0, 200].Sample(AssertSound, iter: Runs);

    [Fact]
    public void Random_tokens() => s_soup.Sample(AssertSound, iter: Runs);

    [Fact]
    public void Changed_expressions() => Gen.Select(s_valid, Gen.Select(Gen.Double.Unit, Gen.OneOf(s_soup, Gen.String[0, 3])).Array[1, 4]).Sample(
        (text, changes) =>
        {
            foreach (var (at, piece) in changes)
            {
                var start = (int)(at * text.Length);
                text = text.Insert(start, piece).Remove(start + piece.Length, Math.Min(piece.Length / 2, text.Length - start));
            }
            AssertSound(text);
        },
        iter: Runs);

    [Fact]
    public void Expressions_cut_anywhere() => s_valid.Sample(
        text =>
        {
            for (var length = 0; length < text.Length; length++)
                AssertSound(text[..length]);
        },
        iter: Runs / 30);

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("{'a':", "}")]
    [InlineData("a[", "]")]
    [InlineData("a[?", "]")]
    [InlineData("{?'a':", "}")]
    [InlineData("[?", "]")]
    [InlineData("size(", ")")]
    [InlineData("a.size(", ")")]
    [InlineData("a.b{c:", "}")]
    [InlineData("has(", ".c)")]
    [InlineData("[1].map(x, ", ")")]
    [InlineData("[1].all(x, x == ", ")")]
    [InlineData("a.exists(x, y, ", ")")]
    [InlineData("[1].filter(x, true, ", ")")]
    [InlineData("a.transformMapEntry(k, v, ", ")")]
    [InlineData("cel.bind(x, ", ", x)")]
    [InlineData("cel.bind(x, 1, ", ")")]
    [InlineData("math.greatest(", ", 1)")]
    [InlineData("a.sortBy(x, ", ")")]
    [InlineData("optional.of(1).optMap(x, ", ")")]
    [InlineData("optional.of(1).optFlatMap(x, ", ")")]
    [InlineData("true ? ", " : false")]
    [InlineData("true ? true : ", "")]
    [InlineData("!", "")]
    [InlineData("-", "")]
    [InlineData("!(", ")")]
    [InlineData("-a + -(", ")")]
    [InlineData("'a' in ", "")]
    public void Nesting_is_bounded(string open, string close)
    {
        foreach (var depth in (int[])[1, 10, 60, 63, 64, 65, 66, 250, 1000, 3000])
        {
            AssertSound(Repeat(open, depth) + "a" + Repeat(close, depth));
            AssertSound(Repeat(open, depth) + "a");
            AssertSound(Repeat(open, depth));
        }
    }

    [Theory]
    [InlineData("a", " && a")]
    [InlineData("a", " || a")]
    [InlineData("a", " && a || a")]
    [InlineData("a", ".b")]
    [InlineData("a", ".?b")]
    [InlineData("a", "[0]")]
    [InlineData("a", "[?0]")]
    [InlineData("a", ".b()")]
    [InlineData("a", " + a")]
    [InlineData("a", " == a")]
    [InlineData("a", " in a")]
    [InlineData("a", " ? a : a")]
    [InlineData("a", ".map(x, x)")]
    [InlineData("a", ".map(x, x.map(x, x))")]
    [InlineData("optional.of(a)", ".optMap(x, x)")]
    [InlineData("optional.of(a)", ".optMap(x, x).optFlatMap(y, optional.of(y))")]
    [InlineData("a", ".sortBy(x, x)")]
    [InlineData("[a", ", a")]
    [InlineData("{'a': 1", ", 'a': 1")]
    [InlineData("math.least(1", ", 1")]
    public void Chains_are_bounded(string first, string next)
    {
        foreach (var length in (int[])[1, 10, 100, 250, 300, 1000, 5000])
        {
            AssertSound(first + Repeat(next, length));
            AssertSound(first + Repeat(next, length) + (first[0] == '[' ? "]" : first[0] == '{' ? "}" : ")"));
        }
    }

    [Fact]
    public void Long_chains_of_conditions_stay_shallow()
    {
        Assert.True(s_environment.TryCompile("true" + Repeat(" && true", 2000), out var expression, out _));
        Assert.True(expression.Evaluate().IsTrue);
    }

    [Theory]
    [InlineData("'")]
    [InlineData("\"")]
    [InlineData("'''")]
    [InlineData("\"\"\"")]
    [InlineData("r'")]
    [InlineData("r'''")]
    [InlineData("b'")]
    [InlineData("bR\"\"\"")]
    [InlineData("`")]
    [InlineData("a.`")]
    [InlineData("//")]
    [InlineData("'\\")]
    [InlineData("'\\x")]
    [InlineData("'\\u12")]
    [InlineData("'\\U0010")]
    [InlineData("'\\07")]
    [InlineData("0x")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1.")]
    [InlineData(".")]
    [InlineData("a.?")]
    [InlineData("a[?")]
    [InlineData("{?")]
    [InlineData("a.b{")]
    [InlineData("a ?")]
    [InlineData("a &")]
    [InlineData("a =")]
    public void What_is_not_closed_is_refused(string text)
    {
        AssertSound(text);
        AssertSound("[" + text + "]");
        AssertSound(text + "\n");
        AssertSound(text + "\\");
        Assert.False(s_environment.TryCompile(text, out _, out _));
    }

    [Fact]
    public void A_text_of_a_megabyte_is_refused_at_once()
    {
        foreach (var piece in (string[])["(", "a.", "'", "a && ", "\n", "[1].map(x, ", "😀"])
        {
            var text = Repeat(piece, (1 << 20) / piece.Length);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.False(s_environment.TryCompile(text, out _, out var problems));
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
            Assert.Contains("32768", Assert.Single(problems).Message, StringComparison.Ordinal);
        }
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private static void AssertSound(string text)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var compiled = s_environment.TryCompile(text, out var expression, out var problems);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // For a long text, some hundred bytes for each of its characters.
        Assert.True(allocated < 1_000_000 + 4000L * text.Length, $"{allocated} bytes for {text.Length} characters");
        Assert.Equal(compiled, problems.All(p => p.IsWarning));
        foreach (var problem in problems)
        {
            Assert.InRange(problem.Start, 0, text.Length);
            Assert.InRange(problem.Length, 0, text.Length - problem.Start);
            Assert.NotEmpty(problem.Message);
        }
        // The value is good to be read, whatever it is.
        if (compiled)
            _ = expression!.Evaluate().ToString();
    }
}
