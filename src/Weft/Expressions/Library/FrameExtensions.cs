namespace Weft.Expressions.Library;

/// <summary>What the functions of the libraries have in common.</summary>
internal static class FrameExtensions
{
    /// <summary>Counts a walk through so many bytes or items.</summary>
    /// <returns>False when the evaluation must stop; its value is then <see cref="Stopped"/>.</returns>
    public static bool TryWalk(this Frame frame, long units) => frame.TryStep(1 + units / 64);

    /// <summary>Why the evaluation must stop, as a value.</summary>
    public static CelValue Stopped(this Frame frame) => CelValue.Of(frame.Halted!);

    /// <summary>The items of a list side by side, whatever its form.</summary>
    /// <returns>False when there are none to be had; <paramref name="error"/> says why.</returns>
    public static bool TryItems(this Frame frame, in CelValue list, out ReadOnlySpan<CelValue> items, out CelValue error)
    {
        var length = list.IsJson ? list.JsonEnd - list.JsonStart : list.Items.Length;
        items = default;
        error = default;
        if (!frame.TryWalk(length))
        {
            error = frame.Stopped();
            return false;
        }
        if (!list.IsJson)
        {
            items = list.Items;
            return true;
        }
        var arena = frame.Arena;
        var bottom = arena.StackTop;
        var reader = new ListReader(list, arena);
        while (reader.Next(out var item))
        {
            if (item.IsError)
            {
                arena.Drop(bottom);
                error = item;
                return false;
            }
            arena.Push(item);
        }
        error = arena.PopList(bottom);
        if (error.IsError)
            return false;
        items = error.Items;
        return true;
    }
}
