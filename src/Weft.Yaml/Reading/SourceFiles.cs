using Weft.Options.Schema;

namespace Weft.Yaml.Reading;

/// <summary>The texts that were read, for showing lines of them, and what in them must not be shown.</summary>
internal sealed class SourceFiles
{
    private readonly Dictionary<string, string[]> _lines = new(StringComparer.Ordinal);
    private readonly List<string> _paths = [];
    private readonly SortedSet<string> _folders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _order = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Paths => _paths;

    public IReadOnlyCollection<string> Folders => _folders;

    /// <summary>Texts that could be secrets.</summary>
    public IReadOnlyList<Node> Hidden { get; set; } = [];

    /// <summary>Notes a file that is looked for.</summary>
    public void Add(string file)
    {
        if (_order.TryAdd(file, _order.Count))
            _paths.Add(Path.GetFullPath(file));
    }

    public void AddFolder(string folder) => _folders.Add(Path.GetFullPath(folder));

    public void AddText(string file, string text) => _lines[file] = text.ReplaceLineEndings("\n").Split('\n');

    /// <summary>A line, from 1; null when there is none.</summary>
    public string? Line(string file, int line) => _lines.TryGetValue(file, out var lines) && line >= 1 && line <= lines.Length ? lines[line - 1] : null;

    /// <summary>The position of a file in the order of reading.</summary>
    public int Order(string file) => _order.GetValueOrDefault(file, int.MaxValue);
}
