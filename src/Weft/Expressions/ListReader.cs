namespace Weft.Expressions;

/// <summary>Walks through the items of a list, whatever its form, without allocating.</summary>
/// <param name="list">A value of kind list.</param>
/// <param name="arena">Where texts with escapes go.</param>
internal struct ListReader(CelValue list, Arena arena)
{
    private int _at = list.IsJson ? list.JsonStart : 0;

    /// <summary>Goes to the next item.</summary>
    /// <returns>False behind the last.</returns>
    public bool Next(out CelValue item)
    {
        if (list.IsJson)
            return JsonSlice.NextItem(list, ref _at, arena, out item);
        var items = list.Items;
        if (_at == items.Length)
        {
            item = default;
            return false;
        }
        item = items[_at++];
        return true;
    }

    /// <summary>The same, counting steps: one, and for JSON one more for each 64 bytes that it walks over.</summary>
    /// <returns>False behind the last, and when the frame is halted.</returns>
    public bool Next(Frame frame, out CelValue item)
    {
        var from = _at;
        var has = Next(out item);
        return frame.TryStep(list.IsJson ? 1 + (_at - from) / 64 : 1) && has;
    }

    /// <summary>How many items a list has. For JSON it walks through the text and counts steps.</summary>
    public static int Count(in CelValue list, Frame frame)
    {
        if (!list.IsJson)
            return list.Items.Length;
        frame.TryStep(1 + (list.JsonEnd - list.JsonStart) / 64);
        var json = list.JsonBuffer.AsSpan(0, list.JsonEnd);
        var at = JsonSlice.SkipSpace(json, list.JsonStart + 1);
        if (json[at] == (byte)']')
            return 0;
        for (var count = 1; ; count++)
        {
            at = JsonSlice.SkipSpace(json, JsonSlice.SkipValue(json, at));
            if (json[at] == (byte)']')
                return count;
            at = JsonSlice.SkipSpace(json, at + 1);
        }
    }

    /// <summary>Finds an item by its index, from 0. For JSON it walks there and counts steps.</summary>
    /// <returns>False when there is none with that index.</returns>
    public static bool TryItem(in CelValue list, long index, Frame frame, out CelValue item)
    {
        item = default;
        if (index < 0)
            return false;
        if (!list.IsJson)
        {
            var items = list.Items;
            if (index >= items.Length)
                return false;
            item = items[(int)index];
            return true;
        }
        var json = list.JsonBuffer.AsSpan(0, list.JsonEnd);
        var at = JsonSlice.SkipSpace(json, list.JsonStart + 1);
        while (json[at] != (byte)']')
        {
            if (index-- == 0)
            {
                frame.TryStep(1 + (at - list.JsonStart) / 64);
                item = JsonSlice.Read(list.JsonBuffer, at, frame.Arena, out _);
                return true;
            }
            at = JsonSlice.SkipSpace(json, JsonSlice.SkipValue(json, at));
            if (json[at] == (byte)',')
                at = JsonSlice.SkipSpace(json, at + 1);
        }
        frame.TryStep(1 + (at - list.JsonStart) / 64);
        return false;
    }
}
