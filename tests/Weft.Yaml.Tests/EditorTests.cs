namespace Weft.Yaml.Tests;

/// <summary>What somebody who writes a <c>weft.yaml</c> sees in an editor: the schema in the language server that editors use.</summary>
public sealed class EditorTests
{
    [Fact]
    public async Task An_editor_completes_explains_and_finds_mistakes()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(90));
        await using var server = await LanguageServer.StartAsync(patience.Token);
        var schema = new Uri(Path.Combine(Repo.Root, "schema", "weft.schema.json")).AbsoluteUri;
        var begin = $"# yaml-language-server: $schema={schema}\nweft: 1\n";

        await server.OpenAsync("file:///good.yaml", begin + "server: { drain: \"${DRAIN}\" }\nsubscriptions:\n  invoice:\n    from: orders\n    retry:\n      now: 3\n      \n");
        Assert.Empty(await server.DiagnoseAsync("file:///good.yaml"));
        var names = await server.CompleteAsync("file:///good.yaml", 8, 6);
        Assert.Equal(["base", "cap", "for"], names.Order(StringComparer.Ordinal));
        var hover = await server.HoverAsync("file:///good.yaml", 7, 7);
        Assert.Contains("Tries made at once, before the first wait.", hover, StringComparison.Ordinal);
        Assert.Contains("0 to 10", hover, StringComparison.Ordinal);

        await server.OpenAsync("file:///bad.yaml", begin + "subscriptions:\n  invoice:\n    form: orders\n    retry: { now: 500, base: soon }\n");
        var mistakes = await server.DiagnoseAsync("file:///bad.yaml");
        Assert.Contains(mistakes, m => m.Contains("form", StringComparison.Ordinal));
        Assert.Contains(mistakes, m => m.Contains("10", StringComparison.Ordinal));
        Assert.Equal(3, mistakes.Length);
    }

    [Fact]
    public async Task The_good_sample_has_no_mistakes_in_an_editor()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(90));
        await using var server = await LanguageServer.StartAsync(patience.Token);
        var file = Path.Combine(Repo.Root, "tests", "Weft.Yaml.Tests", "Good", "shop.yaml");
        var uri = new Uri(file).AbsoluteUri;
        await server.OpenAsync(uri, await File.ReadAllTextAsync(file, patience.Token));
        Assert.Empty(await server.DiagnoseAsync(uri));
    }
}
