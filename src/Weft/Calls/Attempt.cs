using Weft.ServiceRegistry;

namespace Weft.Calls;

/// <summary>Leave to call one instance once. Whoever gets one gives its outcome back to <see cref="CallPipeline.End"/>.</summary>
/// <param name="Service">The service.</param>
/// <param name="Instance">Its chosen instance.</param>
/// <param name="Number">Which attempt of the call it is, from 1.</param>
/// <param name="StartedAt">A timestamp of the time provider.</param>
internal readonly record struct Attempt(Service Service, Instance Instance, int Number, long StartedAt);

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
    /// <summary>Whether the instance is to blame.</summary>
    public bool IsFailure => Result is AttemptResult.ConnectFailed or AttemptResult.Reset or AttemptResult.Timeout or AttemptResult.BadAnswer;
}
