using System.Runtime.CompilerServices;
using Polly;
using Polly.Telemetry;
using Polly.Timeout;

namespace Weft.Concurrency;

/// <summary>A bulkhead within a Polly pipeline. A call that need not wait allocates nothing, whether it was asynchronous or not.</summary>
internal sealed class BulkheadStrategy(Bulkhead bulkhead, Func<ResilienceContext, TimeSpan?>? remaining, TimeProvider time, ResilienceStrategyTelemetry telemetry) : ResilienceStrategy
{
    private static readonly ResilienceEvent s_rejected = new(ResilienceEventSeverity.Error, "OnBulkheadRejected");

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        if (!bulkhead.TryEnter())
        {
            var entry = await bulkhead.EnterAsync(remaining?.Invoke(context), context.CancellationToken).ConfigureAwait(context.ContinueOnCapturedContext);
            if (entry != BulkheadEntry.Entered)
                return Outcome.FromException<TResult>(entry == BulkheadEntry.Cancelled ? new OperationCanceledException(context.CancellationToken) : Rejection(entry, context));
        }

        // One reading decides for both ends of the call: the options may change between them.
        var isAdaptive = bulkhead.IsAdaptive;
        var startedAt = isAdaptive ? time.GetTimestamp() : 0;
        var sample = LimitSample.Ignore;
        try
        {
            var outcome = await callback(context, state).ConfigureAwait(context.ContinueOnCapturedContext);
            sample = isAdaptive ? Judge(outcome.Exception, context) : LimitSample.Ignore;
            return outcome;
        }
        finally
        {
            if (isAdaptive)
                bulkhead.Exit(startedAt, time.GetTimestamp(), sample);
            else
                bulkhead.Exit();
        }
    }

    /// <summary>What an outcome says about the load of the service.</summary>
    internal static LimitSample Judge(Exception? exception, ResilienceContext context) => exception switch
    {
        null => LimitSample.Success,
        TimeoutRejectedException or TimeoutException => LimitSample.Timeout,
        ExecutionRejectedException => LimitSample.Ignore,
        OperationCanceledException => context.CancellationToken.IsCancellationRequested ? LimitSample.Ignore : LimitSample.Timeout,
        _ => LimitSample.Failure,
    };

    private BulkheadRejectedException Rejection(BulkheadEntry entry, ResilienceContext context)
    {
        var limit = bulkhead.Limit;
        var hasWaited = entry == BulkheadEntry.Expired;
        var exception = new BulkheadRejectedException(
            hasWaited ? $"No place in the bulkhead became free in time: {limit} calls may run at once." : $"The bulkhead is full: {limit} calls may run at once.",
            limit, hasWaited);
        telemetry.SetTelemetrySource(exception);
        telemetry.Report(s_rejected, context, new BulkheadRejectedArguments(limit, hasWaited));
        return exception;
    }
}

/// <summary>What the telemetry event <c>OnBulkheadRejected</c> carries.</summary>
/// <param name="Limit">How many calls may run at once.</param>
/// <param name="HasWaited">True when its time was over before a place became free, false when there was no place in the queue.</param>
public readonly record struct BulkheadRejectedArguments(int Limit, bool HasWaited);
