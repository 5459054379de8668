using System.Text;
using System.Text.Json;
using CsCheck;
using Weft.Expressions;

namespace Weft.Tests.Expressions.Values;

/// <summary>Values for tests: from JSON as it stands, or made out of it, and random ones.</summary>
internal static class TestValues
{
    public static Frame Frame() => new(0, 0, CelLimits.Default);

    /// <summary>A value that stands in a JSON text.</summary>
    public static CelValue Slice(string json) => JsonSlice.Read(Encoding.UTF8.GetBytes(json), 0, new Arena(), out _);

    /// <summary>The same value without the text.</summary>
    public static CelValue Made(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Made(document.RootElement);
    }

    public static CelValue Map(params (CelValue Key, CelValue Value)[] entries)
    {
        var builder = new CelEntries.Builder(new Arena());
        foreach (var (key, value) in entries)
            Assert.Null(builder.Add(key, value));
        return builder.ToValue();
    }

    public static CelValue List(params CelValue[] items) => CelValue.List(items);

    public static CelValue Text(string text) => CelValue.Of(text);

    /// <summary>One of some values.</summary>
    public static Gen<T> Among<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    /// <summary>JSON texts with many equal parts: few names, few numbers in different spellings, escapes, white space.</summary>
    public static Gen<string> Json(int depth = 3)
    {
        var scalar = Among("null", "true", "false", "0", "1", "1.0", "1e0", "-0", "2.5", "\"\"", "\"a\"", "\"\\u0061\"", "\"é😀\"", "1e400");
        if (depth == 0)
            return scalar;
        var below = Json(depth - 1);
        var list = below.List[0, 3].Select(items => $"[ {string.Join(" ,", items)}]");
        var name = Among("a", "\\u0061b", "b", "");
        var map = Gen.Select(name, below).List[0, 3].Select(entries =>
            $"{{{string.Join(",", entries.DistinctBy(e => e.Item1).Select(e => $"\"{e.Item1}\" : {e.Item2}"))} }}");
        return Gen.OneOf(scalar, list, map);
    }

    /// <summary>Numbers of all types, most of them near where types and rounding end.</summary>
    public static Gen<CelValue> Number { get; } = Gen.OneOf(
        Gen.OneOf(Among(0L, 1, -1, long.MaxValue, long.MinValue, 1L << 53, (1L << 53) + 1), Gen.Long).Select(v => CelValue.Of(v)),
        Gen.OneOf(Among(0UL, 1UL, ulong.MaxValue, (1UL << 63) + 1, 1UL << 63), Gen.ULong).Select(v => CelValue.Of(v)),
        Gen.OneOf(Among(0.0, -0.0, 1, 0.1, 0.5, 1e-30, -1e300, 9223372036854775808d, 9007199254740992d, double.NaN, double.PositiveInfinity), Gen.Double)
            .Select(v => CelValue.Of(v)),
        Gen.OneOf(Among(0m, 1m, 0.1m, 0.5m, decimal.MaxValue, decimal.MinValue, 9007199254740993m), Gen.Decimal).Select(v => CelValue.Of(v)));

    private static CelValue Made(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => CelValue.Null,
        JsonValueKind.True => CelValue.True,
        JsonValueKind.False => CelValue.False,
        JsonValueKind.String => CelValue.Of(json.GetString()!),
        JsonValueKind.Number => json.TryGetInt64(out var whole) && !json.GetRawText().AsSpan().ContainsAny(".eE") ? CelValue.Of(whole) : CelValue.Of(json.GetDouble()),
        JsonValueKind.Array => CelValue.List([.. json.EnumerateArray().Select(Made)]),
        _ => Map([.. json.EnumerateObject().Select(member => (CelValue.Of(member.Name), Made(member.Value)))]),
    };
}
