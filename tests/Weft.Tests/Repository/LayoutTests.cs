using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Weft.Tests.Repository;

public sealed partial class LayoutTests
{
    private const int LongestFile = 600;
    private const int MedianFile = 100;

    private static readonly string[] Folders = [".ci", "bench", "dashboard", "docs", "eng", "samples", "schema", "src", "tests"];

    private static readonly string[] RootFiles =
    [
        ".editorconfig", ".gitattributes", ".gitignore", "BannedSymbols.txt", "CHANGELOG.md", "CONTRIBUTING.md", "Directory.Build.props",
        "Directory.Packages.props", "LICENSE", "README.md", "THIRD-PARTY-NOTICES.md", "Weft.slnx", "global.json", "test", "weft",
    ];

    /// <summary>Who may reference whom, for the projects that do not only reference the core.</summary>
    private static readonly Dictionary<string, string[]> References = new()
    {
        ["Weft"] = [],
        ["Weft.Server"] = ["*"],
        ["Weft.Generators"] = [],
    };

    [Fact]
    public void The_root_has_few_entries_and_only_known_ones()
    {
        var entries = Repo.Files.Select(f => f.Split('/')[0]).Distinct().ToList();
        Repo.Nothing("Find a place for it below the known folders.", entries.Except(Folders).Except(RootFiles));
        Assert.InRange(entries.Count, 1, 25);
    }

    [Fact]
    public void Source_files_lie_in_a_project_of_the_solution()
    {
        var projects = Projects().Select(p => p[..(p.LastIndexOf('/') + 1)]).ToList();
        Repo.Nothing(
            "Source lies in a project that Weft.slnx names; samples and test assets excepted.",
            Repo.Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal) && !f.StartsWith("samples/", StringComparison.Ordinal))
                .Where(f => !projects.Exists(p => f.StartsWith(p, StringComparison.Ordinal))));
    }

    [Fact]
    public void The_namespace_of_a_file_is_its_folder() => Repo.Nothing(
        "Make namespace and folder the same. Outside the core, a folder may belong to the namespace of the folder above it.",
        from file in Repo.CSharp("src").Concat(Repo.CSharp("tests")).Concat(Repo.CSharp("bench"))
        where !file.Contains("/Assets/", StringComparison.Ordinal)
        let declared = Namespace().Match(SourceText.CodeOnly(Repo.Read(file)))
        where declared.Success
        let space = declared.Groups[1].Value
        let folders = file.Split('/')[1..^1]
        let project = folders[0]
        let expected = string.Join('.', folders)
        where !(space == "Weft" && folders.Length == 1 && file.EndsWith("Extensions.cs", StringComparison.Ordinal)) // Verbs of the builder are found without a using.
        where project == "Weft" ? space != expected : !$"{expected}.".StartsWith($"{space}.", StringComparison.Ordinal) || space.Length < project.Length
        select $"{file}: {space}");

    [Fact]
    public void No_file_is_long() => Repo.Nothing(
        $"Split it: the limit is {LongestFile} lines.",
        from file in Repo.Files
        where Path.GetExtension(file) is ".cs" or ".ts" or ".tsx" or ".css" or ".sh" or ".yaml" || RootFiles.Contains(file)
        where file is not "LICENSE"
        let lines = Lines(file)
        where lines > LongestFile
        select $"{file}: {lines}");

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    [InlineData("bench")]
    public void Most_files_are_short(string folder)
    {
        int[] lengths = [.. Repo.CSharp(folder).Select(Lines).Order()];
        Assert.True(lengths[lengths.Length / 2] < MedianFile, $"The median of {folder} is {lengths[lengths.Length / 2]} lines, of {lengths.Length} files.");
    }

    [Fact]
    public void Projects_reference_only_where_the_directions_allow() => Repo.Nothing(
        "The core knows nobody, connectors know the core, the server knows all.",
        from project in Projects().Where(p => p.StartsWith("src/", StringComparison.Ordinal))
        let name = Path.GetFileNameWithoutExtension(project)
        let allowed = References.GetValueOrDefault(name) ?? ["Weft"]
        from reference in XDocument.Parse(Repo.Read(project)).Descendants("ProjectReference")
        let used = Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!)
        where !allowed.Contains("*") && !allowed.Contains(used)
        where used != "Weft.Generators"
        select $"{name} references {used}");

    [Fact]
    public void Every_project_is_in_the_solution() => Repo.Nothing(
        "Add it to Weft.slnx.",
        Repo.Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal))
            .Where(f => f.Split('/')[0] is "src" or "tests" or "bench" && !f.Contains("/Assets/", StringComparison.Ordinal))
            .Except(Projects()));

    [Fact]
    public void Every_source_project_has_tests() => Repo.Nothing(
        "Each source project has a test project; the conformance suites are run by those of the stores.",
        Projects().Where(p => p.StartsWith("src/", StringComparison.Ordinal)).Select(p => Path.GetFileNameWithoutExtension(p)!)
            .Where(name => name != "Weft.Testing" && !Repo.Has($"tests/{name}.Tests/{name}.Tests.csproj")));

    private static List<string> Projects() =>
        [.. XDocument.Parse(Repo.Read("Weft.slnx")).Descendants("Project").Select(p => (string)p.Attribute("Path")!)];

    private static int Lines(string file) => File.ReadLines(Repo.FullPath(file)).Count();

    [GeneratedRegex(@"^\s*namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
