namespace Weft.Flows;

/// <summary>What became of a delivery.</summary>
public enum OutcomeKind : byte
{
    /// <summary>Done; it is not delivered again.</summary>
    Acknowledged,

    /// <summary>Failed, and worth another try at <see cref="Outcome.Due"/>.</summary>
    Retry,

    /// <summary>Failed for good; it is kept as a dead letter with the reason.</summary>
    Dead,

    /// <summary>The target could not take anything now. It is not the item's fault: no attempt is spent and the flow pauses.</summary>
    Unavailable,
}

/// <summary>What became of a delivery, and why.</summary>
/// <param name="Kind">The verdict.</param>
/// <param name="Due">For <see cref="OutcomeKind.Retry"/>, not before when; null leaves the time to the retry schedule.</param>
/// <param name="Reason">A short stable word such as <c>status-500</c>, <c>timeout</c> or <c>exception</c>; null when acknowledged.</param>
/// <param name="Detail">What a person needs to understand it; never a secret, at most 4 KB are kept.</param>
public readonly record struct Outcome(OutcomeKind Kind, DateTimeOffset? Due = null, string? Reason = null, string? Detail = null)
{
    /// <summary>Done.</summary>
    public static Outcome Acknowledged => default;

    /// <summary>Failed, and worth another try.</summary>
    public static Outcome Retry(string reason, string? detail = null, DateTimeOffset? due = null) => new(OutcomeKind.Retry, due, reason, detail);

    /// <summary>Failed for good.</summary>
    public static Outcome Dead(string reason, string? detail = null) => new(OutcomeKind.Dead, null, reason, detail);

    /// <summary>The target takes nothing now.</summary>
    public static Outcome Unavailable(string reason, string? detail = null, DateTimeOffset? due = null) => new(OutcomeKind.Unavailable, due, reason, detail);
}
