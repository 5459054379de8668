namespace Weft.Expressions.Library;

/// <summary>The sets extension of CEL: lists taken as sets, whatever the order and the number of equal items.</summary>
internal static class SetsLibrary
{
    public static void Register(Registry registry)
    {
        var list = CelType.List(CelType.Parameter("T"));
        registry.Global("sets.contains", "list_sets_contains_list", [list, list], CelType.Bool,
            static (frame, arguments) => Compare(frame, arguments, static (a, b, f) => ContainsAll(a, b, f)));
        registry.Global("sets.equivalent", "list_sets_equivalent_list", [list, list], CelType.Bool,
            static (frame, arguments) => Compare(frame, arguments, static (a, b, f) => ContainsAll(a, b, f) && ContainsAll(b, a, f)));
        registry.Global("sets.intersects", "list_sets_intersects_list", [list, list], CelType.Bool,
            static (frame, arguments) => Compare(frame, arguments, static (a, b, f) => ContainsAny(a, b, f)));
    }

    /// <summary>Whether one item equals another. The caller counts the walk.</summary>
    public static bool Contains(ReadOnlySpan<CelValue> set, in CelValue item, Frame frame)
    {
        foreach (var other in set)
        {
            if (ValueOperations.Equal(other, item, frame))
                return true;
        }
        return false;
    }

    private static CelValue Compare(Frame frame, ReadOnlySpan<CelValue> arguments, Comparison comparison)
    {
        if (!frame.TryItems(arguments[0], out var a, out var error) || !frame.TryItems(arguments[1], out var b, out error))
            return error;
        var result = comparison(a, b, frame);
        return frame.Halted is null ? CelValue.Of(result) : frame.Stopped();
    }

    private static bool ContainsAll(ReadOnlySpan<CelValue> set, ReadOnlySpan<CelValue> items, Frame frame)
    {
        foreach (var item in items)
        {
            if (!frame.TryWalk(set.Length) || !Contains(set, item, frame))
                return false;
        }
        return true;
    }

    private static bool ContainsAny(ReadOnlySpan<CelValue> set, ReadOnlySpan<CelValue> items, Frame frame)
    {
        foreach (var item in items)
        {
            if (!frame.TryWalk(set.Length))
                return false;
            if (Contains(set, item, frame))
                return true;
        }
        return false;
    }

    private delegate bool Comparison(ReadOnlySpan<CelValue> a, ReadOnlySpan<CelValue> b, Frame frame);
}
