using System.Globalization;
using System.Text;
using System.Text.Json;
using Weft.Expressions;

namespace Weft.Tests.Expressions.Fuzz;

/// <summary>
/// Values as texts that lose nothing, as <c>tests/cel/oracle.mjs</c> reads and writes them: JSON arrays that begin with the type.
/// </summary>
internal static class FuzzValues
{
    public const string Error = "[\"error\"]";

    /// <summary>A value to compare: entries of maps are sorted, so that equal values are equal texts.</summary>
    public static string Show(in CelValue value) => Show(value, isSorted: true);

    /// <summary>A value to send: entries of maps stay in their order, which loops show.</summary>
    public static string ShowInOrder(in CelValue value) => Show(value, isSorted: false);

    private static string Show(in CelValue value, bool isSorted) => value.Kind switch
    {
        CelKind.Error => Error,
        CelKind.Null => "[\"null\"]",
        CelKind.Bool => value.IsTrue ? "[\"bool\",true]" : "[\"bool\",false]",
        CelKind.Int => string.Create(CultureInfo.InvariantCulture, $"[\"int\",\"{value.AsInt}\"]"),
        CelKind.UInt => string.Create(CultureInfo.InvariantCulture, $"[\"uint\",\"{value.AsUInt}\"]"),
        CelKind.Double when double.IsNaN(value.AsDouble) => "[\"double\",\"nan\"]",
        CelKind.Double => string.Create(CultureInfo.InvariantCulture, $"[\"double\",\"{BitConverter.DoubleToInt64Bits(value.AsDouble):x16}\"]"),
        CelKind.String => $"[\"string\",{Quote(Encoding.UTF8.GetString(value.AsSpan))}]",
        CelKind.Bytes => $"[\"bytes\",\"{Convert.ToHexStringLower(value.AsSpan)}\"]",
        CelKind.Timestamp => string.Create(CultureInfo.InvariantCulture, $"[\"timestamp\",\"{value.Seconds}\",{value.Nanos}]"),
        CelKind.Duration => string.Create(CultureInfo.InvariantCulture, $"[\"duration\",\"{value.Seconds}\",{value.Nanos}]"),
        CelKind.Type => $"[\"type\",{Quote(value.AsType.Name)}]",
        CelKind.Optional => value.AsOptional.HasValue ? $"[\"optional\",{Show(value.AsOptional.Value, isSorted)}]" : "[\"optional\"]",
        CelKind.List => ShowList(value, isSorted),
        CelKind.Map => ShowMap(value, isSorted),
        _ => $"[\"{value.Kind}\",{Quote(value.ToString())}]",
    };

    /// <summary>The answer of an engine in the same form; the text of an error falls away.</summary>
    public static string Normal(JsonElement answer) => answer[0].GetString() switch
    {
        "error" => Error,
        "list" => $"[\"list\",[{string.Join(',', answer[1].EnumerateArray().Select(Normal))}]]",
        "map" => Map(answer[1].EnumerateArray().Select(e => $"[{Normal(e[0])},{Normal(e[1])}]").Order(StringComparer.Ordinal)),
        "optional" when answer.GetArrayLength() == 2 => $"[\"optional\",{Normal(answer[1])}]",
        "string" => $"[\"string\",{Quote(answer[1].GetString()!)}]",
        _ => JsonSerializer.Serialize(answer),
    };

    private static string ShowList(in CelValue list, bool isSorted)
    {
        var items = new List<string>();
        for (var reader = new ListReader(list, new Arena()); reader.Next(out var item);)
            items.Add(Show(item, isSorted));
        return $"[\"list\",[{string.Join(',', items)}]]";
    }

    private static string ShowMap(in CelValue map, bool isSorted)
    {
        var entries = new List<string>();
        for (var reader = new MapReader(map, new Arena()); reader.Next(out var key, out var value);)
            entries.Add($"[{Show(key, isSorted)},{Show(value, isSorted)}]");
        return Map(isSorted ? entries.Order(StringComparer.Ordinal) : entries);
    }

    private static string Map(IEnumerable<string> entries) => $"[\"map\",[{string.Join(',', entries)}]]";

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
