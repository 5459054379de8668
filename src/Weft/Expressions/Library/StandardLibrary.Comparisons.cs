using Weft.Expressions.Syntax;

namespace Weft.Expressions.Library;

/// <summary>Order within one type.</summary>
internal static partial class StandardLibrary
{
    private static void DeclareComparisons(Registry registry)
    {
        foreach (var (name, type) in (ReadOnlySpan<(string, CelType)>)
        [
            ("bool", CelType.Bool), ("int64", CelType.Int), ("uint64", CelType.UInt),
            ("double", CelType.Double), ("string", CelType.String), ("bytes", CelType.Bytes),
        ])
            DeclareOrder(registry, name, type, type);
    }

    /// <summary>Declares the four operators that compare values of two types. What has no order (NaN) is neither less nor greater.</summary>
    internal static void DeclareOrder(Registry registry, string name, CelType a, CelType b, string prefix = "")
    {
        CelType[] types = [a, b];
        registry.Global(Operators.Less, $"{prefix}less_{name}", types, CelType.Bool,
            static (f, v) => CelValue.Of(Order(f, v) < 0));
        registry.Global(Operators.LessOrEqual, $"{prefix}less_equals_{name}", types, CelType.Bool,
            static (f, v) => CelValue.Of(Order(f, v) <= 0));
        registry.Global(Operators.Greater, $"{prefix}greater_{name}", types, CelType.Bool,
            static (f, v) => CelValue.Of(Order(f, v) > 0));
        registry.Global(Operators.GreaterOrEqual, $"{prefix}greater_equals_{name}", types, CelType.Bool,
            static (f, v) => CelValue.Of(Order(f, v) >= 0));
    }

    private static int? Order(Frame frame, ReadOnlySpan<CelValue> values)
    {
        if (values[0].Kind is CelKind.String or CelKind.Bytes && values[1].Kind == values[0].Kind)
            CountBytes(frame, Math.Min(values[0].AsSpan.Length, values[1].AsSpan.Length));
        return ValueOperations.Compare(values[0], values[1]);
    }

    /// <summary>Counts the steps of walking over bytes; short texts cost nothing beside the call.</summary>
    private static void CountBytes(Frame frame, int bytes)
    {
        if (bytes >= 64)
            frame.TryStep(bytes / 64);
    }
}
