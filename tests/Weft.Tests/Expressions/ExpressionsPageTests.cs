using System.Text.RegularExpressions;
using Weft.Expressions;
using Weft.Expressions.Library;
using Weft.Tests.Repository;

namespace Weft.Tests.Expressions;

/// <summary>docs/expressions.md: its examples give what it says, and it has every function.</summary>
public sealed partial class ExpressionsPageTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(Repo.Root, "docs", "expressions.md"));

    [Fact]
    public void Every_example_gives_its_result()
    {
        var examples = Example().Matches(s_page);
        Assert.True(examples.Count > 80, $"The page has {examples.Count} examples.");
        var wrong = new List<string>();
        foreach (Match example in examples)
        {
            var expression = example.Groups["expression"].Value.Replace("\\|", "|", StringComparison.Ordinal);
            var result = CelEnvironment.Default.TryCompile(expression, out var compiled, out var problems) ? compiled.Evaluate().ToString() : problems[0].Message;
            if (result != example.Groups["result"].Value)
                wrong.Add($"{expression}: {result}, and not {example.Groups["result"].Value}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Every_function_and_macro_is_on_it()
    {
        var names = Libraries.All.Functions.Keys.Where(n => !n.Contains('_', StringComparison.Ordinal) && !n.Contains('@', StringComparison.Ordinal))
            .Concat(Libraries.All.MacroNames)
            .Select(n => n[(n.LastIndexOf('.') + 1)..]).Distinct().Where(n => !Regex.IsMatch(s_page, $@"\b{Regex.Escape(n)}\b"));
        Assert.Empty(names);
    }

    [Fact]
    public void Every_operator_type_and_limit_is_on_it()
    {
        var limits = CelLimits.Default;
        foreach (var text in (string[])[$"{limits.MaxLength:N0} characters |", $"| {limits.MaxDepth} |", $"| {limits.MaxSteps:N0} |", $"| {limits.MaxBytes >> 20} MB |"])
            Assert.Contains(text, s_page, StringComparison.Ordinal);
        foreach (var type in Libraries.All.Types.Keys.Where(n => !n.StartsWith("google", StringComparison.Ordinal)).Append("timestamp").Append("duration").Append("dyn"))
            Assert.Contains($"\n| `{type}` |", s_page, StringComparison.Ordinal);
        var table = s_page[s_page.IndexOf("| Operators |", StringComparison.Ordinal)..s_page.IndexOf("## Types", StringComparison.Ordinal)].Replace("\\|", "|", StringComparison.Ordinal);
        foreach (var sign in Libraries.All.Functions.Keys.Select(Weft.Expressions.Checking.OperatorText.SignOf).OfType<string>().Distinct())
            Assert.Contains(sign, table, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\| `(?<expression>[^`]+)` \| `(?<result>[^`]+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Example();
}
