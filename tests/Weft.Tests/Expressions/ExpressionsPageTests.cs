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

    [GeneratedRegex(@"^\| `(?<expression>[^`]+)` \| `(?<result>[^`]+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Example();
}
