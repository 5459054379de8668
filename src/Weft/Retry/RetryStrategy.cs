using System.Runtime.CompilerServices;
using Polly;
using Polly.Retry;
using Polly.Telemetry;
using Polly.Timeout;
using Weft.Diagnostics;

namespace Weft.Retry;

/// <summary>Repeats within a Polly pipeline. An execution that succeeds at once allocates nothing, whether it was asynchronous or not.</summary>
internal sealed class RetryStrategy<TResult>(WeftRetryStrategyOptions<TResult> options, TimeProvider time, ResilienceStrategyTelemetry telemetry) : ResilienceStrategy<TResult>
{
    private static readonly ResilienceEvent s_retry = new(ResilienceEventSeverity.Warning, "OnRetry");
    private static readonly ResilienceEvent s_suppressed = new(ResilienceEventSeverity.Warning, "OnRetrySuppressed");

    private readonly SharedRetryBudget _budget = options.Budget ?? new SharedRetryBudget(null, time);
    private readonly Backoff _backoff = new(options.Base, options.Cap, options.Random ?? new Random());

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    protected override async ValueTask<Outcome<TResult>> ExecuteCore<TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        var captured = context.ContinueOnCapturedContext;
        // One reading of the clock for the budget and the time of the attempt: it is a good part of what a call that succeeds costs.
        var startedAt = _budget.Deposit();
        var last = default(Outcome<TResult>);
        for (var number = 0; ; number++)
        {
            var outcome = await callback(context, state).ConfigureAwait(captured);
            if (number > 0)
            {
                // A strategy further in let nothing pass: what the last attempt gave that was made says more.
                if (outcome.Exception is ExecutionRejectedException and not TimeoutRejectedException or IOwnRejection { WasStarted: false })
                    return last;
                await PutAwayAsync(last.Result).ConfigureAwait(captured);
            }
            if (!await options.ShouldHandle(new(context, outcome, number)).ConfigureAwait(captured) || context.CancellationToken.IsCancellationRequested)
                return outcome;

            var decision = Decide(outcome, context, number);
            if (!decision.Repeats)
            {
                telemetry.Report(s_suppressed, context, outcome, new RetrySuppressedArguments(number, decision.Refusal.Label()));
                return outcome;
            }
            await AnnounceAsync(new(context, outcome, number, decision.Delay, _budget.Since(startedAt))).ConfigureAwait(captured);
            if (!await TryWaitAsync(decision.Delay, context).ConfigureAwait(captured))
            {
                await PutAwayAsync(outcome.Result).ConfigureAwait(captured);
                return Outcome.FromException<TResult>(new OperationCanceledException(context.CancellationToken));
            }
            startedAt = _budget.Now;
            last = outcome;
        }
    }

    private RetryDecision Decide(in Outcome<TResult> outcome, ResilienceContext context, int number)
    {
        if (number >= options.Max)
            return new(RetryRefusal.Max);
        if (!RetryWait.TryFit(_backoff.Wait(number + 1), options.RetryAfter?.Invoke(outcome), options.Remaining?.Invoke(context), options.Least, out var wait, out var refusal))
            return new(refusal);
        return _budget.TryWithdraw() ? new(RetryRefusal.None, wait) : new(RetryRefusal.Budget);
    }

    private async ValueTask AnnounceAsync(OnRetryArguments<TResult> arguments)
    {
        var captured = arguments.Context.ContinueOnCapturedContext;
        telemetry.Report(s_retry, arguments.Context, arguments.Outcome, arguments);
        if (options.OnRetry is { } onRetry)
            await onRetry(arguments).ConfigureAwait(captured);
    }

    /// <summary>Nobody else sees a result that is not the last one: an HTTP response would keep its connection.</summary>
    private static async ValueTask PutAwayAsync(TResult? result)
    {
        try
        {
            if (result is IAsyncDisposable asynchronous)
                await asynchronous.DisposeAsync().ConfigureAwait(false);
            else if (result is IDisposable disposable)
                disposable.Dispose();
        }
        catch (Exception)
        {
            // The next attempt does not depend on how well the last one is put away.
        }
    }

    private async ValueTask<bool> TryWaitAsync(TimeSpan delay, ResilienceContext context)
    {
        if (delay > TimeSpan.Zero)
            await Task.Delay(delay, time, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !context.CancellationToken.IsCancellationRequested;
    }
}

/// <summary>What the telemetry event <c>OnRetrySuppressed</c> carries.</summary>
/// <param name="AttemptNumber">The attempt that was not repeated, from 0.</param>
/// <param name="Reason"><c>max</c>, <c>deadline</c>, <c>retry-after</c> or <c>budget</c>.</param>
public readonly record struct RetrySuppressedArguments(int AttemptNumber, string Reason);
