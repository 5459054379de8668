using Weft.CircuitBreaker;
using Weft.ServiceRegistry;

namespace Weft.Calls;

/// <summary>Leave to call one instance once, with all that watches over it.</summary>
internal readonly record struct Attempt
{
    /// <summary>The service.</summary>
    public required Service Service { get; init; }

    /// <summary>The chosen instance.</summary>
    public required Instance Instance { get; init; }

    /// <summary>Which attempt of the call it is, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Which repeat of the request it is, of the caller's or ours; 0 for the first attempt.</summary>
    public int Repeat { get; init; }

    /// <summary>Ends the attempt when its time is over or the caller has gone.</summary>
    public required CallDeadline Clock { get; init; }

    /// <summary>A timestamp of the time provider.</summary>
    public required long StartedAt { get; init; }

    /// <summary>How long the caller still waits: what the service is told.</summary>
    public required TimeSpan Remaining { get; init; }

    /// <summary>How long the attempt may take.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Whether the deadline of the call left less than the policy gives: running out of time then says nothing about the instance.</summary>
    public bool IsShortened { get; init; }

    /// <summary>The breaker that let it pass; null when none was asked.</summary>
    public Breaker? Breaker { get; init; }

    /// <summary>What that breaker gave out.</summary>
    public BreakerTicket Ticket { get; init; }
}

/// <summary>How an attempt ended.</summary>
internal enum AttemptResult : byte
{
    /// <summary>An answer came, with any status, and whole as far as is known.</summary>
    Answered,

    /// <summary>There was no connection: refused, unreachable, unknown name, TLS. Nothing was sent.</summary>
    ConnectFailed,

    /// <summary>The connection broke before the answer was whole.</summary>
    Reset,

    /// <summary>The answer, or the next part of it, did not come in time.</summary>
    Timeout,

    /// <summary>What came was no HTTP, or beyond the limits.</summary>
    BadAnswer,

    /// <summary>The caller went away. Not the fault of the instance.</summary>
    Cancelled,

    /// <summary>The request could not be read to its end: malformed, too large. Not the fault of the instance.</summary>
    BadRequest,
}

/// <summary>How an attempt ended, and what that leaves possible.</summary>
/// <param name="Result">How it ended.</param>
/// <param name="Status">The status of the answer; 0 without one.</param>
/// <param name="MayHaveSent">False only when it is certain that nothing of the request reached the instance.</param>
/// <param name="ResponseStarted">Whether something of the answer has gone on to the caller.</param>
internal readonly record struct AttemptOutcome(AttemptResult Result, int Status = 0, bool MayHaveSent = true, bool ResponseStarted = false)
{
    /// <summary>Whether there is no answer, or one that says that the service failed (501 and 505 say that it does not know the request).</summary>
    public bool IsFailure => Result is AttemptResult.ConnectFailed or AttemptResult.Reset or AttemptResult.Timeout or AttemptResult.BadAnswer
        || Status is >= 500 and not (501 or 505);

    /// <summary>What a breaker learns from it. A 429 asks for patience and says nothing about health; a 408 is a timeout that the service saw.</summary>
    public Verdict Verdict => Result switch
    {
        AttemptResult.Cancelled or AttemptResult.BadRequest => Verdict.Ignore,
        AttemptResult.Answered when Status == 429 => Verdict.Ignore,
        AttemptResult.Answered when Status == 408 => Verdict.Failure,
        _ => IsFailure ? Verdict.Failure : Verdict.Success,
    };

    /// <summary>The word for metrics and logs.</summary>
    public string Label => Result switch
    {
        AttemptResult.Answered => "answered",
        AttemptResult.ConnectFailed => "connect",
        AttemptResult.Reset => "reset",
        AttemptResult.Timeout => "timeout",
        AttemptResult.BadAnswer => "bad-answer",
        AttemptResult.Cancelled => "cancelled",
        _ => "bad-request",
    };
}
