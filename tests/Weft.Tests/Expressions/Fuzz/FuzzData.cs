using Weft.Expressions;

namespace Weft.Tests.Expressions.Fuzz;

/// <summary>A type that expressions are made for.</summary>
/// <param name="Kind">Its kind; <see cref="CelKind.Error"/> stands for any.</param>
/// <param name="Item">Of what a list or the values of a map are.</param>
internal sealed record FuzzType(CelKind Kind, FuzzType? Item = null)
{
    public static FuzzType Bool { get; } = new(CelKind.Bool);

    public static FuzzType Int { get; } = new(CelKind.Int);

    public static FuzzType UInt { get; } = new(CelKind.UInt);

    public static FuzzType Double { get; } = new(CelKind.Double);

    public static FuzzType String { get; } = new(CelKind.String);

    public static FuzzType Bytes { get; } = new(CelKind.Bytes);

    public static FuzzType Null { get; } = new(CelKind.Null);

    public static FuzzType Type { get; } = new(CelKind.Type);

    public static FuzzType Timestamp { get; } = new(CelKind.Timestamp);

    public static FuzzType Duration { get; } = new(CelKind.Duration);

    public static FuzzType Any { get; } = new(CelKind.Error);

    /// <summary>The types that are not made of others.</summary>
    public static FuzzType[] Simple { get; } = [Bool, Int, UInt, Double, String, Bytes, Null, Type, Timestamp, Duration];

    public static FuzzType List(FuzzType item) => new(CelKind.List, item);

    /// <summary>A map with texts as keys.</summary>
    public static FuzzType Map(FuzzType value) => new(CelKind.Map, value);

    /// <summary>As expressions declare it.</summary>
    public CelType ToCelType() => Kind switch
    {
        CelKind.Bool => CelType.Bool,
        CelKind.Int => CelType.Int,
        CelKind.UInt => CelType.UInt,
        CelKind.Double => CelType.Double,
        CelKind.String => CelType.String,
        CelKind.Bytes => CelType.Bytes,
        CelKind.Null => CelType.Null,
        CelKind.Type => CelType.TypeOf(CelType.Dyn),
        CelKind.Timestamp => CelType.Timestamp,
        CelKind.Duration => CelType.Duration,
        CelKind.List => CelType.List(Item!.ToCelType()),
        CelKind.Map => CelType.Map(CelType.String, Item!.ToCelType()),
        _ => CelType.Dyn,
    };
}

/// <summary>The data of cases: values that programs tend to get wrong, and plain ones so that expressions get somewhere.</summary>
internal sealed class FuzzData(Random random)
{
    private static readonly long[] s_ints = [0, 1, -1, 2, 3, 7, 10, 64, 255, 1000, -5, 4294967296, 9007199254740993, long.MaxValue, long.MinValue, long.MaxValue - 1];

    private static readonly ulong[] s_uints = [0, 1, 2, 3, 10, 255, 9007199254740993, long.MaxValue, 9223372036854775808, ulong.MaxValue];

    private static readonly double[] s_doubles =
        [0, -0.0, 1, -1, 0.5, 1.5, 2.5, -2.5, 0.1, 100, 1e15, 1e21, 1e-7, 1e300, 5e-324, 9007199254740992, 9.223372036854775807e18, 1.8446744073709552e19, double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    private static readonly string[] s_texts =
        ["", "a", "b", "ab", "abc", "Hello", " x ", "1", "-7", "3.5", "true", "false", "null", "😀", "é", "e\u0301", "ß", "İ", "a,b,c", "a.b", "1h30m", "2024-02-29T23:59:59Z", "日本語", "\u0000", "a\nb", "NaN", "Infinity", "0x10", "1e3", "A"];

    private static readonly byte[][] s_bytes = [[], [0], [97], [97, 98, 99], [255], [195, 169], [240, 159, 152, 128], [0, 255, 128]];

    private static readonly long[] s_seconds = [0, 1, -1, 1709251199, -62135596800, 253402300799, 951782400, 86399];

    private static readonly long[] s_spans = [0, 1, -1, 3600, 86400, 5400, -90, 315576000];

    // Whole milliseconds: cel-js keeps no more.
    private static readonly int[] s_nanos = [0, 0, 0, 1_000_000, 500_000_000, 999_000_000];

    public T One<T>(IReadOnlyList<T> of) => of[random.Next(of.Count)];

    public long Int() => random.Next(4) == 0 ? random.Next(-20, 20) : One(s_ints);

    public ulong UInt() => random.Next(4) == 0 ? (ulong)random.Next(20) : One(s_uints);

    public double Double() => random.Next(5) == 0 ? random.Next(-1000, 1000) / 8d : One(s_doubles);

    public string Text() => random.Next(5) == 0 ? One(s_texts) + One(s_texts) : One(s_texts);

    public byte[] Bytes() => One(s_bytes);

    public CelValue Value(FuzzType type, int depth = 0)
    {
        switch (type.Kind)
        {
            case CelKind.Bool:
                return CelValue.Of(random.Next(2) == 0);
            case CelKind.Int:
                return CelValue.Of(Int());
            case CelKind.UInt:
                return CelValue.Of(UInt());
            case CelKind.Double:
                return CelValue.Of(Double());
            case CelKind.String:
                return CelValue.Of(Text());
            case CelKind.Bytes:
                return CelValue.Bytes(Bytes());
            case CelKind.Timestamp:
                return CelValue.Timestamp(One(s_seconds), One(s_nanos));
            case CelKind.Duration:
                var seconds = One(s_spans);
                return CelValue.Duration(seconds, seconds < 0 ? -One(s_nanos) : One(s_nanos));
            case CelKind.List:
                return CelValue.List([.. Enumerable.Range(0, random.Next(5)).Select(_ => Value(type.Item!, depth + 1))]);
            case CelKind.Map:
                var map = new CelEntries.Builder(new Arena());
                foreach (var key in (string[])["a", "b", "c", "x-y", ""])
                {
                    if (random.Next(3) > 0)
                        map.Add(CelValue.Of(key), Value(type.Item!, depth + 1));
                }
                return map.ToValue();
            case CelKind.Error when depth < 3 && random.Next(4) == 0:
                return Value(random.Next(2) == 0 ? FuzzType.List(FuzzType.Any) : FuzzType.Map(FuzzType.Any), depth + 1);
            case CelKind.Error:
                return Value(One([FuzzType.Bool, FuzzType.Int, FuzzType.UInt, FuzzType.Double, FuzzType.String, FuzzType.Null]));
            default:
                return CelValue.Null;
        }
    }
}
