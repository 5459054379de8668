using System.Diagnostics;

namespace Weft.Tests.Repository;

/// <summary>The source tree that the tests were built from.</summary>
internal static class Repo
{
    private static readonly Lazy<IReadOnlyList<string>> AllFiles = new(ListFiles);

    /// <summary>The folder with Weft.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The files that are committed, or would be by <c>git add</c>: paths from the root, with forward slashes.</summary>
    public static IReadOnlyList<string> Files => AllFiles.Value;

    public static IEnumerable<string> CSharp(string folder) =>
        Files.Where(f => f.StartsWith(folder + "/", StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal));

    public static string Read(string path) => File.ReadAllText(FullPath(path));

    public static bool Has(string path) => File.Exists(FullPath(path));

    public static string FullPath(string path) => Path.Combine(Root, path);

    /// <summary>Fails with all findings at once, one a line, below a sentence that says what to do.</summary>
    public static void Nothing(string remedy, IEnumerable<string> findings)
    {
        var all = findings.ToList();
        Assert.True(all.Count == 0, $"{remedy}\n  {string.Join("\n  ", all)}");
    }

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Weft.slnx")))
                return folder;
        }
        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has a Weft.slnx.");
    }

    private static List<string> ListFiles()
    {
        var start = new ProcessStartInfo("git", "-c core.quotePath=false ls-files --cached --others --exclude-standard")
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
        };
        using var git = Process.Start(start)!;
        var names = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return [.. names.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Where(Has).Order(StringComparer.Ordinal)];
    }
}
