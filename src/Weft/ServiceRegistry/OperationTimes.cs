using Weft.Options;
using Weft.Timeouts;

namespace Weft.ServiceRegistry;

/// <summary>
/// How long the attempts of one operation take: its timeout, and what else follows the same samples. Percentiles are looked up once a second and kept. Safe for use
/// from many threads.
/// </summary>
internal sealed class OperationTimes
{
    // Fewer samples say nothing about the middle.
    private const int Enough = 50;

    private readonly AdaptiveTimeout _timeout;
    private readonly long _second;
    private long _due, _median, _hedge;
    private double? _hedgeAt;

    /// <param name="policy">The policy of the service.</param>
    /// <param name="time">Whose timestamps are given.</param>
    public OperationTimes(PolicyOptions policy, TimeProvider time)
    {
        _timeout = new AdaptiveTimeout(policy.Timeout, time);
        _second = time.TimestampFrequency;
        Apply(policy);
    }

    /// <summary>The timeout of an attempt that begins now; <see cref="TimeSpan.MaxValue"/> for none.</summary>
    public TimeSpan Timeout => _timeout.Current is var time && time == System.Threading.Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : time;

    /// <summary>The least time that is worth an attempt.</summary>
    public TimeSpan Least { get; private set; }

    /// <summary>The time within which half of the attempts end; null while that is not known.</summary>
    public TimeSpan? Median => Known(ref _median);

    /// <summary>The time after which a hedge begins; null while that is not known.</summary>
    public TimeSpan? HedgeAfter => Known(ref _hedge);

    /// <summary>The timeout as it stands.</summary>
    public AdaptiveTimeoutSnapshot Snapshot => _timeout.Snapshot();

    /// <summary>An attempt ended by itself.</summary>
    public void Record(long startedAt, long now)
    {
        _timeout.Record(startedAt, now);
        if (now >= Volatile.Read(ref _due))
            LookUp(now);
    }

    /// <summary>An attempt was cut.</summary>
    /// <param name="now">When.</param>
    public void RecordCensored(long now) => _timeout.RecordCensored(now);

    /// <summary>Puts another policy in force; samples stay.</summary>
    public void Apply(PolicyOptions policy)
    {
        _timeout.Apply(policy.Timeout);
        _hedgeAt = policy.Hedge?.After.Percentile?.Quantile;
        Least = policy.Timeout.Fixed is { } time ? (time > TimeSpan.Zero ? time : TimeSpan.Zero) : policy.Timeout.Min;
        Volatile.Write(ref _due, 0);
    }

    // Several threads may look it up at once: they find about the same.
    private void LookUp(long now)
    {
        Volatile.Write(ref _due, now + _second);
        Volatile.Write(ref _median, Ticks(_timeout.Sketch.Quantile(0.5, Enough, now)));
        if (_hedgeAt is { } share)
            Volatile.Write(ref _hedge, Ticks(_timeout.Sketch.Quantile(share, Enough, now)));
    }

    private static long Ticks(in SketchQuantile found) => found.State == QuantileState.Finite ? found.Value.Ticks : 0;

    private static TimeSpan? Known(ref long ticks) => Volatile.Read(ref ticks) is > 0 and var known ? new TimeSpan(known) : null;
}
