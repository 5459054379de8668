using System.Runtime.CompilerServices;
using Polly;
using Polly.CircuitBreaker;
using Polly.Telemetry;

namespace Weft.CircuitBreaker;

/// <summary>A breaker, or one for each key, as a strategy of Polly.</summary>
internal sealed class CircuitBreakerStrategy<TResult> : ResilienceStrategy<TResult>
{
    private readonly BreakerSet _breakers;
    private readonly Func<ResilienceContext, string?>? _partition;
    private readonly Func<CircuitBreakerPredicateArguments<TResult>, ValueTask<bool>> _shouldHandle;
    private readonly Action<BreakerTransition>? _changed;
    private readonly ResilienceStrategyTelemetry _telemetry;

    /// <summary>Whether only exceptions are failures.</summary>
    private readonly bool _resultsAreGood;

    /// <summary>The breaker of all calls; null when there is one for each key.</summary>
    private readonly Breaker? _alone;

    public CircuitBreakerStrategy(WeftCircuitBreakerStrategyOptions<TResult> options, TimeProvider time, ResilienceStrategyTelemetry telemetry)
    {
        _partition = options.Partition;
        _shouldHandle = options.ShouldHandle;
        _resultsAreGood = options.ShouldHandle == WeftCircuitBreakerStrategyOptions<TResult>.IsFailure;
        _changed = options.OnStateChanged;
        _telemetry = telemetry;
        _breakers = options.Handle?.Attach(options.Breaker, time, options.Chance) ?? new BreakerSet(options.Breaker, time, options.Chance);
        _breakers.Changed = OnChanged;
        _alone = _partition is null ? _breakers.Shared : null;
    }

    protected override ValueTask<Outcome<TResult>> ExecuteCore<TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        if (_alone?.EnterClosed() is not { } phase)
            return Ask(callback, context, state);
        // The usual way, without a ticket: carried through here, it would cost more than the breaker does.
        ValueTask<Outcome<TResult>> call;
        try
        {
            call = callback(context, state);
        }
        catch
        {
            // Pipelines turn exceptions into outcomes; only a strategy further in that breaks this rule comes here.
            _alone.Exit(new(phase), Verdict.Failure);
            throw;
        }
        if (!call.IsCompletedSuccessfully)
            return Await(_alone, new(phase), context, call);
        var outcome = call.Result;
        if (outcome.Exception is not null || !_resultsAreGood)
            return Judge(_alone, new(phase), context, outcome);
        _alone.Succeed(phase);
        return new(outcome);
    }

    private ValueTask<Outcome<TResult>> Ask<TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        Breaker breaker;
        BreakerTicket ticket;
        if (_partition?.Invoke(context) is { } key)
        {
            var now = _breakers.Time.GetTimestamp();
            breaker = _breakers.Partitions.Get(key, now);
            if (!breaker.TryEnter(now, out ticket))
                return new(Rejected(breaker));
        }
        else
        {
            breaker = _breakers.Shared;
            if (!breaker.TryEnter(out ticket))
                return new(Rejected(breaker));
        }

        ValueTask<Outcome<TResult>> call;
        try
        {
            call = callback(context, state);
        }
        catch
        {
            // As above; and a lease must not stay out for it.
            breaker.Exit(ticket, Verdict.Failure);
            throw;
        }
        return call.IsCompletedSuccessfully ? Judge(breaker, ticket, context, call.Result) : Await(breaker, ticket, context, call);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome<TResult>> Await(Breaker breaker, BreakerTicket ticket, ResilienceContext context, ValueTask<Outcome<TResult>> call)
    {
        Outcome<TResult> outcome;
        try
        {
            outcome = await call.ConfigureAwait(context.ContinueOnCapturedContext);
        }
        catch
        {
            breaker.Exit(ticket, Verdict.Failure);
            throw;
        }
        return await Judge(breaker, ticket, context, outcome).ConfigureAwait(context.ContinueOnCapturedContext);
    }

    private ValueTask<Outcome<TResult>> Judge(Breaker breaker, in BreakerTicket ticket, ResilienceContext context, in Outcome<TResult> outcome)
    {
        if (outcome.Exception is not null && context.CancellationToken.IsCancellationRequested)
        {
            breaker.Exit(ticket, Verdict.Ignore);
            return new(outcome);
        }
        ValueTask<bool> asked;
        try
        {
            asked = _shouldHandle(new(context, outcome));
            if (!asked.IsCompletedSuccessfully)
                return JudgeLater(breaker, ticket, context, outcome, asked);
        }
        catch (Exception thrown)
        {
            breaker.Exit(ticket, Verdict.Failure);
            return new(Outcome.FromException<TResult>(thrown));
        }
        breaker.Exit(ticket, VerdictOf(asked.Result, outcome.Exception));
        return new(outcome);
    }

    private static async ValueTask<Outcome<TResult>> JudgeLater(
        Breaker breaker, BreakerTicket ticket, ResilienceContext context, Outcome<TResult> outcome, ValueTask<bool> asked)
    {
        try
        {
            var failed = await asked.ConfigureAwait(context.ContinueOnCapturedContext);
            breaker.Exit(ticket, VerdictOf(failed, outcome.Exception));
            return outcome;
        }
        catch (Exception thrown)
        {
            breaker.Exit(ticket, Verdict.Failure);
            return Outcome.FromException<TResult>(thrown);
        }
    }

    private static Verdict VerdictOf(bool failed, Exception? exception)
    {
        if (failed)
            return Verdict.Failure;
        return exception is OperationCanceledException || (exception is not null && WeftCircuitBreakerStrategyOptions<TResult>.IsRejection(exception)) ? Verdict.Ignore : Verdict.Success;
    }

    /// <summary>The outcome of a call that is not made: the same for all while the breaker stays as it is.</summary>
    private Outcome<TResult> Rejected(Breaker breaker)
    {
        var phase = breaker.Phase;
        var forced = breaker.IsForcedOpen;
        if (phase.Rejection is not Rejection known || known.Forced != forced)
            phase.Rejection = known = new(forced, Outcome.FromException<TResult>(Exception(breaker, phase, forced)));
        return known.Outcome;
    }

    private CircuitOpenException Exception(Breaker breaker, BreakerPhase phase, bool forced)
    {
        var now = _breakers.Time.GetTimestamp();
        var exception = phase.State == BreakerState.Open && !forced
            ? new CircuitOpenException(_breakers.Time, phase.Until)
            : new CircuitOpenException(forced ? BreakerState.Open : phase.State, breaker.RetryAfter(now));
        _telemetry.SetTelemetrySource(exception);
        return exception;
    }

    private void OnChanged(BreakerTransition transition)
    {
        var context = ResilienceContextPool.Shared.Get(CancellationToken.None);
        try
        {
            var severity = transition.To == BreakerState.Closed ? ResilienceEventSeverity.Information
                : transition.To == BreakerState.Open ? ResilienceEventSeverity.Error : ResilienceEventSeverity.Warning;
            _telemetry.Report(new(severity, $"OnCircuit{transition.To}"), context, transition);
            _changed?.Invoke(transition);
        }
        catch (Exception thrown)
        {
            // The change is in force. That the callback failed is worth knowing, and no reason to fail the call.
            _telemetry.Report(new(ResilienceEventSeverity.Error, "OnStateChangedFailed"), context, Outcome.FromException<object>(thrown), transition);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private sealed class Rejection(bool forced, Outcome<TResult> outcome)
    {
        public bool Forced => forced;

        public Outcome<TResult> Outcome => outcome;
    }
}
