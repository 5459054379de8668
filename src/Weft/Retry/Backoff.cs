namespace Weft.Retry;

/// <summary>
/// How long to wait before a repeat: full jitter over spans that double (Brooker, Exponential Backoff and Jitter). Spreading the waits over the whole span, and
/// not only around its end, is what keeps callers that failed together from coming back together. Safe for use from many threads.
/// </summary>
/// <param name="base">The span of the first wait, at least 0.</param>
/// <param name="cap">The longest span, at least <paramref name="base"/>.</param>
/// <param name="random">Chance; used under a lock, so that any will do.</param>
internal sealed class Backoff(TimeSpan @base, TimeSpan cap, Random random)
{
    private const int LastShift = 62;

    private readonly Lock _lock = new();

    /// <summary>The span in which the n-th wait lies: base · 2ⁿ⁻¹, at most cap.</summary>
    /// <param name="n">From 1.</param>
    public TimeSpan Span(int n)
    {
        var doublings = Math.Clamp(n - 1, 0, LastShift);
        // Compared before it is doubled: the product could be more than a long holds.
        return @base.Ticks > cap.Ticks >> doublings ? cap : TimeSpan.FromTicks(@base.Ticks << doublings);
    }

    /// <summary>The n-th wait: any time from nothing to <see cref="Span"/>, both included, each as likely as the others.</summary>
    /// <param name="n">From 1.</param>
    public TimeSpan Wait(int n)
    {
        var span = Math.Min(Span(n).Ticks, long.MaxValue - 1);
        lock (_lock)
            return TimeSpan.FromTicks(random.NextInt64(span + 1));
    }
}
