using Weft.Retry;

namespace Weft.ServiceRegistry;

/// <summary>How many attempts of a service were repeated since the process started, and how many were not, by reason. Safe for use from many threads.</summary>
internal sealed class RepeatCounts
{
    private readonly long[] _refused = new long[Enum.GetValues<RetryRefusal>().Length];
    private long _made;

    /// <summary>Repeats that were made.</summary>
    public long Made => Volatile.Read(ref _made);

    /// <summary>Counts what was decided.</summary>
    public void Add(in RetryDecision decision)
    {
        if (decision.Repeats)
            Interlocked.Increment(ref _made);
        else if (decision.IsSuppressed)
            Interlocked.Increment(ref _refused[(int)decision.Refusal]);
    }

    /// <summary>Repeats that were not made, by the word for the reason.</summary>
    public IEnumerable<(string Reason, long Count)> NotMade() =>
        from refusal in Enum.GetValues<RetryRefusal>()
        let count = Volatile.Read(ref _refused[(int)refusal])
        where count > 0
        select (refusal.Label(), count);
}
