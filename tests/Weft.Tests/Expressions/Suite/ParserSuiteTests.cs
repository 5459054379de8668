using Weft.Expressions;
using Weft.Expressions.Library;
using Weft.Expressions.Syntax;

namespace Weft.Tests.Expressions.Suite;

/// <summary>The parser against the trees of the official suite.</summary>
public sealed class ParserSuiteTests
{
    private static readonly Registry s_macros = Macros(LoopMacros.Register);
    private static readonly Registry s_noMacros = new();

    [Theory]
    [InlineData("parsing", 194)]
    [InlineData("checking", 135)]
    [InlineData("comprehension", 92)]
    [InlineData("conformance", 2344)]
    public void Trees_are_those_of_the_suite(string path, int least)
    {
        var tests = CelSuite.Of(path);
        Assert.True(tests.Count >= least, $"{path} has {tests.Count} tests.");
        var wrong = tests.Select(Difference).OfType<string>().ToArray();
        Assert.True(wrong.Length == 0, $"{wrong.Length} of {tests.Count} differ:\n{string.Join('\n', wrong.Take(20))}");
    }

    private static string? Difference(SuiteTest test)
    {
        var problems = new List<CelProblem>();
        var tree = Parser.Parse(test.Expression, test.HasNoMacros ? s_noMacros : s_macros, CelLimits.Default, problems);
        Assert.Equal(tree is null, problems.Count > 0);
        if (tree is null)
            return test.Tree.Length == 0 ? null : $"{test}\n  is refused: {problems[0]}";
        var expected = TreeText.Normal(test.Tree);
        var actual = TreeText.OfKinds(tree);
        // The suite was made by a parser without these extensions, and with lower limits.
        if (expected == actual || test.Error.Contains("unsupported syntax", StringComparison.Ordinal) || test.Error.Contains("recursion", StringComparison.Ordinal))
            return null;
        return test.Tree.Length == 0 ? $"{test}\n  is read as {actual}, but has the error {test.Error}" : $"{test}\n  expected {expected}\n  is       {actual}";
    }

    private static Registry Macros(params Action<Registry>[] libraries)
    {
        var registry = new Registry();
        foreach (var register in libraries)
            register(registry);
        return registry;
    }
}
