namespace Weft.Timeouts;

/// <summary>Why an adaptive timeout is what it is.</summary>
internal enum AdaptiveTimeoutReason
{
    /// <summary>The options fix it.</summary>
    Fixed,

    /// <summary>It was made less than half a minute ago.</summary>
    Starting,

    /// <summary>There are too few samples, so it goes to the initial one.</summary>
    TooFewSamples,

    /// <summary>So many attempts are cut that the percentile is not known, so it grows.</summary>
    Censored,

    /// <summary>It follows the percentile.</summary>
    Following,
}

/// <summary>How an adaptive timeout stands, for telemetry and explanations.</summary>
/// <param name="Current">The timeout.</param>
/// <param name="Quantile">The percentile that it follows; null when that is not known.</param>
/// <param name="Samples">How many attempts the percentile was taken from.</param>
/// <param name="Reason">Why it is so.</param>
internal readonly record struct AdaptiveTimeoutSnapshot(TimeSpan Current, TimeSpan? Quantile, long Samples, AdaptiveTimeoutReason Reason);
