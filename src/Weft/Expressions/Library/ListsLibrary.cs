using Weft.Expressions.Syntax;

namespace Weft.Expressions.Library;

/// <summary>The lists extension of CEL as cel-go has it in its newest version. <c>first</c> and <c>last</c> come with the optionals.</summary>
internal static class ListsLibrary
{
    private const string SortInput = "@__sortBy_input__";
    private const string SortFunction = "@sortByAssociatedKeys";

    private static readonly CelType s_item = CelType.Parameter("T");
    private static readonly CelType s_list = CelType.List(s_item);

    private static readonly CelError s_slice = CelError.Argument(
        "slice() takes a start that is not behind the end, both from 0 to the size of the list.");
    private static readonly CelError s_depth = CelError.Argument("flatten() takes a depth of 0 or more.");
    private static readonly CelError s_size = CelError.Argument("lists.range() takes a size of 0 or more.");
    private static readonly CelError s_sort = CelError.Argument(
        "sort() and sortBy() order values of one type only: numbers, strings, bytes, bools, timestamps or durations.");

    // What can be sorted. An overload for each tells the checker so; all are done alike.
    private static readonly CelType[] s_ordered =
    [
        CelType.Int, CelType.UInt, CelType.Double, CelType.Decimal, CelType.Bool, CelType.Duration, CelType.Timestamp, CelType.String, CelType.Bytes,
    ];

    public static void Register(Registry registry)
    {
        registry.Member("slice", "list_slice", [s_list, CelType.Int, CelType.Int], s_list, Slice);
        registry.Member("flatten", "list_flatten", [CelType.List(s_list)], s_list, static (f, a) => Flatten(f, a[0], 1));
        registry.Member("flatten", "list_flatten_int", [CelType.AnyList, CelType.Int], CelType.AnyList,
            static (f, a) => Flatten(f, a[0], a[1].AsInt));
        registry.Member("reverse", "list_reverse", [s_list], s_list, Reverse);
        registry.Member("distinct", "list_distinct", [s_list], s_list, Distinct);
        registry.Global("lists.range", "lists_range", [CelType.Int], CelType.List(CelType.Int), Range);
        foreach (var type in s_ordered)
        {
            var list = CelType.List(type);
            registry.Member("sort", $"list_{type}_sort", [list], list, static (f, a) => Sort(f, a[0], a[0]));
            registry.Member(SortFunction, $"list_{type}_sortByAssociatedKeys", [s_list, list], s_list, static (f, a) => Sort(f, a[0], a[1]));
        }
        registry.Macro(new Macro("sortBy", IsMember: true, Arguments: 2, ExpandSortBy));
    }

    private static CelValue Slice(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        if (!frame.TryItems(arguments[0], out var items, out var error))
            return error;
        long start = arguments[1].AsInt, end = arguments[2].AsInt;
        return start < 0 || start > end || end > items.Length ? CelValue.Of(s_slice) : ToList(frame, items[(int)start..(int)end]);
    }

    private static CelValue Flatten(Frame frame, in CelValue list, long depth)
    {
        if (depth < 0)
            return CelValue.Of(s_depth);
        var bottom = frame.Arena.StackTop;
        if (PushFlat(frame, list, depth) is not { } error)
            return frame.Arena.PopList(bottom);
        frame.Arena.Drop(bottom);
        return CelValue.Of(error);
    }

    private static CelError? PushFlat(Frame frame, in CelValue list, long depth)
    {
        var items = new ListReader(list, frame.Arena);
        while (items.Next(frame, out var item))
        {
            if (item.IsError)
                return item.Error;
            if (item.Kind != CelKind.List || depth == 0)
                frame.Arena.Push(item);
            else if (PushFlat(frame, item, depth - 1) is { } error)
                return error;
        }
        return frame.Halted;
    }

    private static CelValue Reverse(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        if (!frame.TryItems(arguments[0], out var items, out var error))
            return error;
        var bottom = frame.Arena.StackTop;
        for (var i = items.Length - 1; i >= 0; i--)
            frame.Arena.Push(items[i]);
        return frame.Arena.PopList(bottom);
    }

    private static CelValue Distinct(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        if (!frame.TryItems(arguments[0], out var items, out var error))
            return error;
        var arena = frame.Arena;
        var bottom = arena.StackTop;
        foreach (var item in items)
        {
            if (!frame.TryWalk(arena.StackTop - bottom))
                break;
            if (!SetsLibrary.Contains(arena.Above(bottom), item, frame))
                arena.Push(item);
        }
        if (frame.Halted is null)
            return arena.PopList(bottom);
        arena.Drop(bottom);
        return frame.Stopped();
    }

    private static CelValue Range(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        var size = arguments[0].AsInt;
        if (size < 0)
            return CelValue.Of(s_size);
        if (!frame.TryWalk(size))
            return frame.Stopped();
        var bottom = frame.Arena.StackTop;
        for (var i = 0L; i < size && frame.Halted is null; i++)
            frame.Arena.Push(CelValue.Of(i));
        return frame.Arena.PopList(bottom);
    }

    /// <summary>Sorts a list by keys that belong to its items; what has equal keys stays in its order.</summary>
    private static CelValue Sort(Frame frame, in CelValue list, in CelValue keys)
    {
        if (!frame.TryItems(keys, out var keyItems, out var error) || !frame.TryItems(list, out var items, out error))
            return error;
        if (items.Length != keyItems.Length || (items.Length > 0 && !AreOrdered(keyItems)))
            return CelValue.Of(s_sort);
        var arena = frame.Arena;
        var bottom = arena.StackTop;
        foreach (var key in keyItems)
            arena.Push(key);
        foreach (var item in items)
            arena.Push(item);
        if (frame.Halted is null && StableSort.TrySort(bottom, frame))
        {
            // The keys have done their work; the sorted items take their place.
            arena.Above(bottom)[items.Length..].CopyTo(arena.Above(bottom));
            arena.Drop(bottom + items.Length);
            return arena.PopList(bottom);
        }
        arena.Drop(bottom);
        return frame.Stopped();
    }

    private static bool AreOrdered(ReadOnlySpan<CelValue> keys)
    {
        var kind = keys[0].Kind;
        if (kind is CelKind.Null or CelKind.List or CelKind.Map or CelKind.Type or CelKind.Optional)
            return false;
        foreach (var key in keys)
        {
            // The numbers of one JSON list are of several types as soon as one has a fraction.
            if (key.Kind != kind && !(Numbers.IsNumber(kind) && Numbers.IsNumber(key.Kind)))
                return false;
        }
        return true;
    }

    private static CelValue ToList(Frame frame, ReadOnlySpan<CelValue> items)
    {
        var bottom = frame.Arena.StackTop;
        foreach (var item in items)
            frame.Arena.Push(item);
        return frame.Arena.PopList(bottom);
    }

    /// <summary><c>list.sortBy(x, key)</c> becomes <c>cel.bind(input, list, input.@sortByAssociatedKeys(input.map(x, key)))</c>.</summary>
    private static ComprehensionExpr? ExpandSortBy(MacroContext context, TextSpan place, Expr? target, Expr[] arguments)
    {
        if (!LoopVariables.TryRead(context, arguments.AsSpan(0, 1), out var variable))
            return null;
        var make = new MacroNodes(context, place);
        var key = arguments[1];
        var keys = make.Loop(ComprehensionForm.Map, make.Name(SortInput), variable, make.List(), make.Literal(CelValue.True),
            make.Call(Operators.Add, make.Accumulator, make.List(key)), predicate: null, key);
        return make.Bind(SortInput, target!, make.Method(make.Name(SortInput), SortFunction, keys));
    }
}
