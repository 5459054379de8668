using Weft.Tests.Repository;

namespace Weft.Tests.Expressions.Suite;

/// <summary>Tests of the suite that are known not to hold: headings with the reason, and below each tests, or stretches of the suite that end in a star.</summary>
internal sealed class SuiteExclusions
{
    private readonly List<string> _lines = [];
    private readonly HashSet<string> _used = [];

    /// <summary>Reads a file beside the tests of the suite.</summary>
    public static SuiteExclusions Read(string file, string path = "")
    {
        var exclusions = new SuiteExclusions();
        exclusions._lines.AddRange(File.ReadLines(Path.Combine(Repo.Root, "tests", "Weft.Tests", "Expressions", "Suite", file))
            .Where(line => line.Length > 0 && line[0] != '#' && line.StartsWith(path, StringComparison.Ordinal)));
        return exclusions;
    }

    /// <summary>Lines that excluded nothing that is wrong.</summary>
    public IEnumerable<string> Unused => _lines.Except(_used);

    /// <summary>Whether a test is excluded. A stretch may hold tests that pass; a single test may not.</summary>
    public bool Covers(SuiteTest test, bool isWrong)
    {
        var text = test.ToString().ReplaceLineEndings(" ").Replace("\t", "", StringComparison.Ordinal);
        var isCovered = false;
        foreach (var line in _lines)
        {
            var isStretch = line.EndsWith('*');
            if (isStretch ? !text.StartsWith(line[..^1], StringComparison.Ordinal) : text != line)
                continue;
            isCovered |= isWrong || !isStretch;
            if (isWrong)
                _used.Add(line);
        }
        return isCovered;
    }
}
