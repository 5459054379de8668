using Weft.Options;

namespace Weft.Concurrency;

/// <summary>How a call ended, for a limit that follows.</summary>
internal enum LimitSample : byte
{
    /// <summary>It was answered.</summary>
    Success,

    /// <summary>It failed; its time says nothing about load, for it may have failed at once.</summary>
    Failure,

    /// <summary>It was given up after a time, which counts as the time it took.</summary>
    Timeout,

    /// <summary>It says nothing: its caller went away.</summary>
    Ignore,
}

/// <summary>
/// A limit on concurrency that follows what a service can bear, from the times and failures of calls. Reads no clock: callers pass timestamps. Safe for use from
/// many threads; allocates nothing.
/// </summary>
internal abstract class AdaptiveLimit
{
    /// <summary>Where a limit begins, within its bounds.</summary>
    public const int Initial = 20;

    private readonly Lock _lock = new();
    private double _exact;
    private int _min, _max, _limit;

    private protected AdaptiveLimit(int min, int max, int initial)
    {
        (_min, _max) = (min, max);
        Set(initial);
    }

    /// <summary>How many calls may run now.</summary>
    public int Limit => Volatile.Read(ref _limit);

    /// <summary>The limit for options; null when they say none.</summary>
    /// <param name="options">Valid options.</param>
    /// <param name="time">Whose timestamps callers pass.</param>
    /// <param name="initial">Where it begins.</param>
    public static AdaptiveLimit? From(BulkheadOptions options, TimeProvider time, int initial = Initial) => options.Adaptive switch
    {
        AdaptiveLimitMode.Gradient => new GradientLimit(options.Min, options.Max, initial, time),
        AdaptiveLimitMode.Aimd => new AimdLimit(options.Min, options.Max, initial),
        _ => null,
    };

    /// <summary>Takes a call that ended.</summary>
    /// <param name="startedAt">When it began.</param>
    /// <param name="now">When it ended.</param>
    /// <param name="running">How many ran, this one included.</param>
    /// <param name="sample">How it ended.</param>
    public void Record(long startedAt, long now, int running, LimitSample sample)
    {
        if (sample == LimitSample.Ignore)
            return;
        lock (_lock)
            Set(Next(_exact, startedAt, now, running, sample));
    }

    /// <summary>Takes on new bounds and keeps the limit, as far as they allow it.</summary>
    public void Apply(int min, int max)
    {
        lock (_lock)
        {
            (_min, _max) = (min, max);
            Set(_exact);
        }
    }

    /// <summary>The limit after a call, before it is brought into its bounds. Called by one thread at a time.</summary>
    private protected abstract double Next(double limit, long startedAt, long now, int running, LimitSample sample);

    private void Set(double limit)
    {
        _exact = Math.Clamp(limit, _min, _max);
        Volatile.Write(ref _limit, (int)_exact);
    }
}
