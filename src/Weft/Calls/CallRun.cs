using Weft.CircuitBreaker;
using Weft.Concurrency;
using Weft.Diagnostics;
using Weft.Options;
using Weft.Retry;
using Weft.ServiceRegistry;

namespace Weft.Calls;

/// <summary>One call on its way through the pipeline: its deadline, which instances it has tried, and what each step decides.</summary>
internal struct CallRun
{
    // Above it, more work for the same calls costs others more than it brings.
    private const double BusyShare = 0.6;

    private readonly CallPipeline _calls;
    private readonly TimeProvider _time;
    private readonly Service _service;
    private readonly CallInput _input;
    private readonly CancellationToken _caller;
    private readonly OperationTimes _times;
    private readonly long _end;
    private BreakerTicket _around;
    private bool _isAround;
    private InstanceSet _tried;
    private int _attempts, _repeats;

    public CallRun(CallPipeline calls, TimeProvider time, Service service, in CallInput input, CancellationToken caller)
    {
        (_calls, _time, _service, _input, _caller) = (calls, time, service, input, caller);
        _times = service.Guard.TimesOf(input.Operation);
        Now = time.GetTimestamp();
        var total = Guard.Policy.Deadline.Total;
        _end = Now + Ticks(input.Limit < total ? input.Limit.Value : total);
    }

    /// <summary>The bulkhead in which it has a place; null before it has one.</summary>
    public Bulkhead? Place { get; private set; }

    /// <summary>The last time that the clock was read, a timestamp of the time provider. Steps that follow each other at once share it.</summary>
    public long Now { get; private set; }

    /// <summary>When to come again, after a breaker let nothing pass.</summary>
    public TimeSpan ComeBack { get; private set; }

    /// <summary>What is left of the deadline, less the margin that the way back takes.</summary>
    public readonly TimeSpan Remaining => _time.GetElapsedTime(Now, _end) - Guard.Policy.Deadline.Margin;

    /// <summary>Whether not even half of the calls were done in the time that is left: then it is not worth the work.</summary>
    public readonly bool IsHopeless => Remaining <= TimeSpan.Zero || (_input.Limit is not null && _times.Median > Remaining);

    /// <summary>Whether a second attempt may run beside a slow first.</summary>
    public readonly bool MayHedge => Guard.HedgeBudget is not null && !_input.IsRepeatedElsewhere && _input.CallerAttempt == 0
        && Guard.Rules.MayRepeat(_input.Method, _input.HasIdempotencyKey);

    private readonly ServiceGuard Guard => _service.Guard;

    private readonly bool IsBusy => Guard.Bulkhead.Running > Guard.Bulkhead.Limit * BusyShare;

    /// <summary>Takes a place in the bulkhead, or none. The time that was waited for it is gone, and is not the service's.</summary>
    public void TakePlace(Bulkhead? place, bool hasWaited)
    {
        Place = place;
        if (hasWaited)
            Now = _time.GetTimestamp();
    }

    /// <summary>The breaker around the whole call, where the policy has one.</summary>
    public bool TryEnterAround()
    {
        if (Guard.Around is not { } breaker)
            return true;
        _isAround = breaker.TryEnter(Now, out _around);
        if (!_isAround)
            ComeBack = breaker.RetryAfter(Now);
        return _isAround;
    }

    /// <summary>Chooses an instance whose breaker lets an attempt pass, and starts its clock.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="onlyUntried">Whether an instance that was tried before is none.</param>
    public bool TryBegin(out Attempt attempt, bool onlyUntried = false)
    {
        // The first attempt follows the admission at once; later ones come after a wait or a failure.
        if (_attempts > 0)
            Now = _time.GetTimestamp();
        attempt = default;
        var left = Remaining;
        if (left <= TimeSpan.Zero || !_service.TryChoose(ref _tried, Now, out var choice, onlyUntried, _input.BalanceKey))
        {
            ComeBack = _service.RetryAfter(Now);
            return false;
        }
        var usual = _times.Timeout;
        choice.Instance.Begin();
        attempt = new Attempt
        {
            Service = _service,
            Instance = choice.Instance,
            Number = ++_attempts,
            Repeat = _input.CallerAttempt + _attempts - 1,
            StartedAt = Now,
            Remaining = left,
            Timeout = usual < left ? usual : left,
            IsShortened = usual > left,
            Breaker = choice.Breaker,
            Ticket = choice.Ticket,
            Clock = _calls.Deadlines.Start(usual < left ? usual : left, Now, _caller),
        };
        return true;
    }

    /// <summary>How many attempts may run beside the first.</summary>
    public readonly int MaxHedges => Guard.Policy.Hedge?.Max ?? 0;

    /// <summary>Whether an attempt failed in a way that another one may mend.</summary>
    public readonly bool IsWorthAnother<TAnswer>(in Sent<TAnswer> sent) where TAnswer : class =>
        !sent.Outcome.ResponseStarted && Guard.Rules.IsRetriable(Reason(sent.Outcome));

    /// <summary>After which time a second attempt may begin; null when that is not known yet.</summary>
    public readonly TimeSpan? HedgeAfter
    {
        get
        {
            // A reload may have taken the hedge out of the policy meanwhile.
            if (Guard.Policy.Hedge is not { } hedge)
                return null;
            var after = hedge.After.Percentile is null ? hedge.After.Time : _times.HedgeAfter;
            return after < hedge.Min ? hedge.Min : after;
        }
    }

    /// <summary>
    /// Begins a second attempt beside a slow one: on another instance only, as far as both budgets reach, and not while the service is busy. A hedge brings an answer
    /// sooner by doing work twice, which a queue that is shared and full makes worse for everybody.
    /// </summary>
    public bool TryHedge(out Attempt attempt)
    {
        attempt = default;
        Now = _time.GetTimestamp();
        if (Guard.HedgeBudget is not { } budget || IsBusy || !_service.HasUntried(_tried, Now)
            || budget.Available(Now) < 1 || !Guard.Budget.TryWithdraw(Now) || !budget.TryWithdraw(Now)
            || !TryBegin(out attempt, onlyUntried: true))
            return false;
        CallTelemetry.Hedged(_service.Name);
        return true;
    }

    /// <summary>Counts an attempt that lost against another. A first one was slow, how slow is not known; a hedge was only begun too late to say anything.</summary>
    public readonly void Abandon(in Attempt attempt, long now)
    {
        attempt.Breaker?.Exit(attempt.Ticket, Verdict.Ignore, now);
        if (attempt.Number == 1)
            _times.RecordCensored(now);
        CallTelemetry.Attempted(_service.Name, CallTelemetry.Abandoned, _time.GetElapsedTime(attempt.Clock.StartedAt, now));
    }

    /// <summary>Takes back the outcome of an attempt: the breaker, the timeout and the counters learn from it.</summary>
    public void End(in Attempt attempt, in AttemptOutcome outcome)
    {
        Now = _time.GetTimestamp();
        var isOurs = outcome.Result == AttemptResult.Timeout && attempt.IsShortened;
        var verdict = isOurs ? Verdict.Ignore : outcome.Verdict;
        attempt.Breaker?.Exit(attempt.Ticket, verdict, Now);
        _service.Learn(attempt.Instance, verdict, attempt.Clock.StartedAt, Now);
        if (outcome is { Result: AttemptResult.Answered, IsFailure: false })
            _times.Record(attempt.Clock.StartedAt, Now);
        else if (outcome.Result == AttemptResult.Timeout && !isOurs)
            _times.RecordCensored(Now);
        attempt.Instance.Count(outcome.IsFailure);
        if (WeftMeter.AttemptDuration.Enabled)
            CallTelemetry.Attempted(_service.Name, outcome.Label, _time.GetElapsedTime(attempt.Clock.StartedAt, Now));
    }

    /// <summary>Whether another attempt follows, and after which wait.</summary>
    public bool MayRepeat<TAnswer>(in Attempt attempt, in Sent<TAnswer> sent, out TimeSpan wait) where TAnswer : class
    {
        wait = TimeSpan.Zero;
        var outcome = sent.Outcome;
        if (outcome.ResponseStarted || outcome.Result is AttemptResult.Cancelled or AttemptResult.BadRequest || _caller.IsCancellationRequested)
            return false;
        // Nothing has reached anybody: going to another instance is part of choosing one, and costs no repeat.
        if (!outcome.MayHaveSent && sent.CanRepeat && _service.HasUntried(_tried, Now))
            return true;
        if (_input.IsRepeatedElsewhere || Reason(outcome) is not { } reason)
            return false;
        // Asked before the budget is: a token is for a repeat that happens.
        var decision = !_service.HasCandidate(Now) ? new RetryDecision(RetryRefusal.Breaker) : Guard.Rules.Decide(new FailedAttempt(_input.Method)
        {
            Number = _repeats + 1,
            Reason = reason,
            HasIdempotencyKey = _input.HasIdempotencyKey,
            MayHaveSent = outcome.MayHaveSent,
            BodyIsThere = sent.CanRepeat,
            InboundAttempt = _input.CallerAttempt,
            RetryAfter = sent.RetryAfter,
            Remaining = Remaining,
            Least = _times.Least,
        }, Guard.Budget, Now);
        Guard.Repeats.Add(decision);
        if (!decision.Repeats)
        {
            if (decision.IsSuppressed)
                CallTelemetry.Suppressed(_service.Name, decision.Refusal.Label());
            return false;
        }
        _repeats++;
        wait = decision.Delay;
        return true;
    }

    /// <summary>Ends the call with an answer or the last failure.</summary>
    public readonly Call<TAnswer> Conclude<TAnswer>(in Attempt attempt, in Sent<TAnswer> sent) where TAnswer : class
    {
        if (_isAround)
            Guard.Shared.Exit(_around, sent.Outcome.Verdict, Now);
        // A stream has no end: it would keep its place for as long as its client likes.
        if (!sent.IsOpenEnded || Place is not { } place)
            return new(attempt, sent, Place, Now);
        place.Exit();
        return new(attempt, sent, null, Now);
    }

    /// <summary>Ends the call with nothing sent.</summary>
    /// <param name="rejection">Why, unless its caller has gone or its time is over.</param>
    /// <param name="comeBack">When to come again; null when that is not known.</param>
    /// <param name="hasWaited">Whether it waited for a place first.</param>
    public readonly Call<TAnswer> Reject<TAnswer>(Rejection rejection, TimeSpan? comeBack = null, bool hasWaited = false) where TAnswer : class
    {
        if (_isAround)
            Guard.Shared.Exit(_around, Verdict.Ignore, Now);
        if (_caller.IsCancellationRequested)
            rejection = Rejection.Cancelled;
        else if (Remaining <= TimeSpan.Zero)
            rejection = Rejection.Deadline;
        CallTelemetry.Rejected(_service.Name, rejection == Rejection.Bulkhead && hasWaited ? CallTelemetry.BulkheadWait : CallTelemetry.Name(rejection));
        return new(rejection, comeBack, Place);
    }

    /// <summary>Ends the call with the last failure, since the attempt that was to follow cannot begin.</summary>
    public readonly Call<TAnswer> GiveUp<TAnswer>(in Attempt attempt, in Sent<TAnswer> sent) where TAnswer : class
    {
        CallTelemetry.Suppressed(_service.Name, (Remaining <= TimeSpan.Zero ? RetryRefusal.Deadline : RetryRefusal.Breaker).Label());
        return Conclude(attempt, sent);
    }

    /// <summary>Ends the call when its attempt ended with an exception that nobody expected.</summary>
    public readonly void Break(in Attempt attempt)
    {
        var now = _time.GetTimestamp();
        attempt.Breaker?.Exit(attempt.Ticket, Verdict.Ignore, now);
        if (_isAround)
            Guard.Shared.Exit(_around, Verdict.Ignore, now);
        attempt.Instance.End();
        attempt.Clock.Dispose();
        Place?.Exit();
    }

    private static RetryReason? Reason(in AttemptOutcome outcome) => outcome.Result switch
    {
        AttemptResult.Answered => outcome.Status >= 300 ? RetryReason.Of(outcome.Status) : null,
        AttemptResult.ConnectFailed => RetryReason.Connect,
        AttemptResult.Reset => RetryReason.Reset,
        AttemptResult.Timeout => RetryReason.Timeout,
        _ => null,
    };

    private readonly long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
