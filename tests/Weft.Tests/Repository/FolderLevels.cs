using System.Text.RegularExpressions;

namespace Weft.Tests.Repository;

/// <summary>Which folder of the core may use which: each only those of lower levels. docs/architecture.md has the same table.</summary>
internal static partial class FolderLevels
{
    /// <summary>The levels, lowest first.</summary>
    public static readonly string[][] Table =
    [
        ["Diagnostics"],
        ["Messages", "Rows"],
        ["Expressions"],
        ["Options"],
        ["CircuitBreaker", "Retry", "Timeouts", "Concurrency", "Contracts", "Http1"],
        ["ServiceRegistry", "Flows"],
        ["Calls"],
        ["EventBus", "Etl", "ChangeDataCapture", "Simulation"],
        ["RequestReply", "Routers", "Views"],
    ];

    /// <summary>The level of a folder, or -1 when the table does not have it.</summary>
    public static int Of(string folder) => Array.FindIndex(Table, level => level.Contains(folder));

    /// <summary>What a file uses that it may not, each as a sentence.</summary>
    /// <param name="folder">The folder of the file.</param>
    /// <param name="source">Its text.</param>
    /// <param name="typesOf">The types that a folder declares: inside <c>namespace Weft.X</c> the short form <c>Y.Type</c> reaches another folder too.</param>
    public static IEnumerable<string> Violations(string folder, string source, Func<string, IReadOnlySet<string>> typesOf)
    {
        var code = SourceText.CodeOnly(source);
        foreach (var used in Table.SelectMany(level => level).Where(other => other != folder && Of(other) >= Of(folder)))
        {
            var qualified = new Regex($@"(?<![\w.])(?:global::\s*)?Weft\s*\.\s*{used}\b");
            var shortened = new Regex($@"(?<![\w.]){used}\s*\.\s*(\w+)");
            if (qualified.IsMatch(code) || shortened.Matches(code).Any(m => typesOf(used).Contains(m.Groups[1].Value)))
                yield return $"{folder} (level {Of(folder)}) uses {used} (level {Of(used)})";
        }
    }

    /// <summary>The names of the types that a source text declares.</summary>
    public static IEnumerable<string> DeclaredTypes(string source) =>
        Declaration().Matches(SourceText.CodeOnly(source)).Select(m => m.Groups[1].Value);

    [GeneratedRegex(@"\b(?:class|interface|enum|record\s+struct|record\s+class|record|struct)\s+(\w+)")]
    private static partial Regex Declaration();
}
