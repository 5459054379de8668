namespace Weft.Load.Cells;

/// <summary>Latencies of single operations, kept whole: percentiles are exact. Recording is safe from many threads and allocates nothing.</summary>
/// <param name="capacity">How many fit; those beyond are an error, since a percentile of some of them would lie.</param>
public sealed class Latencies(int capacity)
{
    private readonly long[] _nanoseconds = new long[capacity];
    private int _count;
    private bool _sorted;

    /// <summary>How many were recorded.</summary>
    public int Count => _count;

    /// <summary>Records one.</summary>
    public void Add(TimeSpan latency)
    {
        _nanoseconds[Interlocked.Increment(ref _count) - 1] = latency.Ticks * TimeSpan.NanosecondsPerTick;
        _sorted = false;
    }

    /// <summary>Forgets those before.</summary>
    public void Clear() => _count = 0;

    /// <summary>The latency in milliseconds that a share of all operations stayed within; not a number when there are none.</summary>
    /// <param name="percent">0 to 100.</param>
    public double Percentile(double percent)
    {
        if (_count == 0)
        {
            return double.NaN;
        }

        if (!_sorted)
        {
            Array.Sort(_nanoseconds, 0, _count);
            _sorted = true;
        }

        var rank = (int)Math.Ceiling(percent / 100 * _count);
        return _nanoseconds[Math.Clamp(rank - 1, 0, _count - 1)] / 1e6;
    }
}
