using System.Text.Json;

namespace Weft.Yaml.Tests;

/// <summary>The forms in which problems are written for machines, and what a line of a file never shows.</summary>
public sealed class ProblemWriterTests
{
    private const string Text = "weft: 1\nserver: { drain: 11m }\ninclude: [none-*.yaml]\n";

    [Fact]
    public void Json_has_everything_that_the_text_has()
    {
        using var folder = new TempFolder();
        using var json = JsonDocument.Parse(folder.Text(WeftFile.Read([folder.Write("weft.yaml", Text)]), ProblemFormat.Json));
        var first = json.RootElement[0];
        Assert.Equal("WEFT2104", first.GetProperty("code").GetString());
        Assert.Equal("error", first.GetProperty("severity").GetString());
        Assert.Equal("weft.yaml", first.GetProperty("file").GetString());
        Assert.Equal((2, 18, 2, 21), (first.GetProperty("line").GetInt32(), first.GetProperty("column").GetInt32(), first.GetProperty("endLine").GetInt32(), first.GetProperty("endColumn").GetInt32()));
        Assert.Equal("server.drain", first.GetProperty("path").GetString());
        Assert.Equal("11m", first.GetProperty("value").GetString());
        Assert.Equal("server.drain is 11m; allowed 0s to 10m (default 30s).", first.GetProperty("message").GetString());
        Assert.True(File.Exists(Path.Combine(Repo.Root, first.GetProperty("help").GetString()!)));
        Assert.Equal("warning", json.RootElement[1].GetProperty("severity").GetString());
    }

    [Fact]
    public void Sarif_has_rules_results_and_regions()
    {
        using var folder = new TempFolder();
        using var json = JsonDocument.Parse(folder.Text(WeftFile.Read([folder.Write("we ft.yaml", Text)]), ProblemFormat.Sarif));
        Assert.Equal("2.1.0", json.RootElement.GetProperty("version").GetString());
        var run = json.RootElement.GetProperty("runs")[0];
        Assert.Equal(["WEFT1030", "WEFT2104"], run.GetProperty("tool").GetProperty("driver").GetProperty("rules").EnumerateArray().Select(r => r.GetProperty("id").GetString()));
        var result = run.GetProperty("results")[0];
        Assert.Equal(("WEFT2104", "error"), (result.GetProperty("ruleId").GetString(), result.GetProperty("level").GetString()));
        var place = result.GetProperty("locations")[0].GetProperty("physicalLocation");
        Assert.EndsWith("we%20ft.yaml", place.GetProperty("artifactLocation").GetProperty("uri").GetString(), StringComparison.Ordinal);
        Assert.Equal((2, 18, 21), (place.GetProperty("region").GetProperty("startLine").GetInt32(), place.GetProperty("region").GetProperty("startColumn").GetInt32(), place.GetProperty("region").GetProperty("endColumn").GetInt32()));
    }

    [Fact]
    public void Annotations_are_escaped()
    {
        using var folder = new TempFolder();
        var lines = folder.Text(WeftFile.Read([folder.Write("a,b.yaml", "weft: 1\nserver: { drain: \"5%\" }\n")]), ProblemFormat.GitHub).TrimEnd('\n').Split('\n');
        Assert.StartsWith("::error file=a%2Cb.yaml,line=2,col=18,endLine=2,endColumn=22,title=WEFT2101::server.drain is '5%25'; it takes", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("weft: 1\nvars: { dbPassword: hunter2, a: b: c }\n")]
    [InlineData("weft: 1\nvars: { token: \"hunter2\", b: [ }\n")]
    [InlineData("weft: 1\nvars: { url: \"postgres://me:hunter2@db/x\", b: ] }\n")]
    [InlineData("weft: 1\nauth: { a: { apikey: { keys: hunter2 } } }\n")]
    [InlineData("weft: 1\nauth: { partners: hunter2, web: { apiKey: hunter2 } }\n")]
    [InlineData("weft: 1\nunknown:\n  - |\n    hunter2\n")]
    [InlineData("weft: 1\nname: [hunter2\n")]
    [InlineData("weft: 1\nserver: { drain: 1x, admin: { tokens: [hunter2] } }\n")]
    [InlineData("weft: 1\nsecrets: { a: [hunter2], b: { file: { c: hunter2 } } }\n")]
    public void What_could_be_a_secret_is_not_written_in_any_form(string text)
    {
        using var folder = new TempFolder();
        var result = WeftFile.Read([folder.Write("weft.yaml", text)]);
        Assert.NotEmpty(result.Problems);
        foreach (var format in Enum.GetValues<ProblemFormat>())
            Assert.DoesNotContain("hunter2", folder.Text(result, format), StringComparison.Ordinal);
    }

    [Fact]
    public void Long_lines_are_cut_around_the_place_and_the_caret_stays_under_it()
    {
        using var folder = new TempFolder();
        var text = folder.Text(WeftFile.Read([folder.Write("weft.yaml", $"weft: 1\nserver: {{ {new string(' ', 5000)}drain: 11m{new string(' ', 500)} }}\n")]));
        var lines = text.Split('\n');
        Assert.All(lines, l => Assert.InRange(l.Length, 0, 200));
        Assert.Equal(lines[1].IndexOf("11m", StringComparison.Ordinal), lines[2].IndexOf('^', StringComparison.Ordinal));
    }

    [Fact]
    public void A_caret_behind_a_hidden_text_moves_with_it()
    {
        using var folder = new TempFolder();
        var lines = folder.Text(WeftFile.Read([folder.Write("weft.yaml", "weft: 1\nserver: { admin: { tokens: [a-long-secret-indeed] }, drain: 11m }\n")])).Split('\n');
        Assert.Equal(lines[4].IndexOf("11m", StringComparison.Ordinal), lines[5].IndexOf("^^^", StringComparison.Ordinal));
    }
}
