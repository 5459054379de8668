namespace Weft.Flows;

/// <summary>When a failed delivery is tried again, and when it is given up.</summary>
/// <param name="Now">Tries made at once, before the first wait. At least 0.</param>
/// <param name="For">How long after the first failure the last try may start.</param>
/// <param name="Base">The first wait.</param>
/// <param name="Cap">The longest wait.</param>
public sealed record RedeliverySchedule(int Now, TimeSpan For, TimeSpan Base, TimeSpan Cap)
{
    /// <summary>
    /// The wait after a failed try: <see cref="Base"/> · 2ⁿ⁻¹ for the n-th wait up to <see cref="Cap"/>, lengthened by
    /// <paramref name="jitter"/> of a fifth. Jitter only ever extends, so that a wait is a promise.
    /// </summary>
    /// <param name="attempt">The try that failed, from 1.</param>
    /// <param name="jitter">0 to 1.</param>
    public TimeSpan Wait(int attempt, double jitter)
    {
        int doublings = Math.Clamp(attempt - 1 - Now, 0, 62);
        double ticks = Math.Min(Base.Ticks * Math.Pow(2, doublings), Cap.Ticks);
        return TimeSpan.FromTicks((long)(ticks * (1 + (0.2 * jitter))));
    }

    /// <summary>Fixes the time of a retry that left it open, and turns one that comes too late into a dead letter.</summary>
    public Outcome Decide(in Outcome outcome, int attempt, DateTimeOffset failingSince, DateTimeOffset now, double jitter)
    {
        var due = now + Wait(attempt, jitter);
        if (outcome.Due > due)
            due = outcome.Due.Value;
        return due - failingSince > For
            ? Outcome.Dead("retries-exhausted", $"{attempt} tries since {failingSince:O}; last: {outcome.Reason}: {outcome.Detail}")
            : outcome with { Due = due };
    }
}
