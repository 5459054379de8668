using Weft.Options;

namespace Weft.CircuitBreaker;

/// <summary>The options of a breaker in ticks of its clock, with what an operator forced. Immutable: a change replaces the whole.</summary>
internal sealed class BreakerRules
{
    private readonly long _frequency;

    public BreakerRules(CircuitBreakerOptions options, CircuitBreakerMode? forced, long frequency)
    {
        _frequency = frequency;
        Options = options;
        Forced = forced;
        Mode = forced ?? options.Mode;
        Judges = Mode is CircuitBreakerMode.Auto or CircuitBreakerMode.Observe;
        SlowAfter = options.Slow is { } slow ? Ticks(slow.Over) : long.MaxValue;
        BucketWidth = options.Ratio is not null || options.Slow is not null ? Math.Max(1, Ticks(options.Window) / CallWindow.Buckets) : 0;
        CountsRows = Judges && BucketWidth == 0;
        Open = Ticks(options.Open);
        OpenMax = Ticks(options.LongestOpen);
        ProbeTimeout = Ticks(options.ProbeTimeout);
    }

    public CircuitBreakerOptions Options { get; }

    /// <summary>What an operator forced; null for nothing.</summary>
    public CircuitBreakerMode? Forced { get; }

    public CircuitBreakerMode Mode { get; }

    /// <summary>Whether outcomes count: in the modes that force nothing.</summary>
    public bool Judges { get; }

    /// <summary>A call that takes longer is slow.</summary>
    public long SlowAfter { get; }

    /// <summary>The width of a bucket of the window; 0 when there is none.</summary>
    public long BucketWidth { get; }

    /// <summary>Whether a closed breaker counts failures in a row and nothing else: then a call needs no clock, and a success ends the row.</summary>
    public bool CountsRows { get; }

    public long Open { get; }

    public long OpenMax { get; }

    public long ProbeTimeout { get; }

    /// <summary>What the mode makes of a state.</summary>
    public BreakerState Effective(BreakerState state) => Mode switch
    {
        CircuitBreakerMode.ForcedOpen => BreakerState.Open,
        CircuitBreakerMode.ForcedClosed => BreakerState.Closed,
        _ => state,
    };

    /// <summary>How long the n-th opening lasts: doubled each time up to the limit, and a tenth more or less so that many callers do not come back at once.</summary>
    /// <param name="openings">The number of this opening, from 1.</param>
    /// <param name="chance">0 to 1.</param>
    public long OpenFor(int openings, double chance)
    {
        // 63 doublings exceed every limit.
        var full = Math.Min(OpenMax, Open * Math.Pow(2, Math.Min(openings - 1, 63)));
        double least = 0.9 * full, most = Math.Min(OpenMax, 1.1 * full);
        return Math.Max(1, (long)(least + chance * (most - least)));
    }

    private long Ticks(TimeSpan time) => _frequency == TimeSpan.TicksPerSecond ? time.Ticks : (long)((Int128)time.Ticks * _frequency / TimeSpan.TicksPerSecond);
}
