namespace Weft.CircuitBreaker;

/// <summary>The right to make one call, given by <see cref="Breaker.TryEnter(long, out BreakerTicket)"/> and given back once by <see cref="Breaker.Exit(in BreakerTicket, Verdict, long)"/>.</summary>
internal readonly struct BreakerTicket
{
    /// <summary>The time of a call that begun without a clock being read.</summary>
    internal const long NoStart = long.MinValue;

    internal BreakerTicket(BreakerPhase phase, long start = NoStart, int lease = -1) => (Phase, Start, Lease) = (phase, start, lease);

    /// <summary>The generation in which the call begun; 0 for a call whose outcome does not count.</summary>
    public long Generation => Phase?.Generation ?? 0;

    /// <summary>Whether the call tries a breaker that is half-open.</summary>
    public bool IsProbe => Phase is not null && Lease >= 0;

    /// <summary>The phase in which the call begun; null when the outcome does not count.</summary>
    internal BreakerPhase? Phase { get; }

    /// <summary>When it begun.</summary>
    internal long Start { get; }

    /// <summary>The place of the lease among those of the phase; -1 for none. Only <see cref="Phase"/> says whether there is a ticket at all.</summary>
    internal int Lease { get; }
}
