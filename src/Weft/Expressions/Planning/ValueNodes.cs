using System.Text;
using System.Text.Json;
using Weft.Expressions.Checking;

namespace Weft.Expressions.Planning;

/// <summary>A value that is known beforehand, or an error.</summary>
internal sealed class ConstantNode(CelValue value) : Node
{
    private readonly CelValue _value = value;

    public CelValue Value => _value;

    public override CelValue Evaluate(Frame frame) => _value;

    public override ref readonly CelValue Look(Frame frame, ref CelValue room) => ref _value;
}

/// <summary>An input.</summary>
internal sealed class SlotNode(int slot) : Node
{
    public int Slot => slot;

    public override CelValue Evaluate(Frame frame) => frame.Slots[slot];

    public override ref readonly CelValue Look(Frame frame, ref CelValue room) => ref frame.Slots[slot];
}

/// <summary>A variable of a loop or binding.</summary>
internal sealed class LocalNode(int local) : Node
{
    public int Local => local;

    public override CelValue Evaluate(Frame frame) => frame.Locals[local];

    public override ref readonly CelValue Look(Frame frame, ref CelValue room) => ref frame.Locals[local];
}

/// <summary>A field of the item of a loop: from the row that was read with the input, else from the item.</summary>
/// <param name="row">The variable that holds the row, or nothing when the input has none.</param>
/// <param name="place">The place of the field in the row.</param>
/// <param name="field">Looks into the item.</param>
internal sealed class ColumnNode(int row, int place, Node field) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        CelValue room = default;
        return Look(frame, ref room);
    }

    public override ref readonly CelValue Look(Frame frame, ref CelValue room)
    {
        ref readonly var values = ref frame.Locals[row];
        if (values.Kind == CelKind.List)
        {
            var items = values.Items;
            if (place < items.Length && !items[place].IsError)
                return ref items[place];
        }
        return ref field.Look(frame, ref room);
    }
}

/// <summary><c>has(a.b.c)</c> over an input: false when only the last name is missing.</summary>
internal sealed class HasSlotNode(int slot, int depth) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        var value = frame.Slots[slot];
        if (!value.IsError)
            return CelValue.True;
        return value.Error!.Missing is { } missing && missing.Slot == slot && missing.Depth == depth ? CelValue.False : value;
    }
}

/// <summary>Reads fields of values that are not inputs: maps, JSON and what is in optionals.</summary>
internal static class Fields
{
    /// <summary>A field of a map; false when the map does not have it.</summary>
    public static bool TryGet(in CelValue map, in CelValue key, Frame frame, out CelValue value) =>
        map.IsJson && key.Kind == CelKind.String ? MapReader.TryGet(map, key.AsSpan, frame, out value) : MapReader.TryGet(map, key, frame, out value);

    /// <summary>What stands behind a key or index; an error when nothing does, or when the value has neither.</summary>
    public static CelValue Get(in CelValue operand, in CelValue key, Frame frame)
    {
        switch (operand.Kind)
        {
            case CelKind.Map:
                if (!IsKey(key))
                    return NoKey(key);
                return TryGet(operand, key, frame, out var value) ? value : CelValue.Of(CelError.NoSuchKey(Show(key)));
            case CelKind.List:
                if (key.Kind == CelKind.String)
                    return CelValue.Of(CelError.NoSuchOverload($"A list has no field '{Show(key)}': a text is no key or index here. Its items have numbers from 0, as in list[0]; there are size(list), list.exists(x, …) and list.map(x, …)."));
                if (!Numbers.TryInt(key, out var index))
                    return NoKey(key);
                return ListReader.TryItem(operand, index, frame, out var item) ? item : CelValue.Of(new CelError(CelErrorKind.NoSuchField, $"The index {index} is out of range."));
            case CelKind.Optional:
                return GetOptional(operand, key, frame);
            case CelKind.Error:
                return operand;
            default:
                return CelValue.Of(CelError.NoSuchOverload(
                    $"A value of type {TypeText.Of(ValueOperations.TypeOf(operand))} has no fields and no items.{(operand.Kind == CelKind.Null ? " Ask before: a != null && a.b == 1." : "")}"));
        }
    }

    /// <summary>What stands behind a key or index, as an optional; none when nothing does. What is in an optional is looked into.</summary>
    public static CelValue GetOptional(in CelValue operand, in CelValue key, Frame frame)
    {
        if (operand.Kind == CelKind.Optional)
        {
            var optional = operand.AsOptional;
            return optional.HasValue ? GetOptional(optional.Value, key, frame) : operand;
        }
        var value = Get(operand, key, frame);
        if (!value.IsError)
            return CelValue.Of(CelOptional.Of(value));
        return value.Error!.Kind == CelErrorKind.NoSuchField && !operand.IsError ? CelValue.Of(CelOptional.None) : value;
    }

    private static bool IsKey(in CelValue key) => key.Kind is CelKind.String or CelKind.Bool || Numbers.IsNumber(key.Kind);

    private static CelValue NoKey(in CelValue key) => key.IsError ? key
        : CelValue.Of(CelError.NoSuchOverload($"A value of type {TypeText.Of(ValueOperations.TypeOf(key))} is no key or index here."));

    private static string Show(in CelValue key) => key.Kind == CelKind.String ? Encoding.UTF8.GetString(key.AsSpan[..Math.Min(100, key.AsSpan.Length)]) : key.ToString() ?? "";
}

/// <summary><c>a.b</c>.</summary>
internal sealed class FieldNode(Node operand, string field) : Node
{
    private readonly CelValue _key = CelValue.Of(field);
    private readonly CelValue _missing = CelValue.Of(CelError.NoSuchKey(field));

    public override CelValue Evaluate(Frame frame)
    {
        var value = operand.Evaluate(frame);
        if (value.Kind != CelKind.Map)
            return Fields.Get(value, _key, frame);
        return Fields.TryGet(value, _key, frame, out var found) ? found : _missing;
    }
}

/// <summary><c>has(a.b)</c>.</summary>
internal sealed class HasNode(Node operand, string field) : Node
{
    private readonly CelValue _key = CelValue.Of(field);

    public override CelValue Evaluate(Frame frame)
    {
        var value = operand.Evaluate(frame);
        if (value.Kind == CelKind.Map)
            return CelValue.Of(Fields.TryGet(value, _key, frame, out _));
        var found = Fields.Get(value, _key, frame);
        return found.Kind == CelKind.Optional ? CelValue.Of(found.AsOptional.HasValue) : found;
    }
}

/// <summary><c>a[b]</c>.</summary>
internal sealed class IndexNode(Node operand, Node index) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        var value = operand.Evaluate(frame);
        return value.IsError ? value : Fields.Get(value, index.Evaluate(frame), frame);
    }
}

/// <summary><c>a[?b]</c> and <c>a.?b</c>.</summary>
internal sealed class OptionalIndexNode(Node operand, Node index) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        var value = operand.Evaluate(frame);
        return value.IsError ? value : Fields.GetOptional(value, index.Evaluate(frame), frame);
    }
}

/// <summary>A list. Items marked as optional are left out when they are none.</summary>
internal sealed class ListNode(Node[] items, bool[]? optional) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        var arena = frame.Arena;
        var bottom = arena.StackTop;
        for (var i = 0; i < items.Length; i++)
        {
            var item = items[i].Evaluate(frame);
            if (optional is not null && optional[i] && !Optionals.TryOpen(ref item))
                continue;
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
        json.WriteStartArray();
        for (var i = 0; i < items.Length; i++)
        {
            if (optional is null || !optional[i])
            {
                if (items[i].Write(frame, json) is { } error)
                    return error;
                continue;
            }
            var item = items[i].Evaluate(frame);
            if (Optionals.TryOpen(ref item) && JsonOutput.Write(item, frame, json) is { } wrong)
                return wrong;
        }
        json.WriteEndArray();
        return null;
    }
}

/// <summary>What optional items and entries have in common.</summary>
internal static class Optionals
{
    private static readonly CelValue s_notOptional = CelValue.Of(CelError.NoSuchOverload("What is marked with '?' must be an optional value."));

    /// <summary>Puts the value of an optional in its place; false when it is none.</summary>
    public static bool TryOpen(ref CelValue value)
    {
        if (value.IsError)
            return true;
        if (value.Kind == CelKind.Optional && !value.AsOptional.HasValue)
            return false;
        value = value.Kind == CelKind.Optional ? value.AsOptional.Value : s_notOptional;
        return true;
    }
}

/// <summary>A map. Entries marked as optional are left out when they are none.</summary>
internal sealed class MapNode(MapNode.NodeEntry[] entries) : Node
{
    private readonly bool _keysAreTexts = HasDistinctTexts(entries);

    /// <summary>An entry.</summary>
    internal readonly record struct NodeEntry(Node Key, Node Value, bool IsOptional);

    public override CelValue Evaluate(Frame frame)
    {
        var builder = new CelEntries.Builder(frame.Arena, entries.Length);
        foreach (var entry in entries)
        {
            var key = entry.Key.Evaluate(frame);
            if (key.IsError)
                return key;
            // A long text is hashed.
            if (key.Kind == CelKind.String && key.AsSpan.Length >= 64)
                frame.TryStep(key.AsSpan.Length / 64);
            var value = entry.Value.Evaluate(frame);
            if (entry.IsOptional && !Optionals.TryOpen(ref value))
                continue;
            if (value.IsError)
                return value;
            if (builder.Add(key, value) is { } error)
                return CelValue.Of(error);
        }
        return builder.ToValue();
    }

    public override CelError? Write(Frame frame, Utf8JsonWriter json)
    {
        if (!_keysAreTexts)
            return JsonOutput.Write(Evaluate(frame), frame, json);
        json.WriteStartObject();
        foreach (var entry in entries)
        {
            var key = ((ConstantNode)entry.Key).Value.AsSpan;
            if (!entry.IsOptional)
            {
                json.WritePropertyName(key);
                if (entry.Value.Write(frame, json) is { } error)
                    return error;
                continue;
            }
            var value = entry.Value.Evaluate(frame);
            if (!Optionals.TryOpen(ref value))
                continue;
            json.WritePropertyName(key);
            if (JsonOutput.Write(value, frame, json) is { } wrong)
                return wrong;
        }
        json.WriteEndObject();
        return null;
    }

    /// <summary>Whether it can be written entry by entry: nothing can be there twice.</summary>
    private static bool HasDistinctTexts(NodeEntry[] entries)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return Array.TrueForAll(entries, e => e.Key is ConstantNode { Value: { Kind: CelKind.String } key } && seen.Add(Encoding.UTF8.GetString(key.AsSpan)));
    }
}
