namespace Weft.Load.Harness;

/// <summary>A Markdown table: the first column is text, the others are figures and stand to the right.</summary>
internal sealed class Table(params string[] columns)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row with one cell per column.</summary>
    public Table Row(params string[] cells)
    {
        if (cells.Length != columns.Length)
        {
            throw new ArgumentException($"{cells.Length} cells in a table of {columns.Length} columns.", nameof(cells));
        }

        _rows.Add(cells);
        return this;
    }

    /// <summary>Writes the table with its columns aligned, so that it reads in a terminal too.</summary>
    public void Print(TextWriter to)
    {
        var widths = columns.Select((name, i) => _rows.Select(row => row[i].Length).Append(name.Length).Append(4).Max()).ToArray();
        to.WriteLine(Line(columns, widths));
        to.WriteLine("| " + string.Join(" | ", widths.Select((w, i) => i == 0 ? new string('-', w) : new string('-', w - 1) + ":")) + " |");
        foreach (var row in _rows)
        {
            to.WriteLine(Line(row, widths));
        }
    }

    private static string Line(string[] cells, int[] widths) =>
        "| " + string.Join(" | ", cells.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))) + " |";
}
