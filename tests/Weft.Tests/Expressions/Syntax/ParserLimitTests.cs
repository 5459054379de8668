using Weft.Expressions;
using Weft.Expressions.Library;
using Weft.Expressions.Syntax;

namespace Weft.Tests.Expressions.Syntax;

/// <summary>What is too long, too deep or too large is an error; on the way there neither stack nor memory runs out.</summary>
public sealed class ParserLimitTests
{
    // Threads of .NET have half as much again, so there is room for what calls the parser.
    private const int StackSize = 1024 * 1024;

    /// <summary>The piece is repeated until the text is as long as it may be.</summary>
    [Theory]
    [InlineData("", "(", "nested more than")]
    [InlineData("", "[", "nested more than")]
    [InlineData("", "{1:", "nested more than")]
    [InlineData("", "{?1:", "nested more than")]
    [InlineData("", "T{a:", "nested more than")]
    [InlineData("", "-(", "nested more than")]
    [InlineData("", "f(", "nested more than")]
    [InlineData("", "a?b:", "nested more than")]
    [InlineData("", "a[", "nested more than")]
    [InlineData("", "[1].all(x,", "nested more than")]
    [InlineData("", "cel.bind(x,1,", "nested more than")]
    [InlineData("", "a||b&&(", "nested more than")]
    [InlineData("a", "+a", "counting operators in a row")]
    [InlineData("a", "<a", "counting operators in a row")]
    [InlineData("a", ".a", "counting operators in a row")]
    [InlineData("a", ".?a", "counting operators in a row")]
    [InlineData("a", "[0]", "counting operators in a row")]
    [InlineData("a", ".f(1)", "counting operators in a row")]
    [InlineData("a", ".map(x,x)", "counting operators in a row")]
    [InlineData("", "!", "ends here")]
    [InlineData("", "-", "ends here")]
    [InlineData("", "not ", "'not' is no operator")]
    [InlineData("", "a?", "Expected ':'")]
    [InlineData("", "'", "found")]
    [InlineData("", "'\\", "not closed")]
    [InlineData("", "// ", "empty")]
    public void Bombs_are_errors(string start, string piece, string expected)
    {
        foreach (var depth in new[] { 64, 250 })
        {
            var limits = new CelLimits { MaxDepth = depth };
            var problems = OnSmallStack(() => Parsing.Problems(start + Repeat(piece, (limits.MaxLength - start.Length) / piece.Length), limits));
            Assert.Contains(expected, problems[0].Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Chains of logic are balanced, and lists are flat: only the length of the text bounds them.</summary>
    [Theory]
    [InlineData("a", "&&a", "")]
    [InlineData("a", "||a&&b", "")]
    [InlineData("[", "a,", "]")]
    [InlineData("f(", "a,", "a)")]
    [InlineData("{", "a:a,", "}")]
    [InlineData("T{a:1,", "a:a,", "}")]
    [InlineData("a", ".a", "{}")]
    [InlineData("'", "\\n", "'")]
    public void What_is_only_long_is_no_error(string start, string piece, string end)
    {
        var text = start + Repeat(piece, (CelLimits.Default.MaxLength - start.Length - end.Length) / piece.Length) + end;
        var allocated = OnSmallStack(() =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Parsing.Tree(text);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.InRange(allocated, 0, 20_000_000);
    }

    [Fact]
    public void What_is_as_deep_as_allowed_is_read()
    {
        const int depth = 250;
        var limits = new CelLimits { MaxDepth = depth };
        foreach (var (open, middle, close) in new[] { ("(", "1", ")"), ("[", "1", "]"), ("{1:", "1", "}"), ("-(", "1", ")"), ("f(", "1", ")"), ("true?1:", "1", ""), ("[1].all(x,", "x", ")") })
        {
            var text = Repeat(open, depth - 1) + middle + Repeat(close, depth - 1);
            Assert.NotNull(OnSmallStack(() => Parser.Parse(text, Libraries.All, limits, [])));
            var problem = Assert.Single(Parsing.Problems(Repeat(open, depth) + middle + Repeat(close, depth), limits));
            Assert.InRange(problem.Start, (open.Length * (depth - 1)) + 1, open.Length * depth);
            Assert.StartsWith("The expression is nested more than 250 deep here.", problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_text_that_is_too_long_is_not_read()
    {
        var problem = Assert.Single(Parsing.Problems(new string(' ', 40_000)));
        Assert.Equal("The expression has 40000 characters; allowed are 32768. Split it.", problem.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(251)]
    public void A_depth_that_no_stack_bears_is_refused(int depth) => Assert.Throws<ArgumentOutOfRangeException>(() => new CelLimits { MaxDepth = depth });

    private static string Repeat(string piece, int count) => string.Concat(Enumerable.Repeat(piece, count));

    private static T OnSmallStack<T>(Func<T> run)
    {
        T? result = default;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = run();
            }
            catch (Exception e)
            {
                failure = e;
            }
        }, StackSize);
        thread.Start();
        thread.Join();
        return failure is null ? result! : throw failure;
    }
}
