using Weft.Options;

namespace Weft.Retry;

/// <summary>
/// Decides whether an attempt is repeated. Everything that can forbid it is asked first and the budget last, so that a token is taken only for a repeat that
/// happens. Made once for each policy; safe for use from many threads; allocates nothing.
/// </summary>
internal sealed class RetryRules
{
    /// <summary>A service that wants to be left alone for longer is not waited for.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(30);

    private const int FirstStatus = 300, Statuses = 300;

    // Arrays, because looking through a list by its interface allocates.
    private static readonly string[] s_idempotent = [.. RetryOptions.Idempotent];

    private readonly RetryOptions _options;
    private readonly Backoff _backoff;
    private readonly bool[] _statuses = new bool[Statuses];
    private readonly bool _connect, _reset, _timeout;
    private readonly string[] _listed;

    /// <summary>Rules from options.</summary>
    /// <param name="options">Valid options.</param>
    /// <param name="random">Chance for the waits.</param>
    public RetryRules(RetryOptions options, Random random)
    {
        _options = options;
        _backoff = new Backoff(options.Base, options.Cap, random);
        _listed = [.. options.Methods];
        foreach (var reason in options.On)
        {
            if (reason.Word is null)
                _statuses[reason.Status - FirstStatus] = true;
            _connect |= reason == RetryReason.Connect;
            _reset |= reason == RetryReason.Reset;
            _timeout |= reason == RetryReason.Timeout;
        }
    }

    /// <summary>The largest body that is kept to be sent again.</summary>
    public long MaxBody => _options.Body;

    /// <summary>How many attempts may follow the first.</summary>
    public int Max => _options.Max;

    /// <summary>Whether a method means the same when it comes twice (RFC 9110, 9.2.2); upper and lower case differ.</summary>
    public static bool IsIdempotent(string method) => Array.IndexOf(s_idempotent, method) >= 0;

    /// <summary>Whether an attempt that ended so may be repeated at all.</summary>
    /// <param name="reason">How it ended; null for a success or a failure without a reason of its own.</param>
    public bool IsRetriable(RetryReason? reason) => reason switch
    {
        null => false,
        { Word: null, Status: var status } => (uint)(status - FirstStatus) < Statuses && _statuses[status - FirstStatus],
        { } word when word == RetryReason.Connect => _connect,
        { } word when word == RetryReason.Reset => _reset,
        { } word => word == RetryReason.Timeout && _timeout,
    };

    /// <summary>Whether a request that may have reached the service may be sent again.</summary>
    /// <param name="method">The method; upper and lower case differ.</param>
    /// <param name="hasIdempotencyKey">Whether the request carries an <c>Idempotency-Key</c>.</param>
    public bool MayRepeat(string method, bool hasIdempotencyKey)
    {
        var harmless = _options.Unsafe || hasIdempotencyKey || IsIdempotent(method);
        return harmless && (_listed.Length == 0 || Array.IndexOf(_listed, method) >= 0);
    }

    /// <summary>Whether an attempt is repeated, and after which wait.</summary>
    /// <param name="attempt">The attempt that ended.</param>
    /// <param name="budget">The budget of the service; a token is taken from it when the attempt is repeated.</param>
    /// <param name="now">The present timestamp, for the budget.</param>
    public RetryDecision Decide(in FailedAttempt attempt, RetryBudget budget, long now)
    {
        var refusal = Refusal(attempt);
        if (refusal != RetryRefusal.None)
            return new(refusal);
        if (!RetryWait.TryFit(_backoff.Wait(attempt.Number), attempt.RetryAfter, attempt.Remaining, attempt.Least, out var wait, out refusal))
            return new(refusal);
        return budget.TryWithdraw(now) ? new(RetryRefusal.None, wait) : new(RetryRefusal.Budget);
    }

    private RetryRefusal Refusal(in FailedAttempt attempt)
    {
        if (!IsRetriable(attempt.Reason))
            return RetryRefusal.NotRetriable;
        if (attempt.Number > _options.Max)
            return RetryRefusal.Max;
        if (attempt.InboundAttempt >= 1)
            return RetryRefusal.Marked;
        if (attempt.ResponseStarted)
            return RetryRefusal.Started;
        if (attempt.MayHaveSent && !MayRepeat(attempt.Method, attempt.HasIdempotencyKey))
            return RetryRefusal.Method;
        return attempt.BodyIsThere ? RetryRefusal.None : RetryRefusal.Body;
    }
}

/// <summary>An attempt that ended, and what is left.</summary>
internal readonly record struct FailedAttempt
{
    /// <summary>Of a request with this method.</summary>
    /// <param name="method">The method.</param>
    public FailedAttempt(string method) => Method = method;

    /// <summary>Which attempt of the call it was, from 1.</summary>
    public int Number { get; init; } = 1;

    /// <summary>How it ended; null when no reason for a repeat fits.</summary>
    public RetryReason? Reason { get; init; }

    /// <summary>The method.</summary>
    public string Method { get; }

    /// <summary>Whether the request carries an <c>Idempotency-Key</c>.</summary>
    public bool HasIdempotencyKey { get; init; }

    /// <summary>False only when it is certain that nothing of the request reached the service.</summary>
    public bool MayHaveSent { get; init; } = true;

    /// <summary>Whether the body can be sent again: it was kept, or nothing of it was read yet, or there is none.</summary>
    public bool BodyIsThere { get; init; } = true;

    /// <summary>Whether something of the answer has gone on to the caller.</summary>
    public bool ResponseStarted { get; init; }

    /// <summary>What the request that came in said in <c>weft-attempt</c>: how often its sender had tried before; 0 for a first attempt.</summary>
    public int InboundAttempt { get; init; }

    /// <summary>The time until the deadline; null for none.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>The least time that an attempt needs: a shorter one is not begun.</summary>
    public TimeSpan Least { get; init; }

    /// <summary>What the service said about when to come again; null when it said nothing.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
