using System.Runtime.CompilerServices;
using Polly;
using Polly.Telemetry;
using Polly.Timeout;
using Weft.Options;

namespace Weft.Timeouts;

/// <summary>Gives everything inside it one deadline, as <see cref="Deadline.Current"/> and as its token.</summary>
internal sealed class DeadlineStrategy(DeadlineOptions options, TimeProvider time, ResilienceStrategyTelemetry telemetry) : ResilienceStrategy
{
    private static readonly ResilienceEvent s_event = new(ResilienceEventSeverity.Error, "OnDeadline");

    private readonly TimeoutSources _sources = TimeoutSources.Of(time);

    protected override ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        var now = time.GetTimestamp();
        var left = Deadline.Current.LeftAt(time, now);
        var allowed = left == TimeSpan.MaxValue ? options.Total : left - options.Margin < options.Total ? left - options.Margin : options.Total;
        return allowed <= TimeSpan.Zero
            ? new(Outcome.FromException<TResult>(new DeadlineExceededException(context.OperationKey ?? "call", left, options.Margin, allowed: null)))
            : RunAsync(callback, context, state, allowed, now);
    }

    // Being async, it gives the current deadline back to its caller's when it returns.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome<TResult>> RunAsync<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state, TimeSpan allowed, long now)
    {
        var caller = context.CancellationToken;
        var source = _sources.Rent(allowed, caller);
        PollyToken.Set(context, source.Token);
        DeadlineScope.Set(Deadline.Current.Sooner(Deadline.After(allowed, time, now)));
        try
        {
            var outcome = await callback(context, state).ConfigureAwait(context.ContinueOnCapturedContext);
            if (outcome.Exception is not OperationCanceledException || !source.IsTimeOver)
                return outcome;
            telemetry.Report(s_event, context, new OnTimeoutArguments(context, allowed));
            return Outcome.FromException<TResult>(
                new DeadlineExceededException(context.OperationKey ?? "call", TimeSpan.Zero, TimeSpan.Zero, allowed, outcome.Exception));
        }
        finally
        {
            PollyToken.Set(context, caller);
            source.Dispose();
        }
    }
}
