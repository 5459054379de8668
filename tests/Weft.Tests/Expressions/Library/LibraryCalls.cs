using System.Globalization;
using System.Text;
using Weft.Expressions;
using Weft.Expressions.Library;

namespace Weft.Tests.Expressions.Library;

/// <summary>Calls functions of the libraries by name with plain values, and shows what they give as text.</summary>
internal sealed class LibraryCalls(CelLimits? limits = null)
{
    public static Registry Registry { get; } = MakeRegistry();

    public Frame Frame { get; } = new(0, 0, limits ?? CelLimits.Default);

    public static Registry MakeRegistry(string? imageTemplate = null)
    {
        var registry = new Registry();
        StringLibrary.Register(registry);
        MathLibrary.Register(registry);
        EncodersLibrary.Register(registry);
        ListsLibrary.Register(registry);
        SetsLibrary.Register(registry);
        OptionalLibrary.Register(registry);
        WeftLibrary.Register(registry, imageTemplate);
        return registry;
    }

    /// <summary>Calls the first overload that takes the arguments.</summary>
    public CelValue Call(string name, params ReadOnlySpan<CelValue> arguments) =>
        Find(name, arguments) is { } overload ? overload.Run!(Frame, arguments) : CelValue.Of(CelError.NoSuchOverload("none"));

    public static Overload? Find(string name, ReadOnlySpan<CelValue> arguments, Registry? registry = null)
    {
        foreach (var overload in (registry ?? Registry).Functions[name].Overloads)
        {
            if (overload.Accepts(arguments))
                return overload;
        }
        return null;
    }

    public string Show(string name, params object?[] arguments) => Show(Call(name, [.. arguments.Select(Value)]));

    /// <summary>A value of CEL. A text that begins with <c>json:</c> is a value that stands in JSON.</summary>
    public static CelValue Value(object? value) => value switch
    {
        null => CelValue.Null,
        bool b => CelValue.Of(b),
        int i => CelValue.Of((long)i),
        long i => CelValue.Of(i),
        uint u => CelValue.Of((ulong)u),
        ulong u => CelValue.Of(u),
        double d => CelValue.Of(d),
        decimal m => CelValue.Of(m),
        byte[] bytes => CelValue.Bytes(bytes),
        string text when text.StartsWith("json:", StringComparison.Ordinal) => Json(text[5..]),
        string text => CelValue.Of(text),
        object?[] items => CelValue.List([.. items.Select(Value)]),
        CelValue v => v,
        _ => throw new ArgumentException(value.GetType().Name),
    };

    public static CelValue Json(string json) => JsonSlice.Read(Encoding.UTF8.GetBytes(json), 0, new Arena(), out _);

    public static CelValue Map(params (object Key, object? Value)[] entries)
    {
        var builder = new CelEntries.Builder(new Arena());
        foreach (var (key, value) in entries)
            Assert.Null(builder.Add(Value(key), Value(value)));
        return builder.ToValue();
    }

    public string Show(in CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.Error:
                return $"error {value.Error!.Kind}";
            case CelKind.Null:
                return "null";
            case CelKind.Bool:
                return value.IsTrue ? "true" : "false";
            case CelKind.Int:
                return value.AsInt.ToString(CultureInfo.InvariantCulture);
            case CelKind.UInt:
                return value.AsUInt.ToString(CultureInfo.InvariantCulture) + "u";
            case CelKind.Double:
                return value.AsDouble.ToString("R", CultureInfo.InvariantCulture) + "d";
            case CelKind.Decimal:
                return value.AsDecimal.ToString(CultureInfo.InvariantCulture) + "m";
            case CelKind.String:
                return $"'{Encoding.UTF8.GetString(value.AsSpan)}'";
            case CelKind.Bytes:
                return Convert.ToHexStringLower(value.AsSpan);
            case CelKind.Optional:
                return value.AsOptional.HasValue ? $"optional({Show(value.AsOptional.Value)})" : "none";
            case CelKind.List:
                var items = new List<string>();
                for (var reader = new ListReader(value, Frame.Arena); reader.Next(out var item);)
                    items.Add(Show(item));
                return $"[{string.Join(", ", items)}]";
            case CelKind.Map:
                var entries = new List<string>();
                for (var reader = new MapReader(value, Frame.Arena); reader.Next(out var key, out var entry);)
                    entries.Add($"{Show(key)}: {Show(entry)}");
                return $"{{{string.Join(", ", entries)}}}";
            default:
                return value.Kind.ToString();
        }
    }
}
