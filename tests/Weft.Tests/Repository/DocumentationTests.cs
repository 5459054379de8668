using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Weft.Tests.Repository;

public sealed partial class DocumentationTests
{
    private static readonly string[] DecisionHeadings = ["## Context", "## Choice", "## Cost", "## When to revisit"];

    // Without their texts, which may hold anything between an attribute and its method.
    private static readonly Lazy<string[]> s_tests = new(() => [.. Repo.CSharp("tests").Select(f => SourceText.CodeOnly(Repo.Read(f)))]);

    private static IEnumerable<string> Pages => Repo.Files.Where(f => f.EndsWith(".md", StringComparison.Ordinal));

    [Fact]
    public void Every_decision_says_context_choice_cost_and_when_to_revisit() => Repo.Nothing(
        $"A decision page is named NNNN-words.md and has the headings {string.Join(", ", DecisionHeadings)}, in this order.",
        from page in Pages.Where(p => p.StartsWith("docs/decisions/", StringComparison.Ordinal))
        where !DecisionName().IsMatch(page) ||
            !Repo.Read(page).Split('\n').Where(line => line.StartsWith("## ", StringComparison.Ordinal)).SequenceEqual(DecisionHeadings)
        select page);

    [Fact]
    public void No_two_decisions_have_one_number() => Repo.Nothing(
        "Give the later one the next free number.",
        Pages.Where(p => DecisionName().IsMatch(p)).GroupBy(p => DecisionName().Match(p).Groups[1].Value)
            .Where(same => same.Count() > 1).Select(same => string.Join(", ", same)));

    [Fact]
    public void Every_guarantee_names_a_test_that_exists()
    {
        var lines = Repo.Read("docs/guarantees.md").Split('\n').Where(line => line.StartsWith("- ", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(lines);
        Repo.Nothing(
            "A guarantee is one line: - promise (test: Namespace.Class.Method), with several tests apart by commas.",
            lines.Where(line => Guarantee().Match(line) is not { Success: true } m || !m.Groups[1].Value.Split(", ").All(TestExists)));
    }

    [Fact]
    public void Copies_in_pages_equal_the_files_they_come_from()
    {
        var findings = new List<string>();
        foreach (var page in Pages)
        {
            var text = Repo.Read(page);
            if (MarkdownRegions.Count(text) != MarkdownRegions.CountWhole(text))
                findings.Add($"{page}: a region is not: mark, one code block, end mark");

            var filled = MarkdownRegions.Fill(text, Repo.Read);
            if (filled == text)
                continue;
            if (Environment.GetEnvironmentVariable("WEFT_UPDATE") == "1")
                File.WriteAllText(Repo.FullPath(page), filled);
            else
                findings.Add($"{page}: differs from its files");
        }
        Repo.Nothing("Run the tests with WEFT_UPDATE=1 to copy the files into the pages again.", findings);
    }

    [Fact]
    public void Links_between_pages_lead_somewhere() => Repo.Nothing(
        "The target of the link does not exist.",
        from page in Pages
        from Match link in Link().Matches(Repo.Read(page))
        let target = link.Groups[1].Value.Split('#')[0]
        where target.Length > 0 && !target.Contains(':', StringComparison.Ordinal)
        let full = Path.Combine(Path.GetDirectoryName(Repo.FullPath(page))!, target)
        where !File.Exists(full) && !Directory.Exists(full)
        select $"{page}: {link.Groups[1].Value}");

    [Fact]
    public void The_changelog_knows_the_version()
    {
        var version = XDocument.Parse(Repo.Read("Directory.Build.props")).Descendants("Version").Single().Value;
        Assert.Matches($@"(?m)^## {Regex.Escape(version)}( |$)", Repo.Read("CHANGELOG.md"));
    }

    [Fact]
    public void Every_code_has_a_troubleshooting_page_and_every_page_a_code()
    {
        var pages = Pages.Select(p => TroubleshootingName().Match(p)).Where(m => m.Success).Select(m => m.Groups[1].Value).ToHashSet();
        Assert.SkipWhen(pages.Count == 0, "docs/troubleshooting has no pages yet.");
        var codes = Repo.CSharp("src").SelectMany(f => Codes(Repo.Read(f))).ToHashSet();
        Repo.Nothing("Write docs/troubleshooting/NNNN.md.", codes.Except(pages).Order());
        Repo.Nothing("No source has this code any more: remove the page.", pages.Except(codes).Order());
    }

    [Fact]
    public void Every_troubleshooting_page_begins_with_its_code_and_says_what_to_do() => Repo.Nothing(
        "A page begins with '# WEFTNNNN: ' and has a paragraph that begins with '**Remedy.** '.",
        from page in Pages
        let name = TroubleshootingName().Match(page)
        where name.Success
        let text = Repo.Read(page)
        where !text.StartsWith($"# WEFT{name.Groups[1].Value}: ", StringComparison.Ordinal) || !text.Contains("\n\n**Remedy.** ", StringComparison.Ordinal)
        select page);

    [Theory]
    [InlineData("static readonly EventCode Invalid = new(4101);", "4101")]
    [InlineData("throw new LogException(new EventCode(3011), text);", "3011")]
    [InlineData("[LoggerMessage(4001, LogLevel.Error, \"text\")]", "4001")]
    [InlineData("EventCode _; Error New(int code) => null; Error E => New(3004, $\"text\");", "3004")]
    public void Sees_codes_in_source(string source, string code) => Assert.Equal([code], Codes(source));

    [Fact]
    public void Fills_a_region_with_a_file_or_with_a_part_of_it()
    {
        const string Page = "# A\n<!-- region: a.yaml -->\n```yaml\nold\n```\n<!-- end -->\n<!-- region: b.cs#one -->\n```csharp\n```\n<!-- end -->\nrest\n";
        var filled = MarkdownRegions.Fill(Page, path => path == "a.yaml" ? "new: 1\n" : "x\n    // region one\n    var a = 1;\n\n    // endregion\ny\n");
        Assert.Equal("# A\n<!-- region: a.yaml -->\n```yaml\nnew: 1\n```\n<!-- end -->\n<!-- region: b.cs#one -->\n```csharp\nvar a = 1;\n\n```\n<!-- end -->\nrest\n", filled);
    }

    /// <summary>The codes that a file makes: the first arguments that look like one, in files with errors or log lines of ours.</summary>
    private static IEnumerable<string> Codes(string source)
    {
        var code = SourceText.CodeOnly(source);
        return code.Contains("EventCode", StringComparison.Ordinal) || code.Contains("[LoggerMessage", StringComparison.Ordinal) || code.Contains("DiagnosticDescriptor", StringComparison.Ordinal) ? CodeArgument().Matches(code).Select(m => m.Groups[1].Value) : [];
    }

    private static bool TestExists(string name)
    {
        var parts = name.Split('.');
        var (space, type, method) = (string.Join('.', parts[..^2]), parts[^2], parts[^1]);
        return s_tests.Value.Any(text =>
            Regex.IsMatch(text, $@"(?m)^namespace {Regex.Escape(space)};") && Regex.IsMatch(text, $@"\bclass {type}\b") &&
            Regex.IsMatch(text, $@"\[(Fact|Theory)[^;{{]*\b{method}\("));
    }

    [GeneratedRegex(@"^docs/decisions/(\d{4})-[a-z0-9-]+\.md$")]
    private static partial Regex DecisionName();

    [GeneratedRegex(@"^- .+ \(test: ([\w.]+(?:, [\w.]+)*)\)$")]
    private static partial Regex Guarantee();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^docs/troubleshooting/(\d{4})\.md$")]
    private static partial Regex TroubleshootingName();

    [GeneratedRegex(@"\(\s*([1-7]\d{3})\s*[,)]")]
    private static partial Regex CodeArgument();
}
