using Weft.CircuitBreaker;
using Weft.Concurrency;

namespace Weft.Calls;

/// <summary>What the pipeline has to know about a call.</summary>
/// <param name="Operation">What is called, such as the name of a route: calls of one operation take about as long. A name from the file, so there are few.</param>
/// <param name="Method">The HTTP method.</param>
internal readonly record struct CallInput(string Operation, string Method)
{
    /// <summary>Whether the request has an <c>Idempotency-Key</c>.</summary>
    public bool HasIdempotencyKey { get; init; }

    /// <summary>Whether the caller repeats by itself: then only another instance is tried, and only when nothing was sent.</summary>
    public bool IsRepeatedElsewhere { get; init; }

    /// <summary>Which attempt of its caller this is, from 0; what is being repeated there is not repeated here too.</summary>
    public int CallerAttempt { get; init; }

    /// <summary>What the call is to be balanced by, hashed; null for nothing.</summary>
    public ulong? BalanceKey { get; init; }

    /// <summary>Whether the answer has no end, as that of a WebSocket: then it takes no place in the bulkhead.</summary>
    public bool IsOpenEnded { get; init; }

    /// <summary>The most the caller waits; null for as long as the policy says.</summary>
    public TimeSpan? Limit { get; init; }
}

/// <summary>Why a call was not sent.</summary>
internal enum Rejection : byte
{
    /// <summary>It was sent.</summary>
    None,

    /// <summary>The service has no instance.</summary>
    NoInstance,

    /// <summary>All its breakers are open.</summary>
    Breaker,

    /// <summary>As many calls run as may.</summary>
    Bulkhead,

    /// <summary>The time that is left is not enough.</summary>
    Deadline,

    /// <summary>The caller went away first.</summary>
    Cancelled,
}

/// <summary>What came of one attempt.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Answer">The answer, when there is one; the receiver disposes of it.</param>
internal readonly record struct Sent<TAnswer>(AttemptOutcome Outcome, TAnswer? Answer = null) where TAnswer : class
{
    /// <summary>When the service wants to be asked again (RFC 9110, section 10.2.3); null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the request can be sent again as it was.</summary>
    public bool CanRepeat { get; init; }

    /// <summary>Whether the answer has no end, as a stream of events: then it keeps no place in the bulkhead.</summary>
    public bool IsOpenEnded { get; init; }
}

/// <summary>Sends the attempts of one call.</summary>
internal interface ICallSender<TAnswer> where TAnswer : class
{
    /// <summary>
    /// Sends once, until the answer can be judged: for a streamed one, until its headers have come. Ends when the attempt's clock does. Never throws for what the
    /// service or the network does. Attempts run beside each other only where the policy hedges and <see cref="CanHedge"/> holds.
    /// </summary>
    ValueTask<Sent<TAnswer>> SendAsync(Attempt attempt);

    /// <summary>Whether a second attempt may run beside the first.</summary>
    bool CanHedge { get; }

    /// <summary>Lets go of an answer that nobody will read.</summary>
    void Discard(TAnswer answer);
}

/// <summary>A call that was let in and has its last outcome. Until it is disposed it counts as running: dispose it once the answer is used.</summary>
internal readonly struct Call<TAnswer> : IDisposable where TAnswer : class
{
    private readonly Bulkhead? _place;
    private readonly long _endedAt;

    public Call(in Attempt attempt, in Sent<TAnswer> sent, Bulkhead? place, long endedAt)
    {
        _endedAt = endedAt;
        Attempt = attempt;
        Outcome = sent.Outcome;
        Answer = sent.Answer;
        RetryAfter = sent.RetryAfter;
        _place = place;
    }

    public Call(Rejection rejection, TimeSpan? retryAfter = null, Bulkhead? place = null)
    {
        Rejection = rejection;
        RetryAfter = retryAfter;
        _place = place;
    }

    /// <summary>Why nothing was sent; <see cref="Rejection.None"/> when something was.</summary>
    public Rejection Rejection { get; }

    /// <summary>The attempt that counts. Not set when nothing was sent.</summary>
    public Attempt Attempt { get; }

    /// <summary>How that attempt ended.</summary>
    public AttemptOutcome Outcome { get; }

    /// <summary>Its answer; null when there is none.</summary>
    public TAnswer? Answer { get; }

    /// <summary>When to come again; null when nobody says.</summary>
    public TimeSpan? RetryAfter { get; }

    // What never reached the service says nothing about what it can bear.
    private LimitSample Sample => Rejection != Rejection.None ? LimitSample.Ignore : Outcome.Result switch
    {
        AttemptResult.Answered when !Outcome.IsFailure && Outcome.Status != 429 => LimitSample.Success,
        AttemptResult.Cancelled or AttemptResult.BadRequest or AttemptResult.ConnectFailed => LimitSample.Ignore,
        AttemptResult.Timeout => LimitSample.Timeout,
        _ => LimitSample.Failure,
    };

    /// <summary>Whether nothing can be answered any more: something has gone to the caller, or it has gone away.</summary>
    public bool IsOver => Outcome.ResponseStarted || Rejection == Rejection.Cancelled || Outcome.Result is AttemptResult.Cancelled or AttemptResult.BadRequest;

    /// <summary>Whether nothing good came of it.</summary>
    public bool IsFailure => Rejection != Rejection.None || Outcome.IsFailure;

    /// <summary>Says that the answer, good as it began, broke off.</summary>
    public void FailLate(in AttemptOutcome outcome)
    {
        Attempt.Instance.Count(outcome.IsFailure);
        // A new ticket, since the one of the attempt was spent when the answer began.
        if (outcome.IsFailure && Attempt.Breaker is { } breaker && breaker.TryEnter(Attempt.StartedAt, out var ticket))
            breaker.Exit(ticket, Verdict.Failure, Attempt.StartedAt);
        if (outcome.IsFailure)
            Attempt.Service.Learn(Attempt.Instance, Verdict.Failure, Attempt.StartedAt, _endedAt);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Rejection == Rejection.None)
        {
            Attempt.Instance.End();
            Attempt.Clock.Dispose();
        }
        if (_place is { IsAdaptive: true })
            _place.Exit(Attempt.StartedAt, _endedAt, Sample);
        else
            _place?.Exit();
    }
}
