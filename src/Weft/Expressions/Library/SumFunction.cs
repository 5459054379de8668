using Weft.Expressions.Syntax;

namespace Weft.Expressions.Library;

/// <summary>
/// <c>list.sum()</c> of Kubernetes: the items of a list of numbers or durations, added as <c>+</c> adds them, so that decimals stay exact.
/// Of an empty list it is zero of the type of the items, and of a list of any type the int 0.
/// </summary>
internal static class SumFunction
{
    private static readonly CelError s_kinds = CelError.NoSuchOverload(
        "sum() adds numbers of types that '+' adds, or durations. Convert the items first: list.map(x, decimal(x)).sum().");

    /// <summary>Declares it; the registry must have <c>+</c> already.</summary>
    public static void Register(Registry registry)
    {
        var add = registry.Functions[Operators.Add];
        Declare(CelType.Int, CelValue.Of(0L));
        Declare(CelType.UInt, CelValue.Of(0UL));
        Declare(CelType.Double, CelValue.Of(0.0));
        Declare(CelType.Decimal, CelValue.Of(0m));
        Declare(CelType.Duration, CelValue.Duration(0, 0));

        void Declare(CelType type, CelValue zero) =>
            registry.Member("sum", $"list_{type}_sum", [CelType.List(type)], type, (frame, arguments) => Sum(frame, arguments[0], zero, add));
    }

    private static CelValue Sum(Frame frame, in CelValue list, in CelValue zero, Function add)
    {
        if (!frame.TryItems(list, out var items, out var error))
            return error;
        if (items.IsEmpty)
            return zero;
        var sum = items[0];
        if (!Adds(sum))
            return CelValue.Of(s_kinds);
        for (var i = 1; i < items.Length && !sum.IsError; i++)
            sum = Add(frame, sum, items[i], add);
        return sum;
    }

    private static CelValue Add(Frame frame, in CelValue sum, in CelValue item, Function add)
    {
        if (!Adds(item))
            return CelValue.Of(s_kinds);
        ReadOnlySpan<CelValue> both = [sum, item];
        foreach (var overload in add.OverloadSpan)
        {
            if (overload.Accepts(both))
                return overload.Run!(frame, both);
        }
        return CelValue.Of(s_kinds);
    }

    private static bool Adds(in CelValue item) => item.Kind == CelKind.Duration || Numbers.IsNumber(item.Kind);
}
