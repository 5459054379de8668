using System.Text.RegularExpressions;
using Polly;
using Weft.Calls;

namespace Weft.Yaml.Tests;

/// <summary>What the pages about patterns show of the file is read as the file is, and the policies in it run.</summary>
public sealed partial class PatternPageTests
{
    private static readonly string s_folder = Path.Combine(Repo.Root, "docs", "patterns");

    public static TheoryData<string> Pages => [.. Directory.GetFiles(s_folder, "*.md").Where(path => Block().IsMatch(File.ReadAllText(path))).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_part_of_a_file_on_a_page_is_read_and_its_policies_run(string page)
    {
        var blocks = Block().Matches(await File.ReadAllTextAsync(Path.Combine(s_folder, page), TestContext.Current.CancellationToken)).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(blocks);
        foreach (var block in blocks)
        {
            var result = TempFolder.Read(Whole(block));
            Assert.Empty(result.Problems);
            // A hedge and a fallback need a service; the sample with them is run as a whole.
            foreach (var policy in result.Options!.Policies.Values.Where(policy => policy.Hedge is null && policy.Fallback.Count == 0))
                Assert.Equal(7, await new ResiliencePipelineBuilder().AddWeftPolicy(policy).Build().ExecuteAsync(_ => new ValueTask<int>(7), TestContext.Current.CancellationToken));
        }
    }

    /// <summary>Most of what pages show is a part of a file: the rest of it is what every file has.</summary>
    private static string Whole(string block) => Version().IsMatch(block) ? block
        : block.Contains("topics:", StringComparison.Ordinal) && !block.Contains("connections:", StringComparison.Ordinal) ? $"weft: 1\nconnections: {{ main: {{ sqlite: weft.db }} }}\n{block}"
        : $"weft: 1\n{block}";

    [GeneratedRegex("(?s)```yaml\n(.*?)```")]
    private static partial Regex Block();

    [GeneratedRegex("(?m)^weft: 1$")]
    private static partial Regex Version();
}
