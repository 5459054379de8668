using System.Globalization;
using System.Text.RegularExpressions;
using Weft.Expressions;
using Weft.Expressions.Library;
using Weft.Expressions.Syntax;

namespace Weft.Tests.Expressions.Suite;

/// <summary>The parser against the trees and the places of errors of the official suite.</summary>
/// <remarks>What does not hold is in <c>parsing-exclusions.txt</c> with the reason.</remarks>
public sealed partial class ParserSuiteTests
{
    private static readonly Registry s_macros = Macros(LoopMacros.Register);
    private static readonly Registry s_noMacros = new();

    /// <param name="path">The suite.</param>
    /// <param name="least">How many tests it has at least.</param>
    /// <param name="mostExcluded">How many may be left out. It only ever falls.</param>
    [Theory]
    [InlineData("parsing", 194, 28)]
    [InlineData("checking", 135, 11)]
    [InlineData("comprehension", 92, 10)]
    [InlineData("conformance", 2344, 77)]
    public void Trees_are_those_of_the_suite(string path, int least, int mostExcluded)
    {
        var tests = CelSuite.Of(path);
        Assert.True(tests.Count >= least, $"{path} has {tests.Count} tests.");
        var exclusions = SuiteExclusions.Read("parsing-exclusions.txt", path + "/");
        var wrong = new List<string>();
        var excluded = 0;
        foreach (var test in tests)
        {
            var difference = Difference(test);
            if (exclusions.Covers(test, isWrong: difference is not null))
                excluded++;
            else if (difference is not null)
                wrong.Add(difference);
        }
        wrong.AddRange(exclusions.Unused.Select(line => $"{line}\n  excludes nothing that fails"));
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {tests.Count} differ:\n{string.Join('\n', wrong.Take(20))}");
        Assert.True(excluded <= mostExcluded, $"{excluded} tests are excluded; no more than {mostExcluded} may be.");
    }

    private static string? Difference(SuiteTest test)
    {
        var problems = new List<CelProblem>();
        var tree = Parser.Parse(test.Expression, test.HasNoMacros ? s_noMacros : s_macros, CelLimits.Default, problems);
        Assert.Equal(tree is null, problems.Count > 0);
        if (tree is null)
            return test.Tree.Length > 0 ? $"{test}\n  is refused: {problems[0]}" : Displacement(test, problems);
        if (test.Tree.Length == 0)
            return $"{test}\n  is read as {TreeText.OfKinds(tree)}, but has the error {test.Error}";
        var expected = TreeText.Normal(test.Tree);
        var actual = TreeText.OfKinds(tree);
        return expected == actual ? null : $"{test}\n  expected {expected}\n  is       {actual}";
    }

    /// <summary>One of the suite's errors must stand within our first one.</summary>
    private static string? Displacement(SuiteTest test, List<CelProblem> problems)
    {
        var first = problems[0];
        return Places().Matches(test.Error).Select(m => Offset(test.Expression, Number(m, "line"), Number(m, "column"))).Any(at => at >= first.Start && at <= first.Start + first.Length)
            ? null
            : $"{test}\n  has its error at {first.Start}: {first.Message}\n  instead of {test.Error}";

        static int Number(Match match, string name) => int.Parse(match.Groups[name].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>Where a line and a column are, counted in characters from 1; -1 for no place.</summary>
    private static int Offset(string text, int line, int column)
    {
        var at = line < 1 ? -1 : 0;
        for (; line > 1; line--)
            at = text.IndexOf('\n', at) + 1;
        for (; at >= 0 && column > 1 && at < text.Length; column--)
            at += char.IsHighSurrogate(text[at]) ? 2 : 1;
        return at;
    }

    private static Registry Macros(params Action<Registry>[] libraries)
    {
        var registry = new Registry();
        foreach (var register in libraries)
            register(registry);
        return registry;
    }

    [GeneratedRegex(@"ERROR: [^:\s]*:(?<line>-?\d+):(?<column>\d+): ")]
    private static partial Regex Places();
}
