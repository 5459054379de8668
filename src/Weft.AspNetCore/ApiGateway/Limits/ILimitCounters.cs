using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Limits;

/// <summary>
/// Where limits are counted. The counters of Weft are in the process; register another in the services of the app to share them between processes. Safe for
/// use from many threads; called for every request of a route with a limit.
/// </summary>
public interface ILimitCounters
{
    /// <summary>Counts a request, when it may go on.</summary>
    /// <param name="name">The name of the limit.</param>
    /// <param name="options">The limit in force.</param>
    /// <param name="key">What is counted apart; empty for requests without.</param>
    /// <param name="cancellation">The caller has gone.</param>
    /// <returns>Whether it may go on. A counter that cannot be reached decides itself whether to let through.</returns>
    ValueTask<LimitAnswer> TakeAsync(string name, LimitOptions options, ReadOnlySpan<char> key, CancellationToken cancellation);

    /// <summary>A request that was counted by <see cref="LimitAlgorithm.Concurrency"/> is over.</summary>
    /// <param name="name">The name of the limit.</param>
    /// <param name="key">As it was counted.</param>
    void Release(string name, ReadOnlySpan<char> key);
}

/// <summary>What a limit says to a request.</summary>
/// <param name="IsAdmitted">Whether it may go on.</param>
/// <param name="Remaining">How many more could follow at once.</param>
/// <param name="Reset">When all of the limit is free again, if nothing more comes.</param>
/// <param name="RetryAfter">When one that was refused may come again; zero for one that was admitted.</param>
public readonly record struct LimitAnswer(bool IsAdmitted, long Remaining, TimeSpan Reset, TimeSpan RetryAfter);
