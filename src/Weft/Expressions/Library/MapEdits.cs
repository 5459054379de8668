namespace Weft.Expressions.Library;

/// <summary>Copies of maps with entries put over, taken out or picked. Lists and maps within stay as they are and are not read.</summary>
internal static class MapEdits
{
    private static readonly CelError s_names = CelError.NoSuchOverload("without() and pick() take the names of entries as strings.");

    /// <summary>
    /// <c>merge(a, b)</c> and <c>a.with(b)</c>: the entries of both; of those with the same key the value of the second. The order is that of the
    /// first map, then what only the second has. Maps within are not merged.
    /// </summary>
    public static CelValue Merge(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        var second = arguments[1].IsJson ? Select(frame, arguments[1], [], isPick: false) : arguments[1];
        if (second.IsError)
            return second;
        var over = second.AsMap;
        var merged = new CelEntries.Builder(frame.Arena, over.Count + 4);
        var entries = new MapReader(arguments[0], frame.Arena);
        while (entries.Next(out var key, out var value))
        {
            if (!frame.TryStep())
                return frame.Stopped();
            if (Add(merged, key, key.IsError || !over.TryGet(key, out var other) ? value : other) is { } error)
                return CelValue.Of(error);
        }
        for (var i = 0; i < over.Count; i++)
        {
            if (!frame.TryStep())
                return frame.Stopped();
            var (key, value) = over.Entry(i);
            if (Add(merged, key, value) is { } error)
                return CelValue.Of(error);
        }
        return merged.ToValue();
    }

    /// <summary>
    /// <c>without</c> and <c>pick</c>: the entries that are not among the names, or that are. Names that the map has not are ignored.
    /// </summary>
    /// <param name="frame">Gives the memory and counts the steps.</param>
    /// <param name="map">The map; its order stays.</param>
    /// <param name="names">The names.</param>
    /// <param name="isPick">Whether the named entries are kept rather than left out.</param>
    public static CelValue Select(Frame frame, in CelValue map, ReadOnlySpan<CelValue> names, bool isPick)
    {
        foreach (var name in names)
        {
            if (name.Kind != CelKind.String)
                return CelValue.Of(s_names);
        }
        var selected = new CelEntries.Builder(frame.Arena);
        var entries = new MapReader(map, frame.Arena);
        while (entries.Next(out var key, out var value))
        {
            if (!frame.TryWalk(names.Length))
                return frame.Stopped();
            if (IsNamed(key, names) == isPick && Add(selected, key, value) is { } error)
                return CelValue.Of(error);
        }
        return selected.ToValue();
    }

    private static bool IsNamed(in CelValue key, ReadOnlySpan<CelValue> names)
    {
        foreach (var name in names)
        {
            if (ValueOperations.SameKey(key, name))
                return true;
        }
        return false;
    }

    /// <summary>Adds an entry of another map. A key that is there already keeps its value; that is the only way in which it can be wrong.</summary>
    private static CelError? Add(CelEntries.Builder map, in CelValue key, in CelValue value)
    {
        if ((key.Error ?? value.Error) is { } unreadable)
            return unreadable;
        return map.Add(key, value) is { Kind: CelErrorKind.Limit } limit ? limit : null;
    }
}
