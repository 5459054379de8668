using System.Globalization;

namespace Weft.Load.Cells;

/// <summary>What a cell found, as figures by name; one line of text carries it from one process to the other.</summary>
public sealed class CellResult
{
    private const string Mark = "cell:";

    private readonly Dictionary<string, double> _figures = new(StringComparer.Ordinal);

    public double this[string name]
    {
        get => _figures.TryGetValue(name, out double figure) ? figure : double.NaN;
        set => _figures[name] = value;
    }

    /// <summary>The line.</summary>
    public override string ToString() => Mark + string.Join(' ', _figures.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Key}={f.Value:R}")));

    /// <summary>Reads the line; null when it is another.</summary>
    public static CellResult? TryRead(string line)
    {
        if (!line.StartsWith(Mark, StringComparison.Ordinal))
            return null;
        var result = new CellResult();
        foreach (string pair in line[Mark.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            result[pair[..pair.IndexOf('=', StringComparison.Ordinal)]] = double.Parse(pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture);
        return result;
    }
}
