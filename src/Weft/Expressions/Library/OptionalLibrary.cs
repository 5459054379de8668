namespace Weft.Expressions.Library;

/// <summary>
/// The optional values of CEL: what makes them and reads them. <c>a.?b</c>, <c>a[?b]</c> and optional items of literals are the planner's,
/// <c>optMap</c> and <c>optFlatMap</c> are macros.
/// </summary>
internal static class OptionalLibrary
{
    private static readonly CelType s_value = CelType.Parameter("V");
    private static readonly CelType s_optional = CelType.Optional(s_value);
    private static readonly CelType s_list = CelType.List(s_value);

    private static readonly CelError s_notOptional = CelError.NoSuchOverload("unwrap() takes a list of optional values only.");

    private static readonly CelValue s_none = CelValue.Of(CelOptional.None);

    public static void Register(Registry registry)
    {
        registry.Type("optional_type", new CelType(CelTypeKind.Optional, "optional_type"));
        registry.Global("optional.of", "optional_of", [s_value], s_optional, static (_, a) => CelValue.Of(CelOptional.Of(a[0])));
        registry.Global("optional.none", "optional_none", [], s_optional, static (_, _) => s_none);
        registry.Global("optional.ofNonZeroValue", "optional_ofNonZeroValue", [s_value], s_optional,
            static (_, a) => IsZero(a[0]) ? s_none : CelValue.Of(CelOptional.Of(a[0])));
        registry.Member("hasValue", "optional_hasValue", [s_optional], CelType.Bool, static (_, a) => CelValue.Of(a[0].AsOptional.HasValue));
        registry.Member("value", "optional_value", [s_optional], s_value, static (_, a) => a[0].AsOptional.Value);
        registry.Member("or", "optional_or_optional", [s_optional, s_optional], s_optional, static (_, a) => a[0].AsOptional.HasValue ? a[0] : a[1]);
        registry.Member("orValue", "optional_orValue_value", [s_optional, s_value], s_value,
            static (_, a) => a[0].AsOptional is { HasValue: true } optional ? optional.Value : a[1]);
        registry.Global("optional.unwrap", "optional_unwrap", [CelType.List(s_optional)], s_list, Unwrap);
        registry.Member("unwrapOpt", "optional_unwrapOpt", [CelType.List(s_optional)], s_list, Unwrap);
        registry.Member("first", "list_first", [s_list], s_optional, First);
        registry.Member("last", "list_last", [s_list], s_optional, Last);
    }

    /// <summary>
    /// Whether a value is that which its type has when nothing is said: null, false, 0, an empty text or list or map, no optional, no time at
    /// all, and for points in time 1970-01-01T00:00:00Z.
    /// </summary>
    internal static bool IsZero(in CelValue value) => value.Kind switch
    {
        CelKind.Null => true,
        CelKind.Bool => !value.AsBool,
        CelKind.Int or CelKind.UInt => value.AsInt == 0,
        CelKind.Double => value.AsDouble == 0,
        CelKind.Decimal => value.AsDecimal == 0,
        CelKind.String or CelKind.Bytes => value.AsSpan.IsEmpty,
        CelKind.Timestamp or CelKind.Duration => value.Seconds == 0 && value.Nanos == 0,
        CelKind.List when !value.IsJson => value.Items.IsEmpty,
        CelKind.Map when !value.IsJson => value.AsMap.Count == 0,
        CelKind.List or CelKind.Map => value.JsonBuffer[JsonSlice.SkipSpace(value.JsonBuffer, value.JsonStart + 1)] is (byte)']' or (byte)'}',
        CelKind.Optional => !value.AsOptional.HasValue,
        _ => false,
    };

    private static CelValue Unwrap(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        var arena = frame.Arena;
        if (!frame.TryItems(arguments[0], out var items, out var error))
            return error;
        var bottom = arena.StackTop;
        foreach (var item in items)
        {
            if (item.Kind != CelKind.Optional)
            {
                arena.Drop(bottom);
                return CelValue.Of(s_notOptional);
            }
            if (item.AsOptional.HasValue)
                arena.Push(item.AsOptional.Value);
        }
        return arena.PopList(bottom);
    }

    private static CelValue First(Frame frame, ReadOnlySpan<CelValue> arguments) => Item(frame, arguments[0], 0);

    private static CelValue Last(Frame frame, ReadOnlySpan<CelValue> arguments) =>
        Item(frame, arguments[0], ListReader.Count(arguments[0], frame) - 1);

    private static CelValue Item(Frame frame, in CelValue list, long index)
    {
        var has = ListReader.TryItem(list, index, frame, out var item);
        if (frame.Halted is not null)
            return frame.Stopped();
        return !has ? s_none : item.IsError ? item : CelValue.Of(CelOptional.Of(item));
    }
}
