using Weft.Expressions.Checking;
using Weft.Expressions.Library;
using Weft.Expressions.Syntax;

namespace Weft.Expressions.Planning;

/// <summary>What a call may mean; which it does is decided by the values.</summary>
/// <param name="name">For errors.</param>
/// <param name="candidates">All with as many parameters as the call has arguments.</param>
internal sealed class CallTarget(string name, Overload[] candidates)
{
    /// <summary>Does the call. No argument is an error.</summary>
    public CelValue Run(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        foreach (var candidate in candidates)
        {
            if (candidate.Accepts(arguments))
                return candidate.Run!(frame, arguments);
        }
        var types = new CelType[arguments.Length];
        for (var i = 0; i < types.Length; i++)
            types[i] = ValueOperations.TypeOf(arguments[i]);
        var given = types.Length == 0 ? "no arguments" : string.Join(" and ", types.Select(TypeText.Short));
        return CelValue.Of(CelError.NoSuchOverload($"'{Operators.Show(name)}' does not take {given}.{Remedy.How(name, types)}"));
    }
}

/// <summary>A call without arguments.</summary>
internal sealed class Call0Node(CallTarget target) : Node
{
    public override CelValue Evaluate(Frame frame) => target.Run(frame, []);
}

/// <summary>A call with one argument.</summary>
internal sealed class Call1Node(CallTarget target, Node argument) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        var value = argument.Evaluate(frame);
        return value.IsError ? value : target.Run(frame, [value]);
    }
}

/// <summary>A call with two arguments.</summary>
internal sealed class Call2Node(CallTarget target, Node left, Node right) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        var first = left.Evaluate(frame);
        if (first.IsError)
            return first;
        var second = right.Evaluate(frame);
        return second.IsError ? second : target.Run(frame, [first, second]);
    }
}

/// <summary>A call with more arguments.</summary>
internal sealed class CallNode(CallTarget target, Node[] arguments) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        var arena = frame.Arena;
        var bottom = arena.StackTop;
        foreach (var argument in arguments)
        {
            var value = argument.Evaluate(frame);
            if (value.IsError)
            {
                arena.Drop(bottom);
                return value;
            }
            arena.Push(value);
        }
        var values = arena.PopList(bottom);
        return values.IsError ? values : target.Run(frame, values.Items);
    }
}

/// <summary>The four orders, each by what it holds for.</summary>
[Flags]
internal enum RelationKind : byte
{
    None = 0,
    Less = 1,
    Equal = 2,
    Greater = 4,
    LessOrEqual = Less | Equal,
    GreaterOrEqual = Greater | Equal,
}

internal static class Relation
{
    /// <summary>The order that an operator means; null when it means none.</summary>
    public static RelationKind? Of(string function) => function switch
    {
        Operators.Less => RelationKind.Less,
        Operators.LessOrEqual => RelationKind.LessOrEqual,
        Operators.Greater => RelationKind.Greater,
        Operators.GreaterOrEqual => RelationKind.GreaterOrEqual,
        _ => null,
    };
}

/// <summary><c>a &lt; b</c> and its like: numbers are compared here, everything else as a call.</summary>
internal sealed class RelationNode(RelationKind relation, CallTarget target, Node left, Node right) : Node
{
    private readonly Operand _left = new(left);
    private readonly Operand _right = new(right);

    public override CelValue Evaluate(Frame frame)
    {
        CelValue roomLeft = default, roomRight = default;
        ref readonly var first = ref _left.Look(frame, ref roomLeft);
        if (first.IsError)
            return first;
        ref readonly var second = ref _right.Look(frame, ref roomRight);
        if (second.IsError)
            return second;
        // Almost all numbers are these.
        if (first.Kind == CelKind.Int && second.Kind == CelKind.Int)
            return Holds(first.AsInt.CompareTo(second.AsInt));
        if (first.Kind is CelKind.Int or CelKind.Double && second.Kind is CelKind.Int or CelKind.Double)
            return Holds(ToDouble(first), ToDouble(second));
        if (Numbers.IsNumber(first.Kind) && Numbers.IsNumber(second.Kind))
            return Numbers.Order(first, second) is { } order ? Holds(order) : CelValue.False;
        return target.Run(frame, [first, second]);
    }

    private static double ToDouble(in CelValue number) => number.Kind == CelKind.Int ? number.AsInt : number.AsDouble;

    private CelValue Holds(double a, double b) => Holds(a < b ? RelationKind.Less : a > b ? RelationKind.Greater : a == b ? RelationKind.Equal : RelationKind.None);

    private CelValue Holds(int order) => Holds(order < 0 ? RelationKind.Less : order > 0 ? RelationKind.Greater : RelationKind.Equal);

    private CelValue Holds(RelationKind found) => CelValue.Of((relation & found) != 0);
}
