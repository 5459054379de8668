using System.Globalization;

namespace Weft.Load.Cells;

/// <summary>What a cell is told, as <c>name=value</c>.</summary>
public sealed class CellArgs(IEnumerable<string> args)
{
    private readonly Dictionary<string, string> _values = args
        .Select(a => a.Split('=', 2)).Where(a => a.Length == 2).ToDictionary(a => a[0], a => a[1], StringComparer.Ordinal);

    /// <summary>How many publishers wait for their order to be stored, each with the next.</summary>
    public int Publishers => (int)Number("publishers", 64);

    /// <summary>How long they publish.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds(Number("seconds", 1));

    /// <summary>How long they publish before at most, until everything is compiled for speed.</summary>
    public TimeSpan WarmUp => TimeSpan.FromSeconds(Number("warm", 12));

    /// <summary>How long orders may take to arrive after the last was published before they count as lost.</summary>
    public TimeSpan Patience => TimeSpan.FromSeconds(Number("patience", 60));

    /// <summary>A text that must be there.</summary>
    public string Text(string name) => _values.TryGetValue(name, out var value) ? value : throw new ArgumentException($"The cell needs {name}=VALUE.");

    public double Number(string name, double otherwise) => _values.TryGetValue(name, out var value) ? double.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}
