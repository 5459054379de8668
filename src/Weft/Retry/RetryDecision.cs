namespace Weft.Retry;

/// <summary>Whether an attempt is repeated.</summary>
/// <param name="Refusal">Why not; <see cref="RetryRefusal.None"/> when it is.</param>
/// <param name="Delay">How long to wait first; zero when it is not repeated.</param>
internal readonly record struct RetryDecision(RetryRefusal Refusal, TimeSpan Delay = default)
{
    /// <summary>True when it is repeated. A token of the budget has been taken then.</summary>
    public bool Repeats => Refusal == RetryRefusal.None;

    /// <summary>True when only a rule kept a failure from being repeated: such repeats are counted by their reason.</summary>
    public bool IsSuppressed => Refusal is not (RetryRefusal.None or RetryRefusal.NotRetriable);
}

/// <summary>Why an attempt is not repeated, in the order in which it is asked.</summary>
internal enum RetryRefusal : byte
{
    /// <summary>It is repeated.</summary>
    None,

    /// <summary>It succeeded, or failed in a way that a repeat does not mend.</summary>
    NotRetriable,

    /// <summary>There were enough attempts.</summary>
    Max,

    /// <summary>The request is itself a repeat of a caller of ours: repeats at each layer multiply.</summary>
    Marked,

    /// <summary>The caller has part of the answer.</summary>
    Started,

    /// <summary>The method is not idempotent, and the request may have reached the service.</summary>
    Method,

    /// <summary>The body is gone.</summary>
    Body,

    /// <summary>Wait and attempt would not end before the deadline.</summary>
    Deadline,

    /// <summary>The service wants to be left alone for longer than the caller waits.</summary>
    RetryAfter,

    /// <summary>The callers together have repeated enough.</summary>
    Budget,

    /// <summary>No instance takes calls now: all breakers are open.</summary>
    Breaker,
}

/// <summary>Words for <see cref="RetryRefusal"/>.</summary>
internal static class RetryRefusals
{
    /// <summary>The word in metrics, logs and events.</summary>
    public static string Label(this RetryRefusal refusal) => refusal switch
    {
        RetryRefusal.None => "none",
        RetryRefusal.NotRetriable => "not-retriable",
        RetryRefusal.Max => "max",
        RetryRefusal.Marked => "marked",
        RetryRefusal.Started => "started",
        RetryRefusal.Method => "method",
        RetryRefusal.Body => "body",
        RetryRefusal.Deadline => "deadline",
        RetryRefusal.RetryAfter => "retry-after",
        RetryRefusal.Breaker => "breaker",
        _ => "budget",
    };
}
