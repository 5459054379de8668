using System.Globalization;
using System.Text.Json;
using Weft.Expressions;

namespace Weft.Tests.Expressions.Suite;

/// <summary>The values of the official suite (proto JSON of <c>cel.expr.Value</c>).</summary>
internal static class SuiteValues
{
    /// <summary>The value; null when it is a message or enum of protobuf, which Weft does not have.</summary>
    public static CelValue? Read(JsonElement json)
    {
        var kind = json.EnumerateObject().First();
        var value = kind.Value;
        switch (kind.Name)
        {
            case "nullValue":
                return CelValue.From(null);
            case "boolValue":
                return CelValue.From(value.GetBoolean());
            case "int64Value":
                return CelValue.From(long.Parse(value.GetString()!, CultureInfo.InvariantCulture));
            case "uint64Value":
                return CelValue.From(ulong.Parse(value.GetString()!, CultureInfo.InvariantCulture));
            case "doubleValue":
                return CelValue.From(value.ValueKind == JsonValueKind.Number ? value.GetDouble() : value.GetString() switch
                {
                    "Infinity" => double.PositiveInfinity,
                    "-Infinity" => double.NegativeInfinity,
                    _ => double.NaN,
                });
            case "stringValue":
                return CelValue.From(value.GetString());
            case "bytesValue":
                return CelValue.From(value.GetBytesFromBase64());
            case "typeValue":
                return CelValue.Of(new CelType(KindOf(value.GetString()!), value.GetString()!));
            case "listValue":
                return ReadList(value);
            case "mapValue":
                return ReadMap(value);
            case "objectValue":
                return ReadMessage(value);
            default:
                return null;
        }
    }

    /// <summary>Whether a value is the expected one: of the same type, and equal; NaN is the same as NaN here.</summary>
    public static bool Same(in CelValue actual, in CelValue expected)
    {
        if (actual.Kind != expected.Kind)
            return false;
        if (actual.Kind == CelKind.Double && double.IsNaN(expected.AsDouble))
            return double.IsNaN(actual.AsDouble);
        var frame = new Frame(0, 0, CelLimits.Default);
        if (actual.Kind != CelKind.List)
            return ValueOperations.Equal(actual, expected, frame);
        ListReader left = new(actual, frame.Arena), right = new(expected, frame.Arena);
        while (left.Next(out var a))
        {
            if (!right.Next(out var b) || !Same(a, b))
                return false;
        }
        return !right.Next(out _);
    }

    private static CelTypeKind KindOf(string name) => name switch
    {
        "bool" => CelTypeKind.Bool,
        "int" => CelTypeKind.Int,
        "uint" => CelTypeKind.UInt,
        "double" => CelTypeKind.Double,
        "string" => CelTypeKind.String,
        "bytes" => CelTypeKind.Bytes,
        "list" => CelTypeKind.List,
        "map" => CelTypeKind.Map,
        "null_type" => CelTypeKind.Null,
        "type" => CelTypeKind.Type,
        "optional_type" => CelTypeKind.Optional,
        "google.protobuf.Timestamp" => CelTypeKind.Timestamp,
        "google.protobuf.Duration" => CelTypeKind.Duration,
        _ => CelTypeKind.Named,
    };

    private static CelValue? ReadList(JsonElement json)
    {
        var items = new List<CelValue>();
        if (json.TryGetProperty("values", out var values))
        {
            foreach (var item in values.EnumerateArray())
            {
                if (Read(item) is not { } value)
                    return null;
                items.Add(value);
            }
        }
        return CelValue.List([.. items]);
    }

    private static CelValue? ReadMap(JsonElement json)
    {
        var builder = new CelEntries.Builder(new Arena());
        if (json.TryGetProperty("entries", out var entries))
        {
            foreach (var entry in entries.EnumerateArray())
            {
                if (Read(entry.GetProperty("key")) is not { } key || Read(entry.GetProperty("value")) is not { } value)
                    return null;
                Assert.Null(builder.Add(key, value));
            }
        }
        return builder.ToValue();
    }

    /// <summary>Times and what protobuf has for JSON.</summary>
    private static CelValue? ReadMessage(JsonElement json)
    {
        var type = json.GetProperty("@type").GetString()!;
        var name = type[(type.LastIndexOf('/') + 1)..];
        if (name is not ("google.protobuf.Timestamp" or "google.protobuf.Duration"))
            return name is "google.protobuf.Value" or "google.protobuf.Struct" or "google.protobuf.ListValue" ? CelValue.From(json.GetProperty("value")) : null;
        var text = json.GetProperty("value").GetString()!;
        return name == "google.protobuf.Timestamp" ? ReadTime(text) : ReadDuration(text);
    }

    private static CelValue ReadTime(string text)
    {
        var seconds = DateTimeOffset.Parse(text[..19] + "Z", CultureInfo.InvariantCulture).ToUnixTimeSeconds();
        return CelValue.Timestamp(seconds, Nanos(text.TrimEnd('Z')));
    }

    private static CelValue ReadDuration(string text)
    {
        var whole = text.TrimEnd('s');
        var point = whole.IndexOf('.', StringComparison.Ordinal);
        var seconds = long.Parse(point < 0 ? whole : whole[..point], CultureInfo.InvariantCulture);
        return CelValue.Duration(seconds, whole.StartsWith('-') ? -Nanos(whole) : Nanos(whole));
    }

    private static int Nanos(string text) => text.IndexOf('.', StringComparison.Ordinal) is > 0 and var point
        ? int.Parse(text[(point + 1)..].PadRight(9, '0'), CultureInfo.InvariantCulture)
        : 0;
}
