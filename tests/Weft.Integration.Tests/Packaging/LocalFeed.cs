using System.Diagnostics;
using System.Xml.Linq;

namespace Weft.Integration.Tests.Packaging;

/// <summary>
/// All packages of this repository, packed once into a temporary folder, from which and from nowhere else what the tests
/// install comes. What the packages depend on is taken from those that the build has restored already.
/// </summary>
public sealed class LocalFeed : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Where tests may write; removed at the end.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("weft-packages-").FullName;

    /// <summary>The version of all packages.</summary>
    public string Version { get; } = XDocument.Load(Path.Combine(Tree.Root, "Directory.Build.props")).Descendants("Version").Single().Value;

    private string Packages => Path.Combine(Folder, "feed");

    public async ValueTask InitializeAsync()
    {
        // Tests are in bin/CONFIGURATION/FRAMEWORK: what they were built with is what is packed.
        var configuration = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)))!;
        foreach (var project in Directory.GetDirectories(Path.Combine(Tree.Root, "src")).Where(f => Directory.GetFiles(f, "*.csproj").Length == 1))
            await RunAsync(Tree.Root, "dotnet", "pack", project, "-c", configuration, "--no-build", "-o", Packages, "-nologo", "-v", "quiet");

        await File.WriteAllTextAsync(
            Path.Combine(Folder, "nuget.config"),
            $"""<configuration><packageSources><clear /><add key="feed" value="{Packages}" /></packageSources></configuration>""");
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Runs a program to its end and gives what it printed; an exit code other than 0 is a failure that shows it.</summary>
    public static async Task<string> RunAsync(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        var text = await output;
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{text}{await errors}");
        return text;
    }

    /// <summary>The folder into which NuGet has restored what the build needs.</summary>
    public static async Task<string> RestoredAsync()
    {
        var answer = await RunAsync(Tree.Root, "dotnet", "nuget", "locals", "global-packages", "--list");
        return answer[(answer.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
