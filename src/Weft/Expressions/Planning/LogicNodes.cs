using System.Text.Json;

namespace Weft.Expressions.Planning;

/// <summary>Errors for conditions that are neither true nor false.</summary>
internal static class Conditions
{
    private static readonly CelValue s_noBool = CelValue.Of(CelError.NoSuchOverload("A condition must be true or false."));

    /// <summary>True, false or an error; true when there is no condition.</summary>
    public static CelValue Of(Node? condition, Frame frame)
    {
        var value = condition?.Evaluate(frame) ?? CelValue.True;
        return value.Kind == CelKind.Bool ? value : Error(value);
    }

    /// <summary>The error in a value that is neither true nor false.</summary>
    public static CelValue Error(in CelValue value) => value.IsError ? value : s_noBool;
}

/// <summary><c>a &amp;&amp; b</c>: false when one side is, whatever the other side is, even an error.</summary>
internal sealed class AndNode(Node left, Node right) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        var first = left.Evaluate(frame);
        if (first.IsFalse)
            return first;
        var second = right.Evaluate(frame);
        if (second.IsFalse || (first.IsTrue && second.IsTrue))
            return second;
        return Conditions.Error(first.IsTrue ? second : first);
    }
}

/// <summary><c>a || b</c>: true when one side is, whatever the other side is, even an error.</summary>
internal sealed class OrNode(Node left, Node right) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        var first = left.Evaluate(frame);
        if (first.IsTrue)
            return first;
        var second = right.Evaluate(frame);
        if (second.IsTrue || (first.IsFalse && second.IsFalse))
            return second;
        return Conditions.Error(first.IsFalse ? second : first);
    }
}

/// <summary><c>a ? b : c</c>; the side that is not taken is not looked at.</summary>
internal sealed class ConditionalNode(Node condition, Node whenTrue, Node whenFalse) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        var value = condition.Evaluate(frame);
        return value.IsTrue ? whenTrue.Evaluate(frame) : value.IsFalse ? whenFalse.Evaluate(frame) : Conditions.Error(value);
    }

    public override CelError? Write(Frame frame, Utf8JsonWriter json)
    {
        var value = condition.Evaluate(frame);
        return value.IsTrue ? whenTrue.Write(frame, json) : value.IsFalse ? whenFalse.Write(frame, json) : Conditions.Error(value).Error;
    }
}

/// <summary><c>a == b</c> and <c>a != b</c>.</summary>
internal sealed class EqualNode(Node left, Node right, bool isEqual) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        CelValue roomLeft = default, roomRight = default;
        ref readonly var first = ref left.Look(frame, ref roomLeft);
        if (first.IsError)
            return first;
        ref readonly var second = ref right.Look(frame, ref roomRight);
        return second.IsError ? second : CelValue.Of(ValueOperations.Equal(first, second, frame) == isEqual);
    }
}

/// <summary>The same with a text that is known.</summary>
internal sealed class EqualTextNode(Node operand, CelValue text, bool isEqual) : Node
{
    private readonly Operand _operand = new(operand);
    private readonly byte[] _text = text.AsSpan.ToArray();

    public override CelValue Evaluate(Frame frame)
    {
        CelValue room = default;
        ref readonly var value = ref _operand.Look(frame, ref room);
        if (value.Kind == CelKind.String)
        {
            if (_text.Length >= 64)
                frame.TryStep(_text.Length / 64);
            return CelValue.Of(value.AsSpan.SequenceEqual(_text) == isEqual);
        }
        return value.IsError ? value : CelValue.Of(!isEqual);
    }
}

/// <summary><c>a in [b, c, …]</c> with items that are known.</summary>
internal sealed class InConstantNode : Node
{
    // Longer lists are searched by hash.
    private const int Few = 8;

    private readonly Operand _operand;
    private readonly CelValue _list;
    private readonly CelMap? _keys;

    // Few items that are all texts.
    private readonly byte[][]? _texts;

    public InConstantNode(Node operand, CelValue list)
    {
        (_operand, _list) = (new(operand), list);
        var items = list.Items.ToArray();
        if (items.Length > Few)
            _keys = Keys(items);
        else if (Array.TrueForAll(items, i => i.Kind == CelKind.String))
            _texts = Array.ConvertAll(items, i => i.AsSpan.ToArray());
    }

    public override CelValue Evaluate(Frame frame)
    {
        CelValue room = default;
        ref readonly var value = ref _operand.Look(frame, ref room);
        if (value.IsError)
            return value;
        if (value.Kind == CelKind.String)
        {
            var text = value.AsSpan;
            // Compared, or hashed.
            if (text.Length >= 64)
                frame.TryStep(text.Length / 64);
            if (_texts is not null)
                return CelValue.Of(IsAmong(text, _texts));
        }
        if (_keys is not null)
            return CelValue.Of(_keys.TryGet(value, out _));
        foreach (ref readonly var item in _list.Items)
        {
            if (ValueOperations.Equal(value, item, frame))
                return CelValue.True;
        }
        return CelValue.False;
    }

    private static bool IsAmong(ReadOnlySpan<byte> text, byte[][] texts)
    {
        foreach (var other in texts)
        {
            if (text.SequenceEqual(other))
                return true;
        }
        return false;
    }

    /// <summary>The items as keys; null when not all can be keys.</summary>
    private static CelMap? Keys(ReadOnlySpan<CelValue> items)
    {
        var builder = new CelEntries.Builder(new Arena(), items.Length);
        foreach (ref readonly var item in items)
        {
            if (item.Kind is not (CelKind.String or CelKind.Int or CelKind.UInt or CelKind.Bool))
                return null;
            // The only other error is that it is there already.
            builder.Add(item, CelValue.True);
        }
        return builder.ToValue().AsMap;
    }
}
