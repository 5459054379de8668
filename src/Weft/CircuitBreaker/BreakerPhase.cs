namespace Weft.CircuitBreaker;

/// <summary>
/// A breaker from one change to the next. The change itself is one exchange of the breaker's reference to its phase, so the state, its number and what belongs to it
/// can never be seen apart; an outcome belongs to the phase in which its call began, and counts only while the breaker is still in it.
/// </summary>
internal sealed class BreakerPhase
{
    private const long Free = long.MinValue;

    private readonly long[] _leases;
    private int _failures, _successes;
    private CallWindow? _window;
    private object? _rejection;

    private BreakerPhase(BreakerState state, long generation, int openings, long since, long until, int failures, int probes)
    {
        (State, Generation, Openings, Since, Until, _failures) = (state, generation, openings, since, until, failures);
        _leases = probes == 0 ? [] : new long[probes];
        Array.Fill(_leases, Free);
    }

    public BreakerState State { get; }

    public long Generation { get; }

    /// <summary>How often it opened since the last healthy period.</summary>
    public int Openings { get; }

    /// <summary>When it began.</summary>
    public long Since { get; }

    /// <summary>When an open breaker may be tried again.</summary>
    public long Until { get; }

    /// <summary>Closed: failures in a row. Otherwise those that opened it.</summary>
    public int Failures => Volatile.Read(ref _failures);

    /// <summary>Half-open: successes in a row; anything else ends the phase.</summary>
    public int Successes => Volatile.Read(ref _successes);

    /// <summary>What callers are answered while it lasts: made once and given to all of them. Several threads may set it; any of theirs will do.</summary>
    public object? Rejection
    {
        get => Volatile.Read(ref _rejection);
        set => Volatile.Write(ref _rejection, value);
    }

    public static BreakerPhase First(long now) => new(BreakerState.Closed, 1, 0, now, now, 0, 0);

    public BreakerPhase Closed(int openings, long now) => new(BreakerState.Closed, Generation + 1, openings, now, now, 0, 0);

    public BreakerPhase Open(int openings, int failures, long now, long length) => new(BreakerState.Open, Generation + 1, openings, now, now + length, failures, 0);

    public BreakerPhase HalfOpen(int probes) => new(BreakerState.HalfOpen, Generation + 1, Openings, Until, Until, Failures, probes);

    public int AddFailure() => Interlocked.Increment(ref _failures);

    public int AddSuccess() => Interlocked.Increment(ref _successes);

    /// <summary>Ends a row of failures; writes nothing when there is none.</summary>
    public void ResetFailures()
    {
        if (Volatile.Read(ref _failures) != 0)
            Volatile.Write(ref _failures, 0);
    }

    /// <summary>The calls of this phase, counted by buckets of a width. Another width begins to count anew.</summary>
    public CallWindow Window(long width)
    {
        var window = Volatile.Read(ref _window);
        while (window is null || window.Width != width)
        {
            var made = new CallWindow(width, Since);
            var found = Interlocked.CompareExchange(ref _window, made, window);
            window = found == window ? made : found;
        }
        return window;
    }

    /// <summary>Takes a lease for a call that tries whether the breaker may close.</summary>
    /// <param name="now">When it begins.</param>
    /// <param name="probes">How many there may be. More than when the phase began are given from the next phase on.</param>
    /// <param name="lease">Its place.</param>
    public bool TryLease(long now, int probes, out int lease)
    {
        for (lease = 0; lease < Math.Min(probes, _leases.Length); lease++)
        {
            if (Volatile.Read(ref _leases[lease]) != Free || Interlocked.CompareExchange(ref _leases[lease], now, Free) != Free)
                continue;
            // With fewer allowed than when the phase began, those in the places behind count too.
            if (probes >= _leases.Length || Leases().Count <= probes)
                return true;
            Return(lease, now);
            break;
        }
        lease = -1;
        return false;
    }

    /// <summary>Gives a lease back; false when it was given back before.</summary>
    public bool Return(int lease, long start) => Interlocked.CompareExchange(ref _leases[lease], Free, start) == start;

    /// <summary>How many leases are out, and when the oldest of them was taken; <see cref="long.MaxValue"/> for none.</summary>
    public (int Count, long Oldest) Leases()
    {
        var (count, oldest) = (0, long.MaxValue);
        foreach (ref var lease in _leases.AsSpan())
        {
            if (Volatile.Read(ref lease) is not Free and var start)
                (count, oldest) = (count + 1, Math.Min(oldest, start));
        }
        return (count, oldest);
    }
}
