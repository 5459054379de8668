namespace Weft.Load.Harness;

/// <summary>What a benchmark found.</summary>
internal sealed class Report
{
    /// <summary>The versions of what was measured beside Weft, by name; see <see cref="Machine.VersionOf"/>.</summary>
    public SortedDictionary<string, string> Versions { get; } = new(StringComparer.Ordinal);

    /// <summary>The tables, in the order in which they are printed.</summary>
    public List<Table> Tables { get; } = [];

    /// <summary>Sentences below the tables: what a reader must know to read them right.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>The promises, each with its figure.</summary>
    public List<Bound> Bounds { get; } = [];

    /// <summary>Names the version of the package or product that a type comes from.</summary>
    public void AddVersionOf(Type type) => Versions[type.Assembly.GetName().Name!] = Machine.VersionOf(type);

    /// <summary>Writes everything as Markdown.</summary>
    public void Print(TextWriter to, string title)
    {
        to.WriteLine($"## {title}");
        to.WriteLine();
        foreach (var (name, value) in Machine.Describe())
        {
            to.WriteLine($"- {name}: {value}");
        }

        foreach (var (name, version) in Versions)
        {
            to.WriteLine($"- {name}: {version}");
        }

        foreach (var table in Tables)
        {
            to.WriteLine();
            table.Print(to);
        }

        foreach (var note in Notes)
        {
            to.WriteLine();
            to.WriteLine(note);
        }

        PrintBounds(to);
    }

    private void PrintBounds(TextWriter to)
    {
        if (Bounds.Count == 0)
        {
            return;
        }

        var table = new Table("Bound", "Limit", "Figure", "Verdict");
        foreach (var bound in Bounds)
        {
            table.Row(
                bound.Name,
                $"{bound.Sign} {Figures.Short(bound.Limit)} {bound.Unit}",
                $"{Figures.Short(bound.Figure)} {bound.Unit}",
                bound.Holds ? "holds" : "falls short");
        }

        to.WriteLine();
        table.Print(to);
    }
}
