using System.Globalization;
using System.Text;
using Weft.Expressions;
using Weft.Expressions.Checking;
using Weft.Expressions.Library;
using Weft.Expressions.Planning;
using Weft.Expressions.Syntax;

namespace Weft.Tests.Expressions.Suite;

/// <summary>
/// What expressions are, against the official suite: every test that needs no message of protobuf gives the value, or the error, that it
/// must. Those left out are in <c>conformance-exclusions.txt</c>, each stretch with its reason.
/// </summary>
public sealed class ConformanceTests
{
    /// <summary>How many tests may be left out. It only ever falls.</summary>
    private const int MostExcluded = 636;

    private static readonly Action<Registry>[] s_libraries = [BlockMacros.Register, r => Libraries.Register(r, imageTemplate: null)];

    [Fact]
    public void Every_test_that_needs_no_message_of_protobuf_passes()
    {
        var tests = CelSuite.Of("conformance");
        Assert.True(tests.Count >= 2344, $"The suite has {tests.Count} tests.");
        var exclusions = SuiteExclusions.Read("conformance-exclusions.txt");
        var files = new SortedDictionary<string, (int Passed, int Excluded, int Failed)>(StringComparer.Ordinal);
        var wrong = new List<string>();
        foreach (var test in tests)
        {
            var file = test.Path.Split('/')[1];
            var count = files.GetValueOrDefault(file);
            var difference = Difference(test);
            var isExcluded = exclusions.Covers(test, isWrong: difference is not null);
            if (!isExcluded && difference is not null)
                wrong.Add(difference);
            files[file] = isExcluded ? count with { Excluded = count.Excluded + 1 } : difference is null ? count with { Passed = count.Passed + 1 } : count with { Failed = count.Failed + 1 };
        }
        TestContext.Current.TestOutputHelper?.WriteLine(Table(files));
        wrong.AddRange(exclusions.Unused.Select(line => $"{line}\n  excludes nothing that fails"));
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {tests.Count} are wrong:\n{string.Join('\n', wrong.Take(60))}");
        var excluded = files.Values.Sum(f => f.Excluded);
        Assert.True(excluded <= MostExcluded, $"{excluded} tests are excluded; no more than {MostExcluded} may be.");
    }

    private static string Table(SortedDictionary<string, (int Passed, int Excluded, int Failed)> files)
    {
        var table = new StringBuilder("file, passed, excluded, failed\n");
        foreach (var (file, count) in files)
            table.Append(CultureInfo.InvariantCulture, $"{file}, {count.Passed}, {count.Excluded}, {count.Failed}\n");
        var all = files.Values;
        return table.Append(CultureInfo.InvariantCulture, $"all, {all.Sum(f => f.Passed)}, {all.Sum(f => f.Excluded)}, {all.Sum(f => f.Failed)}").ToString();
    }

    private static string? Difference(SuiteTest test)
    {
        var problems = new List<CelProblem>();
        var scope = SuiteTypes.ScopeOf(test, s_libraries, []);
        var tree = Parser.Parse(test.Expression, test.HasNoMacros ? new Registry() : scope.Registry, CelLimits.Default, problems);
        var expectsError = test.Test.TryGetProperty("evalError", out _);
        if (tree is null)
            return expectsError ? null : $"{test}\n  cannot be parsed: {problems[0].Message}";
        var type = Checker.Check(tree, scope, problems);
        if (!test.IsUnchecked && problems.Exists(p => !p.IsWarning))
            return expectsError ? null : $"{test}\n  is refused: {problems[0].Message}";
        if (test.Test.TryGetProperty("typedResult", out var typed) && typed.TryGetProperty("deducedType", out var deduced) && !SuiteTypes.Read(deduced).Equals(type))
            return $"{test}\n  has type {type} instead of {SuiteTypes.Read(deduced)}";
        return test.IsCheckedOnly ? null : Compare(test, Evaluate(test, tree), expectsError);
    }

    private static string? Compare(SuiteTest test, CelValue actual, bool expectsError)
    {
        if (expectsError)
            return actual.IsError ? null : $"{test}\n  gives {actual} instead of an error";
        var expected = test.Test.TryGetProperty("value", out var value) ? SuiteValues.Read(value)
            : test.Test.TryGetProperty("typedResult", out var typed) ? SuiteValues.Read(typed.GetProperty("result"))
            : CelValue.From(true);
        if (expected is null)
            return $"{test}\n  expects a message";
        return SuiteValues.Same(actual, expected.Value) ? null : $"{test}\n  gives {actual} instead of {expected}";
    }

    private static CelValue Evaluate(SuiteTest test, Expr tree)
    {
        var slots = new SlotTable();
        var plan = Planner.Plan(tree, slots);
        var frame = new Frame(slots.Paths.Count, plan.Locals, CelLimits.Default);
        foreach (var slot in slots.Paths)
            frame.Slots[slot.Number] = slot.NotGiven;
        foreach (var binding in test.Bindings)
        {
            foreach (var slot in slots.Paths.Where(s => s.Variable == binding.Name))
            {
                if (SuiteValues.Read(binding.Value.GetProperty("value")) is not { } value)
                    return CelValue.Of(CelError.Argument("A message is bound."));
                frame.Slots[slot.Number] = value;
            }
        }
        return plan.Evaluate(frame);
    }
}
