using System.Numerics;

namespace Weft.Expressions.Library;

/// <summary>Sorts what stands on the arena's stack, by keys beside it: a merge sort, so equal keys stay in their order.</summary>
internal static class StableSort
{
    /// <summary>Sorts the upper half of what stands above <paramref name="bottom"/> by the keys in its lower half, and the keys too.</summary>
    /// <returns>False when the evaluation must stop.</returns>
    public static bool TrySort(int bottom, Frame frame)
    {
        var arena = frame.Arena;
        var count = (arena.StackTop - bottom) / 2;
        if (count < 2)
            return true;
        if (!frame.TryWalk((long)count * BitOperations.Log2((uint)count)))
            return false;
        // Room for a second copy, and the two take turns.
        var top = arena.StackTop;
        for (var i = 0; i < 2 * count; i++)
            arena.Push(default);
        if (frame.Halted is not null)
            return false;
        var all = arena.Above(bottom);
        Span<CelValue> from = all[..(2 * count)], to = all[(2 * count)..];
        for (var width = 1; width < count && frame.Halted is null; width *= 2)
        {
            for (var start = 0; start < count; start += 2 * width)
                Merge(from, to, count, start, Math.Min(start + width, count), Math.Min(start + 2 * width, count), frame);
            var other = from;
            from = to;
            to = other;
        }
        from.CopyTo(all);
        arena.Drop(top);
        return frame.Halted is null;
    }

    /// <summary>The order of two keys of one kind; NaN comes before all numbers.</summary>
    private static int Compare(in CelValue a, in CelValue b, Frame frame)
    {
        if (a.Kind is CelKind.String or CelKind.Bytes)
        {
            var length = Math.Min(a.AsSpan.Length, b.AsSpan.Length);
            if (length >= 64 && !frame.TryStep(length / 64))
                return 0;
        }
        return ValueOperations.Compare(a, b) ?? a.AsDouble.CompareTo(b.AsDouble);
    }

    private static void Merge(Span<CelValue> from, Span<CelValue> to, int count, int start, int middle, int end, Frame frame)
    {
        int left = start, right = middle;
        for (var at = start; at < end; at++)
        {
            var next = left < middle && (right == end || Compare(from[left], from[right], frame) <= 0) ? left++ : right++;
            to[at] = from[next];
            to[count + at] = from[count + next];
        }
    }
}
