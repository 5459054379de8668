using System.Text.Json;
using Weft.Expressions.Checking;

namespace Weft.Expressions.Planning;

/// <summary>What a loop goes over, and where its variables stand.</summary>
/// <param name="Range">A list or a map.</param>
/// <param name="First">The variable of the item or key; with two variables of the index or key.</param>
/// <param name="Second">The variable of the item or value; -1 when there is only one variable.</param>
/// <param name="Row">The variable of what was read of the item with the input that the loop goes over; -1 when it goes over something else.</param>
internal sealed record LoopRange(Node Range, int First, int Second, int Row)
{
    private readonly int _slot = Range is SlotNode input ? input.Slot : -1;

    /// <summary>What was read of the items with the input; no list when there is nothing of it.</summary>
    public CelValue RowsOf(in CelValue range, Frame frame)
    {
        if (_slot < 0)
            return default;
        frame.Locals[Row] = default;
        return range.IsJson && range.Kind == CelKind.List ? frame.Rows[_slot] : default;
    }

    /// <summary>Begins a loop; gives the error when there is nothing to go over.</summary>
    public CelValue Begin(Frame frame, out LoopWalk walk)
    {
        var range = Range.Evaluate(frame);
        walk = new LoopWalk(this, range, frame);
        if (range.Kind is CelKind.List or CelKind.Map)
            return CelValue.Null;
        return range.IsError ? range : CelValue.Of(CelError.NoSuchOverload($"A loop goes over a list or a map, not over a value of type {TypeText.Of(ValueOperations.TypeOf(range))}."));
    }
}

/// <summary>One walk over the items of a list or the entries of a map. Each round is a step of the frame, or more for long JSON.</summary>
internal struct LoopWalk(LoopRange loop, CelValue range, Frame frame)
{
    private readonly CelValue _rows = loop.RowsOf(range, frame);
    private ListReader _list = range.Kind == CelKind.List ? new ListReader(range, frame.Arena) : default;
    private MapReader _map = range.Kind == CelKind.Map ? new MapReader(range, frame.Arena) : default;
    private int _row = 1;
    private long _index;

    /// <summary>Sets the variables for the next round; false behind the last, or when the frame is halted.</summary>
    public bool Next()
    {
        CelValue key, value;
        if (_rows.Kind == CelKind.List)
        {
            if (!NextRow(out value))
                return false;
            key = loop.Second < 0 ? value : CelValue.Of(_index++);
        }
        else if (range.Kind == CelKind.List)
        {
            if (!_list.Next(frame, out value))
                return false;
            key = loop.Second < 0 ? value : CelValue.Of(_index++);
        }
        else if (loop.Second < 0)
        {
            value = default;
            if (!_map.NextKey(frame, out key))
                return false;
        }
        else if (!_map.Next(frame, out key, out value))
        {
            return false;
        }
        frame.Locals[loop.First] = key;
        if (loop.Second >= 0)
            frame.Locals[loop.Second] = value;
        return true;
    }

    private bool NextRow(out CelValue item)
    {
        var values = _rows.Items;
        var width = (int)values[0].AsInt;
        if (!frame.TryStep() || _row == values.Length)
        {
            item = default;
            return false;
        }
        item = values[_row];
        frame.Locals[loop.Row] = _rows.Stretch(_row, width);
        _row += width;
        return true;
    }
}

/// <summary><c>all</c> and <c>exists</c>: ends at the first item that decides; an error counts only when none does.</summary>
/// <param name="loop">What it goes over.</param>
/// <param name="predicate">The condition.</param>
/// <param name="stopsAt">The value that decides: false for <c>all</c>, true for <c>exists</c>.</param>
internal sealed class QuantifierNode(LoopRange loop, Node predicate, bool stopsAt) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        var error = loop.Begin(frame, out var walk);
        if (error.IsError)
            return error;
        while (walk.Next())
        {
            var value = predicate.Evaluate(frame);
            if (stopsAt ? value.IsTrue : value.IsFalse)
                return value;
            if (value.Kind != CelKind.Bool && !error.IsError)
                error = Conditions.Error(value);
        }
        return error.IsError ? error : CelValue.Of(!stopsAt);
    }
}

/// <summary><c>exists_one</c>: looks at all items, so that an error is always seen.</summary>
internal sealed class ExistsOneNode(LoopRange loop, Node predicate) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        var error = loop.Begin(frame, out var walk);
        if (error.IsError)
            return error;
        var count = 0;
        while (walk.Next())
        {
            var value = predicate.Evaluate(frame);
            if (value.Kind != CelKind.Bool)
                return Conditions.Error(value);
            count += value.IsTrue ? 1 : 0;
        }
        return CelValue.Of(count == 1);
    }
}

/// <summary><c>map</c>, <c>filter</c> and <c>transformList</c>.</summary>
internal sealed class MapLoopNode(LoopRange loop, Node? predicate, Node body) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        var error = loop.Begin(frame, out var walk);
        if (error.IsError)
            return error;
        var arena = frame.Arena;
        var bottom = arena.StackTop;
        while (walk.Next())
        {
            var holds = Conditions.Of(predicate, frame);
            if (holds.IsFalse)
                continue;
            var item = holds.IsTrue ? body.Evaluate(frame) : holds;
            if (item.IsError)
            {
                arena.Drop(bottom);
                return item;
            }
            arena.Push(item);
        }
        return arena.PopList(bottom);
    }

    public override CelError? Write(Frame frame, Utf8JsonWriter json)
    {
        var error = loop.Begin(frame, out var walk);
        if (error.IsError)
            return error.Error;
        json.WriteStartArray();
        while (walk.Next())
        {
            if (JsonOutput.TooLong(frame, json) is { } full)
                return full;
            var holds = Conditions.Of(predicate, frame);
            if (holds.IsFalse)
                continue;
            if ((holds.IsTrue ? body.Write(frame, json) : holds.Error) is { } wrong)
                return wrong;
        }
        json.WriteEndArray();
        return null;
    }
}

/// <summary><c>transformMap</c>: the keys stay, the values change. Over a list the indexes are the keys.</summary>
internal sealed class TransformMapNode(LoopRange loop, Node? predicate, Node body) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        var error = loop.Begin(frame, out var walk);
        if (error.IsError)
            return error;
        var builder = new CelEntries.Builder(frame.Arena);
        while (walk.Next())
        {
            var holds = Conditions.Of(predicate, frame);
            if (holds.IsFalse)
                continue;
            if (holds.IsError)
                return holds;
            var value = body.Evaluate(frame);
            if (value.IsError)
                return value;
            if (builder.Add(frame.Locals[loop.First], value) is { } wrong)
                return CelValue.Of(wrong);
        }
        return builder.ToValue();
    }
}

/// <summary><c>transformMapEntry</c>: each round makes a map, whose entries are added.</summary>
internal sealed class TransformEntryNode(LoopRange loop, Node? predicate, Node body) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        var error = loop.Begin(frame, out var walk);
        if (error.IsError)
            return error;
        var builder = new CelEntries.Builder(frame.Arena);
        while (walk.Next())
        {
            var holds = Conditions.Of(predicate, frame);
            if (holds.IsFalse)
                continue;
            if (holds.IsError)
                return holds;
            var entries = body.Evaluate(frame);
            if (entries.Kind != CelKind.Map)
                return entries.IsError ? entries : CelValue.Of(CelError.NoSuchOverload("transformMapEntry needs a map for each entry."));
            var reader = new MapReader(entries, frame.Arena);
            while (reader.Next(frame, out var key, out var value))
            {
                if (builder.Add(key, value) is { } wrong)
                    return CelValue.Of(wrong);
            }
        }
        return builder.ToValue();
    }
}

/// <summary><c>cel.bind</c>: gives a value a name. An error in it shows only where the name is used.</summary>
internal sealed class BindNode(int local, Node value, Node body) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        frame.Locals[local] = value.Evaluate(frame);
        return body.Evaluate(frame);
    }

    public override CelError? Write(Frame frame, Utf8JsonWriter json)
    {
        frame.Locals[local] = value.Evaluate(frame);
        return body.Write(frame, json);
    }
}
