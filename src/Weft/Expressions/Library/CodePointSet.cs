namespace Weft.Expressions.Library;

/// <summary>A set of Unicode code points, for the classes of regular expressions.</summary>
internal sealed class CodePointSet
{
    public const int Max = 0x10FFFF;

    private readonly List<(int First, int Last)> _ranges = [];
    private bool _sorted = true;

    /// <summary>The ranges in order, with gaps between them.</summary>
    public IReadOnlyList<(int First, int Last)> Ranges
    {
        get
        {
            Sort();
            return _ranges;
        }
    }

    public static CodePointSet Of(int first, int last) => new CodePointSet().Add(first, last);

    public CodePointSet Add(int first, int last)
    {
        _sorted &= _ranges.Count == 0 || _ranges[^1].Last < first - 1;
        _ranges.Add((first, last));
        return this;
    }

    public CodePointSet Add(CodePointSet other)
    {
        foreach (var (first, last) in other.Ranges)
            Add(first, last);
        return this;
    }

    public CodePointSet Negate()
    {
        var others = new CodePointSet();
        var next = 0;
        foreach (var (first, last) in Ranges)
        {
            if (first > next)
                others.Add(next, first - 1);
            next = last + 1;
        }
        if (next <= Max)
            others.Add(next, Max);
        return others;
    }

    /// <summary>With all letters that differ from those of the set in case only.</summary>
    public CodePointSet Fold()
    {
        var folded = new CodePointSet().Add(this);
        foreach (var (first, last) in Ranges)
            CaseFolding.Add(folded, first, last);
        return folded;
    }

    /// <summary>The part of the set from <paramref name="first"/> to <paramref name="last"/>, relative to <paramref name="first"/>.</summary>
    public List<(int First, int Last)> Part(int first, int last)
    {
        var part = new List<(int First, int Last)>();
        var ranges = Ranges;
        int low = 0, high = ranges.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ranges[middle].Last < first)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < ranges.Count && ranges[low].First <= last; low++)
            part.Add((Math.Max(ranges[low].First, first) - first, Math.Min(ranges[low].Last, last) - first));
        return part;
    }

    private void Sort()
    {
        if (_sorted)
            return;
        _sorted = true;
        _ranges.Sort();
        var count = 0;
        foreach (var (first, last) in _ranges.ToArray())
        {
            if (count > 0 && first <= _ranges[count - 1].Last + 1)
                _ranges[count - 1] = (_ranges[count - 1].First, Math.Max(_ranges[count - 1].Last, last));
            else
                _ranges[count++] = (first, last);
        }
        _ranges.RemoveRange(count, _ranges.Count - count);
    }
}
