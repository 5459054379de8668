namespace Weft.Options;

/// <summary>How many requests are let through, for each value of a key. What it has counted stays over a reload.</summary>
public sealed record LimitOptions
{
    /// <summary>How it counts. Default <see cref="LimitAlgorithm.TokenBucket"/>.</summary>
    public LimitAlgorithm Algorithm { get; init; }

    /// <summary>Token bucket: requests a second that may go on forever. 1/h to 1,000,000/s, in the file also <c>5/m</c>; null for another algorithm.</summary>
    public double? Rate { get; init; }

    /// <summary>Token bucket: requests that may come at once after a pause. 1 to 1,000,000; null for those of a second, at least 1.</summary>
    public int? Burst { get; init; }

    /// <summary>Sliding window: requests in each <see cref="Window"/>. Concurrency: requests at once. 1 to 1,000,000; null for a token bucket.</summary>
    public int? Max { get; init; }

    /// <summary>Sliding window: its length. 1 s to 1 day; null for another algorithm.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>
    /// What is counted apart: an expression over the request such as <c>request.clientAddress</c> or <c>claims.sub</c>; null counts all together. Requests
    /// for which it has no value share one count.
    /// </summary>
    public string? Key { get; init; }
}

/// <summary>How a limit counts.</summary>
public enum LimitAlgorithm
{
    /// <summary>A rate that may go on forever, and a burst above it.</summary>
    TokenBucket,

    /// <summary>
    /// So many in the last time of a length, the window before weighted by how much of it is within that time: what came unevenly there is counted as if it had
    /// come evenly.
    /// </summary>
    SlidingWindow,

    /// <summary>So many at once.</summary>
    Concurrency,
}

/// <summary>The limits of a route.</summary>
public sealed record RouteLimitOptions
{
    /// <summary>A name under <c>limits</c> that is asked before the caller is known; null for none.</summary>
    public string? BeforeAuth { get; init; }

    /// <summary>A name under <c>limits</c> that is asked once the caller is known; null for none.</summary>
    public string? AfterAuth { get; init; }
}
