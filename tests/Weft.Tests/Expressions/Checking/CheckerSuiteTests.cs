using Weft.Expressions;
using Weft.Expressions.Checking;
using Weft.Expressions.Library;
using Weft.Expressions.Syntax;
using Weft.Tests.Expressions.Suite;

namespace Weft.Tests.Expressions.Checking;

/// <summary>The checker against the types and overloads of the official suite.</summary>
/// <remarks>
/// What does not hold is in <c>checking-exclusions.txt</c> with the reason. A line that matches nothing, or a test that would pass, must leave it.
/// </remarks>
public sealed class CheckerSuiteTests
{
    private static readonly Action<Registry>[] s_libraries =
    [
        LoopMacros.Register, BindMacros.Register, BlockMacros.Register, MathMacros.Register, StandardLibrary.Register, TimeLibrary.Register, RegexLibrary.Register,
        OptionalLibrary.Register, StringLibrary.Register, MathLibrary.Register, EncodersLibrary.Register, ListsLibrary.Register, SetsLibrary.Register,
    ];

    // The variables and functions that all tests of cel-go's checker have.
    private static readonly Declaration[] s_variables =
    [
        new VariableDeclaration("is", CelType.String), new VariableDeclaration("ii", CelType.Int), new VariableDeclaration("iu", CelType.UInt),
        new VariableDeclaration("iz", CelType.Bool), new VariableDeclaration("id", CelType.Double), new VariableDeclaration("ix", CelType.Null),
        new VariableDeclaration("ib", CelType.Bytes),
    ];

    /// <param name="path">The suite.</param>
    /// <param name="least">How many tests it has at least.</param>
    /// <param name="mostExcluded">How many may be left out. It only ever falls.</param>
    [Theory]
    [InlineData("checking", 135, 32)]
    [InlineData("conformance", 2344, 685)]
    public void Types_and_overloads_are_those_of_the_suite(string path, int least, int mostExcluded)
    {
        var tests = CelSuite.Of(path);
        Assert.True(tests.Count >= least, $"{path} has {tests.Count} tests.");
        var exclusions = SuiteExclusions.Read("checking-exclusions.txt", path + "/");
        var wrong = new List<string>();
        var excluded = 0;
        foreach (var test in tests)
        {
            var difference = Difference(test);
            var isExcluded = exclusions.Covers(test, isWrong: difference is not null);
            if (isExcluded)
                excluded++;
            if (isExcluded != (difference is not null))
                wrong.Add(difference ?? $"{test}\n  passes, but is excluded");
        }
        wrong.AddRange(exclusions.Unused.Select(line => $"{line}\n  excludes nothing that fails"));
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {tests.Count} differ:\n{string.Join('\n', wrong.Take(30))}");
        Assert.True(excluded <= mostExcluded, $"{excluded} tests are excluded; no more than {mostExcluded} may be.");
    }

    /// <summary>The suite refuses mixed numbers; Weft takes them. Nothing else may change by that.</summary>
    [Fact]
    public void Mixed_numbers_change_no_type()
    {
        var refused = new List<string>();
        foreach (var test in CelSuite.Of("conformance").Where(t => t.Error.Length > 0 && t.CheckedTree.Length == 0))
        {
            if (Check(test, [.. s_libraries, MixedNumbers.Register], out var problems) is not null && problems.Count == 0)
                refused.Add(test.ToString());
        }
        Assert.DoesNotContain(refused, test => test.Contains("overload", StringComparison.Ordinal));
    }

    /// <summary>The suite was checked without the macros of two variables, so it has no types of them.</summary>
    [Fact]
    public void Macros_of_two_variables_are_checked()
    {
        var tests = CelSuite.Of("conformance/macros2");
        Assert.True(tests.Count >= 46);
        foreach (var test in tests)
        {
            var tree = Check(test, [.. s_libraries, LoopMacros.RegisterTwoVariables], out var problems);
            Assert.True(problems.Count == 0, $"{test}: {(problems.Count > 0 ? problems[0].Message : "")}");
            Assert.DoesNotContain("error", TreeText.Of(tree!, Mark), StringComparison.Ordinal);
        }
    }

    private static string? Difference(SuiteTest test)
    {
        // The suite was made by a parser without these extensions, and with lower limits: it does not say what the checker finds.
        if (test.Error.Contains("unsupported syntax", StringComparison.Ordinal) || test.Error.Contains("recursion", StringComparison.Ordinal))
            return null;
        var tree = Check(test, s_libraries, out var problems);
        if (tree is null)
            return test.Error.Length > 0 ? null : $"{test}\n  cannot be parsed: {problems[0].Message}";
        if (problems.Count > 0)
            return test.Error.Length > 0 ? Misplaced(test, problems) : $"{test}\n  is refused: {problems[0].Message}\n  at {problems[0].Start}, {problems[0].Length}";
        if (test.Error.Length > 0)
            return $"{test}\n  passes, but has the error {test.Error}";
        var actual = TreeText.Of(tree, Mark);
        var expected = TreeText.Normal(test.CheckedTree);
        if (actual != expected)
            return $"{test}\n  expected {expected}\n  is       {actual}";
        return SuiteTypes.Text(tree.Type!) == test.Type ? null : $"{test}\n  expected type {test.Type}\n  is {SuiteTypes.Text(tree.Type!)}";
    }

    /// <summary>
    /// The suite points with one column: to the parenthesis of a call, the dot of a field, the operator beside an operand. Weft's place is
    /// the name or the operand, so it begins or ends there.
    /// </summary>
    private static string? Misplaced(SuiteTest test, List<CelProblem> problems)
    {
        var place = System.Text.RegularExpressions.Regex.Match(test.Error, @"^ERROR: \S*?:1:(?<column>\d+):");
        if (!place.Success)
            return null;
        var at = int.Parse(place.Groups["column"].Value, System.Globalization.CultureInfo.InvariantCulture) - 1;
        var first = problems.MinBy(problem => problem.Start)!;
        return at >= first.Start - 1 && at <= first.Start + first.Length + 1 ? null
            : $"{test}\n  is wrong at {at}, but the problem is at {first.Start} to {first.Start + first.Length}: {first.Message}";
    }

    private static Expr? Check(SuiteTest test, Action<Registry>[] libraries, out List<CelProblem> problems)
    {
        problems = [];
        var isChecking = test.Path == "checking";
        var scope = SuiteTypes.ScopeOf(test, isChecking ? [.. libraries, DeclareFunctions] : libraries, isChecking ? s_variables : []);
        var macros = new Registry();
        if (!test.HasNoMacros)
            macros = scope.Registry;
        var tree = Parser.Parse(test.Expression, macros, CelLimits.Default, problems);
        if (tree is not null)
            Checker.Check(tree, scope, problems);
        return tree;
    }

    private static void DeclareFunctions(Registry registry)
    {
        registry.Global("fg_s", "fg_s_0", [], CelType.String, null);
        registry.Member("fi_s_s", "fi_s_s_0", [CelType.String], CelType.String, null);
    }

    private static string Mark(Expr expr) => $"~{SuiteTypes.Text(expr.Type!)}" + expr switch
    {
        NameExpr { Meaning: { } meaning } => "^" + meaning.Name,
        SelectExpr { Meaning: { } meaning } => "^" + meaning.Name,
        // Weft's own overloads for decimals are beside the standard.
        CallExpr call => "^" + string.Join('|', call.Candidates.Where(o => !o.Parameters.Any(IsDecimal)).Select(o => o.Id).Order(StringComparer.Ordinal)),
        _ => "",
    };

    private static bool IsDecimal(CelType type) => type.Kind == CelTypeKind.Decimal || type.Parameters.Any(IsDecimal);
}
