using Weft.Options;

namespace Weft.Timeouts;

/// <summary>
/// How long an attempt may take, following how long past ones took: a factor times a percentile. There is no timer: the first one to record after a second computes it
/// again, while all others go on. It grows at once and shrinks by at most a fifth a second; what changes by a tenth or less does not count. Reading and recording
/// allocate nothing. Safe for use from many threads.
/// </summary>
/// <remarks>
/// A maximum matters: without one, a service that becomes slow talks its timeout up, and calls that wait for it take the place of others.
/// </remarks>
internal sealed class AdaptiveTimeout
{
    private const double LeastShrink = 0.8;
    private const double DeadBand = 0.1;
    private const double CensoredGrowth = 1.5;
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1), s_start = TimeSpan.FromSeconds(30);

    private readonly LatencySketch _sketch;
    private readonly Lock _computing = new();
    private readonly long _second;
    private readonly long _startEnds;
    private AttemptTimeoutOptions _options;
    private long _current;
    private long _next;
    private TimeSpan? _quantile;
    private long _samples;
    private AdaptiveTimeoutReason _reason;

    /// <param name="options">Options without faults.</param>
    /// <param name="time">Whose timestamps are recorded.</param>
    public AdaptiveTimeout(AttemptTimeoutOptions options, TimeProvider time)
    {
        _options = options;
        _sketch = new(options.Window, time);
        _second = Timestamps.From(s_every, time);
        var now = time.GetTimestamp();
        _startEnds = now + Timestamps.From(s_start, time);
        _next = now + _second;
        _reason = options.Fixed is null ? AdaptiveTimeoutReason.Starting : AdaptiveTimeoutReason.Fixed;
        _current = (options.Fixed ?? options.Initial).Ticks;
    }

    /// <summary>How long an attempt that begins now may take; infinite when there is no timeout.</summary>
    public TimeSpan Current => new(Volatile.Read(ref _current));

    /// <summary>The samples, for other percentiles of them.</summary>
    public LatencySketch Sketch => _sketch;

    /// <summary>Adds an attempt that ended by itself.</summary>
    /// <param name="startedAt">The timestamp of its beginning.</param>
    /// <param name="now">The timestamp of its end.</param>
    public void Record(long startedAt, long now)
    {
        _sketch.Record(now - startedAt, now);
        if (now >= Volatile.Read(ref _next))
            Compute(now);
    }

    /// <summary>Adds an attempt that was cut by its timeout, or because a hedged one was faster. Not for one that its caller gave up, or that had less time than <see cref="Current"/>.</summary>
    /// <param name="now">The timestamp of its end.</param>
    public void RecordCensored(long now)
    {
        _sketch.RecordCensored(now);
        if (now >= Volatile.Read(ref _next))
            Compute(now);
    }

    /// <summary>Takes other options and keeps the samples. The new bounds hold at once.</summary>
    public void Apply(AttemptTimeoutOptions options)
    {
        lock (_computing)
        {
            var wasFixed = _options.Fixed is not null;
            _options = options;
            _sketch.SetWindow(options.Window);
            _reason = options.Fixed is not null ? AdaptiveTimeoutReason.Fixed : wasFixed ? AdaptiveTimeoutReason.TooFewSamples : _reason;
            var current = options.Fixed ?? (wasFixed ? options.Initial : Clamp(Current));
            Volatile.Write(ref _current, current.Ticks);
        }
    }

    /// <summary>How it stands.</summary>
    public AdaptiveTimeoutSnapshot Snapshot()
    {
        lock (_computing)
            return new(Current, _quantile, _samples, _reason);
    }

    private void Compute(long now)
    {
        if (!_computing.TryEnter())
            return;
        try
        {
            if (now < _next)
                return;
            Volatile.Write(ref _next, now + _second);
            var found = _sketch.Quantile(_options.Adaptive.Quantile, _options.Samples, now);
            (_quantile, _samples) = (found.State == QuantileState.Finite ? found.Value : null, found.Count);
            _reason = Reason(found.State, now);
            if (_reason > AdaptiveTimeoutReason.Starting)
                Volatile.Write(ref _current, Damp(Clamp(Candidate(found))).Ticks);
        }
        finally
        {
            _computing.Exit();
        }
    }

    private AdaptiveTimeoutReason Reason(QuantileState state, long now) =>
        _options.Fixed is not null ? AdaptiveTimeoutReason.Fixed
        : now < _startEnds ? AdaptiveTimeoutReason.Starting
        : state switch
        {
            QuantileState.TooFew => AdaptiveTimeoutReason.TooFewSamples,
            QuantileState.Censored => AdaptiveTimeoutReason.Censored,
            _ => AdaptiveTimeoutReason.Following,
        };

    private TimeSpan Candidate(SketchQuantile found) => found.State switch
    {
        QuantileState.TooFew => _options.Initial,
        QuantileState.Censored => Current * CensoredGrowth,
        _ => found.Value * _options.Factor,
    };

    private TimeSpan Clamp(TimeSpan time) => time < _options.Min ? _options.Min : time > _options.Max ? _options.Max : time;

    private TimeSpan Damp(TimeSpan candidate)
    {
        var current = Current;
        if ((candidate - current).Duration() <= current * DeadBand)
            return current;
        var least = current * LeastShrink;
        return candidate < least ? least : candidate;
    }
}
