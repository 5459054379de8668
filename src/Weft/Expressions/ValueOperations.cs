namespace Weft.Expressions;

/// <summary>What values of all kinds have in common: equality, order, membership and type.</summary>
internal static class ValueOperations
{
    /// <summary>
    /// Equality as CEL has it: numbers by value whatever their type, lists and maps by their items, NaN is not equal to itself, and values
    /// of different types are not equal. Lists and maps in JSON are compared where they stand.
    /// </summary>
    /// <param name="a">No error.</param>
    /// <param name="b">No error.</param>
    /// <param name="frame">Counts the steps; once they are used up the result means nothing and <see cref="Frame.Halted"/> says why.</param>
    public static bool Equal(in CelValue a, in CelValue b, Frame frame)
    {
        if (a.Kind != b.Kind)
            return Numbers.IsNumber(a.Kind) && Numbers.IsNumber(b.Kind) && Numbers.Compare(a, b) == 0;
        return a.Kind switch
        {
            CelKind.Null => true,
            CelKind.Bool => a.AsBool == b.AsBool,
            CelKind.Int or CelKind.UInt => a.AsInt == b.AsInt,
            CelKind.Double => a.AsDouble == b.AsDouble,
            CelKind.Decimal => a.AsDecimal == b.AsDecimal,
            CelKind.String or CelKind.Bytes => EqualBytes(a.AsSpan, b.AsSpan, frame),
            CelKind.Timestamp or CelKind.Duration => a.Seconds == b.Seconds && a.Nanos == b.Nanos,
            CelKind.List => EqualLists(a, b, frame),
            CelKind.Map => EqualMaps(a, b, frame),
            CelKind.Type => SameType(a.AsType, b.AsType),
            CelKind.Optional => EqualOptionals(a.AsOptional, b.AsOptional, frame),
            _ => false,
        };
    }

    /// <summary>The order of two values: below 0, 0 or above 0; null when they have none: NaN, or kinds that are not ordered.</summary>
    public static int? Compare(in CelValue a, in CelValue b)
    {
        if (a.Kind != b.Kind || Numbers.IsNumber(a.Kind))
            return Numbers.IsNumber(a.Kind) && Numbers.IsNumber(b.Kind) ? Numbers.Order(a, b) : null;
        return a.Kind switch
        {
            CelKind.Bool => a.AsBool.CompareTo(b.AsBool),
            // The order of UTF-8 is that of the code points.
            CelKind.String or CelKind.Bytes => a.AsSpan.SequenceCompareTo(b.AsSpan),
            CelKind.Timestamp or CelKind.Duration => a.Seconds != b.Seconds ? a.Seconds.CompareTo(b.Seconds) : a.Nanos.CompareTo(b.Nanos),
            _ => null,
        };
    }

    /// <summary>Whether a list has an equal item.</summary>
    public static bool IsInList(in CelValue item, in CelValue list, Frame frame)
    {
        var reader = new ListReader(list, frame.Arena);
        while (reader.Next(frame, out var other))
        {
            if (Equal(item, other, frame))
                return true;
        }
        return false;
    }

    /// <summary>Whether keys of maps are the same: as equality, but without steps, because keys are not nested.</summary>
    public static bool SameKey(in CelValue a, in CelValue b)
    {
        if (a.Kind == CelKind.String)
            return b.Kind == CelKind.String && a.AsSpan.SequenceEqual(b.AsSpan);
        if (Numbers.IsNumber(a.Kind))
            return Numbers.IsNumber(b.Kind) && Numbers.Compare(a, b) == 0;
        return a.Kind == CelKind.Bool && b.Kind == CelKind.Bool && a.AsBool == b.AsBool;
    }

    /// <summary>Whether types are the same as values: their parameters, which values do not know, do not count.</summary>
    public static bool SameType(CelType a, CelType b) => a.Kind == b.Kind && a.Name == b.Name;

    /// <summary>The type of a value, as far as the value knows it.</summary>
    public static CelType TypeOf(in CelValue value) => value.Kind switch
    {
        CelKind.Null => CelType.Null,
        CelKind.Bool => CelType.Bool,
        CelKind.Int => CelType.Int,
        CelKind.UInt => CelType.UInt,
        CelKind.Double => CelType.Double,
        CelKind.Decimal => CelType.Decimal,
        CelKind.String => CelType.String,
        CelKind.Bytes => CelType.Bytes,
        CelKind.List => CelType.AnyList,
        CelKind.Map => CelType.AnyMap,
        CelKind.Timestamp => CelType.Timestamp,
        CelKind.Duration => CelType.Duration,
        CelKind.Type => s_type,
        CelKind.Optional => s_optional,
        _ => CelType.Error,
    };

    private static readonly CelType s_type = CelType.TypeOf(CelType.Dyn);
    private static readonly CelType s_optional = CelType.Optional(CelType.Dyn);

    private static bool EqualBytes(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Frame frame)
    {
        if (a.Length != b.Length)
            return false;
        if (a.Length >= 64 && !frame.TryStep(a.Length / 64))
            return false;
        return a.SequenceEqual(b);
    }

    private static bool EqualLists(in CelValue a, in CelValue b, Frame frame)
    {
        if (EqualText(a, b, frame))
            return true;
        if (!a.IsJson && !b.IsJson && a.Items.Length != b.Items.Length)
            return false;
        ListReader readA = new(a, frame.Arena), readB = new(b, frame.Arena);
        while (true)
        {
            var has = readA.Next(frame, out var itemA);
            if (has != readB.Next(frame, out var itemB))
                return false;
            if (!has)
                return true;
            if (!Equal(itemA, itemB, frame))
                return false;
        }
    }

    private static bool EqualMaps(in CelValue a, in CelValue b, Frame frame)
    {
        if (EqualText(a, b, frame))
            return true;
        if (MapReader.Count(a, frame) != MapReader.Count(b, frame))
            return false;
        var reader = new MapReader(a, frame.Arena);
        while (reader.Next(frame, out var key, out var value))
        {
            if (!MapReader.TryGet(b, key, frame, out var other) || !Equal(value, other, frame))
                return false;
        }
        return true;
    }

    /// <summary>Whether both stand in JSON, written alike: nothing in JSON is unequal to itself.</summary>
    private static bool EqualText(in CelValue a, in CelValue b, Frame frame) =>
        a.IsJson && b.IsJson
        && EqualBytes(a.JsonBuffer.AsSpan(a.JsonStart..a.JsonEnd), b.JsonBuffer.AsSpan(b.JsonStart..b.JsonEnd), frame);

    private static bool EqualOptionals(CelOptional a, CelOptional b, Frame frame) =>
        a.HasValue == b.HasValue && (!a.HasValue || Equal(a.Value, b.Value, frame));
}
