using Weft.Integration.Tests.Samples;

namespace Weft.Integration.Tests.Packaging;

public sealed class PackagingTests(LocalFeed feed) : IClassFixture<LocalFeed>
{
    [Fact]
    public async Task The_tool_installs_and_runs_the_first_sample()
    {
        var tools = Path.Combine(feed.Folder, "tools");
        await LocalFeed.RunAsync(feed.Folder, "dotnet", "tool", "install", "Weft.Server", "--tool-path", tools, "--version", feed.Version);

        var weft = Path.Combine(tools, OperatingSystem.IsWindows() ? "weft.exe" : "weft");
        await LocalFeed.RunAsync(feed.Folder, weft, "version");
        var sample = Path.Combine(Tree.Root, "samples", "first");
        if (File.Exists(Path.Combine(sample, "expected.txt")))
            await SampleRun.AssertAsync(sample, tools);
    }

    [Fact]
    public async Task A_program_that_references_the_packages_handles_an_event()
    {
        var folder = Path.Combine(feed.Folder, "console");
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(Path.Combine(Tree.Root, "tests", "Weft.Integration.Tests", "Assets", "Console")))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));

        await LocalFeed.RunAsync(
            folder, "dotnet", "build", "-nologo", "-v", "quiet", "-o", "out", $"-p:WeftVersion={feed.Version}",
            $"-p:RestorePackagesPath={Path.Combine(feed.Folder, "restored")}", $"-p:RestoreFallbackFolders={await LocalFeed.RestoredAsync()}");
        var printed = await LocalFeed.RunAsync(folder, "dotnet", Path.Combine("out", "Console.dll"));

        Assert.Equal("invoice got OrderCreated: 7", printed.Trim());
    }
}
