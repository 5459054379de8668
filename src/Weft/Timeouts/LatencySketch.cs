namespace Weft.Timeouts;

/// <summary>
/// How long attempts took, in buckets whose borders grow by 2 % (the idea of DDSketch, Masson et al., VLDB 2019): a quantile of it is within 1 % of the true one,
/// from 10 µs to about 1.7 h. It looks back over a window, in six slices that come in turn with the clock of whoever records; there is no timer. Attempts that were cut
/// count as longer than any other. Recording never waits and allocates nothing. Safe for use from many threads.
/// </summary>
internal sealed class LatencySketch
{
    /// <summary>How much longer the border of a bucket is than that of the one before.</summary>
    public const double Gamma = 1.02;

    /// <summary>Counters in a slice; the last one is for attempts that were cut.</summary>
    public const int Buckets = 1024;

    /// <summary>Slices in a window.</summary>
    public const int Slices = 6;

    private const int Ring = Slices + 1; // One more, which is empty and comes next.
    private const int Censored = Buckets - 1;
    private const int Longest = Buckets - 2;
    private const long Never = long.MinValue;

    private static readonly double s_perOctave = 1 / Math.Log2(Gamma);

    private readonly int[] _counts = new int[Ring * Buckets];
    private readonly long[] _starts = new long[Ring];
    private readonly double _shortest;
    private readonly double _offset;
    private readonly long _frequency;
    private long _window, _slice;
    private long _currentStart;
    private int _current;
    private int _turning;

    /// <param name="window">How far back it looks.</param>
    /// <param name="time">Whose timestamps are recorded.</param>
    public LatencySketch(TimeSpan window, TimeProvider time)
    {
        _frequency = time.TimestampFrequency;
        _shortest = Math.Max(1, _frequency / 100_000.0);
        // One is added in place of rounding up; the offset makes what is not above the shortest fall into the first bucket.
        _offset = 1 - Math.Log2(_shortest) * s_perOctave;
        Array.Fill(_starts, Never);
        _starts[0] = _currentStart = time.GetTimestamp();
        SetWindow(window);
    }

    /// <summary>Changes how far back it looks. What was recorded stays.</summary>
    public void SetWindow(TimeSpan window)
    {
        var ticks = (long)(window.TotalSeconds * _frequency);
        Volatile.Write(ref _slice, Math.Max(1, ticks / Slices));
        Volatile.Write(ref _window, ticks);
    }

    /// <summary>Adds an attempt that ended by itself.</summary>
    /// <param name="elapsed">How long it took, in timestamps.</param>
    /// <param name="now">The timestamp of its end.</param>
    public void Record(long elapsed, long now) => Add(elapsed <= _shortest ? 0 : Math.Min(Longest, (int)(Math.Log2(elapsed) * s_perOctave + _offset)), now);

    /// <summary>Adds an attempt that was cut, by its timeout or because another one was faster: nobody knows how long it would have taken.</summary>
    /// <param name="now">The timestamp of its end.</param>
    public void RecordCensored(long now) => Add(Censored, now);

    /// <summary>The time that this share of the attempts did not exceed.</summary>
    /// <param name="q">The share, 0 to 1.</param>
    /// <param name="enough">With fewer samples there is none.</param>
    /// <param name="now">The present timestamp.</param>
    public SketchQuantile Quantile(double q, int enough, long now)
    {
        Span<int> live = stackalloc int[Slices + 1];
        live = live[..FindLive(live, now)];
        long count = 0;
        foreach (var slice in live)
            count += Sum(_counts.AsSpan(slice * Buckets, Buckets));
        if (count == 0 || count < enough)
            return new(QuantileState.TooFew, TimeSpan.Zero, count);

        // Quantiles that are asked for lie high, so the way from above is the short one.
        var above = count - Math.Clamp((long)Math.Ceiling(q * count), 1, count);
        var bucket = Censored;
        for (; bucket > 0; bucket--)
        {
            foreach (var slice in live)
                above -= Volatile.Read(ref _counts[slice * Buckets + bucket]);
            if (above < 0)
                break;
        }
        return bucket == Censored ? new(QuantileState.Censored, TimeSpan.Zero, count) : new(QuantileState.Finite, Middle(bucket), count);
    }

    /// <summary>How many samples the window has.</summary>
    public long Count(long now) => Quantile(1, int.MaxValue, now).Count;

    private static int Sum(ReadOnlySpan<int> counts)
    {
        var sum = 0;
        foreach (var count in counts)
            sum += count;
        return sum;
    }

    private void Add(int bucket, long now)
    {
        if (now - Volatile.Read(ref _currentStart) >= Volatile.Read(ref _slice))
            Turn(now);
        Interlocked.Increment(ref _counts[Volatile.Read(ref _current) * Buckets + bucket]);
    }

    /// <summary>Begins the next slice, and empties the one after it. Whoever comes while another thread does it uses the slice that is there.</summary>
    private void Turn(long now)
    {
        if (Interlocked.Exchange(ref _turning, 1) != 0)
            return;
        if (now - _currentStart >= _slice)
        {
            var next = (_current + 1) % Ring;
            Volatile.Write(ref _starts[next], now);
            Volatile.Write(ref _current, next);
            Volatile.Write(ref _currentStart, now);
            var after = (next + 1) % Ring;
            Volatile.Write(ref _starts[after], Never);
            Array.Clear(_counts, after * Buckets, Buckets);
        }
        Volatile.Write(ref _turning, 0);
    }

    private int FindLive(Span<int> live, long now)
    {
        var (count, window) = (0, Volatile.Read(ref _window));
        for (var i = 0; i < Ring; i++)
        {
            var start = Volatile.Read(ref _starts[i]);
            if (start != Never && now - start < window)
                live[count++] = i;
        }
        return count;
    }

    /// <summary>The time that is no more than 1 % away from all of a bucket: its upper border is γ times the lower one.</summary>
    private TimeSpan Middle(int bucket)
    {
        var upper = _shortest * Math.Pow(Gamma, bucket);
        return TimeSpan.FromSeconds((bucket == 0 ? upper : upper * 2 / (1 + Gamma)) / _frequency);
    }
}
