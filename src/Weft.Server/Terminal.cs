using Spectre.Console;

namespace Weft.Server;

/// <summary>Where a command writes: results to standard output, everything else to standard error. Colour only on a terminal and without <c>NO_COLOR</c>.</summary>
internal sealed class Terminal(TextWriter output, TextWriter error, bool isTerminal)
{
    // Wide enough that nothing is wrapped where a machine reads.
    private const int UnboundedWidth = 1000;

    /// <summary>For results.</summary>
    public TextWriter Out => output;

    /// <summary>For diagnostics.</summary>
    public TextWriter Error => error;

    /// <summary>Whether a person reads standard output, and no file or program.</summary>
    public bool IsTerminal => isTerminal;

    /// <summary>Whether colour may be used.</summary>
    public bool HasColour => isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess() => new(Console.Out, Console.Error, !Console.IsOutputRedirected);

    /// <summary>Writes a table to standard output; nothing when it has no rows.</summary>
    public void WriteTable(string[] headers, IEnumerable<string[]> rows)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (string header in headers)
            table.AddColumn(new TableColumn(new Text(header, HasColour ? new Style(decoration: Decoration.Bold) : Style.Plain)).NoWrap().PadRight(3));
        foreach (string[] row in rows)
            table.AddRow(row.Select(cell => new Text(cell)));
        if (table.Rows.Count == 0)
            return;

        var trimmed = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = HasColour ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = HasColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(trimmed),
        });
        console.Profile.Width = UnboundedWidth;
        console.Write(table);
        foreach (string line in trimmed.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'))
            output.WriteLine(line.TrimEnd());
    }
}
