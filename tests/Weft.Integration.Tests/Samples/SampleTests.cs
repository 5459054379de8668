namespace Weft.Integration.Tests.Samples;

public sealed class SampleTests
{
    private static string Folder => Path.Combine(Tree.Root, "samples");

    [Fact]
    public async Task Every_sample_prints_what_it_says()
    {
        foreach (var sample in Directory.GetDirectories(Folder).Where(f => Has(f, "README.md") || Has(f, "expected.txt")).Order(StringComparer.Ordinal))
        {
            bool isProgram = Directory.EnumerateFiles(sample, "*.csproj", SearchOption.AllDirectories).Any();
            Assert.All(["README.md", isProgram ? "README.md" : "weft.yaml", "expected.txt"], file => Assert.True(Has(sample, file), $"{sample} has no {file}."));
            await SampleRun.AssertAsync(sample, Commands.Folder);
        }
    }

    [Fact]
    public async Task A_session_runs_in_a_copy_on_ports_of_its_own()
    {
        var sample = Write(
            ("port.txt", "http://127.0.0.1:8080\n"),
            ("expected.txt", "$ sh -c 'echo starting; cat port.txt; exec sleep 600' &\nhttp://127.0.0.1:*\n$ cat port.txt\nhttp://127.0.0.1:8080\n$ grep -c '80''80$' port.txt || true\n0\n$ touch made && echo done >&2\ndone\n"));

        await SampleRun.AssertAsync(sample, sample);

        Assert.False(File.Exists(Path.Combine(sample, "made")));
    }

    [Theory]
    [InlineData("$ echo a\nb\n")]
    [InlineData("$ echo a; exit 3\na\n")]
    [InlineData("$ echo a\n")]
    public async Task A_session_that_differs_fails(string session) =>
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => SampleRun.AssertAsync(Write(("expected.txt", session)), "."));

    [Fact]
    public async Task A_server_that_ends_early_fails_with_what_it_printed()
    {
        var sample = Write(("expected.txt", "$ sh -c 'echo port in use; exit 1' &\nListening\n"));
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => SampleRun.AssertAsync(sample, "."));
        Assert.Contains("port in use", failure.Message, StringComparison.Ordinal);
    }

    private static bool Has(string folder, string file) => File.Exists(Path.Combine(folder, file));

    private static string Write(params (string Name, string Text)[] files)
    {
        var folder = Directory.CreateTempSubdirectory("weft-session-").FullName;
        foreach (var (name, text) in files)
            File.WriteAllText(Path.Combine(folder, name), text);
        return folder;
    }
}
