using System.Runtime.CompilerServices;
using Polly;
using Polly.Telemetry;
using Polly.Timeout;

namespace Weft.Timeouts;

/// <summary>Ends an attempt after its time: a fixed one, or an adaptive one that it feeds. Never later than <see cref="Deadline.Current"/>.</summary>
/// <param name="fixedTime">The fixed time; infinite for none. Not used when there is an adaptive one.</param>
/// <param name="adaptive">Null for a fixed time.</param>
/// <param name="time">The clock.</param>
/// <param name="telemetry">Where timeouts are reported.</param>
internal sealed class TimeoutStrategy(TimeSpan fixedTime, AdaptiveTimeout? adaptive, TimeProvider time, ResilienceStrategyTelemetry telemetry) : ResilienceStrategy
{
    private static readonly ResilienceEvent s_event = new(ResilienceEventSeverity.Error, "OnTimeout");

    private readonly TimeoutSources _sources = TimeoutSources.Of(time);

    protected override ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        var deadline = Deadline.Current;
        var own = adaptive?.Current ?? fixedTime;
        if (own == System.Threading.Timeout.InfiniteTimeSpan)
            own = TimeSpan.MaxValue;
        if (deadline.IsNone && own == TimeSpan.MaxValue)
            return callback(context, state);
        var now = deadline.IsNone && adaptive is null ? 0 : time.GetTimestamp();
        var left = deadline.LeftAt(time, now);
        return left == TimeSpan.Zero
            ? new(Outcome.FromException<TResult>(new DeadlineExceededException(context.OperationKey ?? "call", left, TimeSpan.Zero, allowed: null)))
            : RunAsync(callback, context, state, own, left, now);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome<TResult>> RunAsync<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state, TimeSpan own, TimeSpan left, long startedAt)
    {
        var caller = context.CancellationToken;
        var allowed = own < left ? own : left;
        var source = _sources.Rent(allowed, caller);
        PollyToken.Set(context, source.Token);
        try
        {
            var outcome = await callback(context, state).ConfigureAwait(context.ContinueOnCapturedContext);
            var isCut = outcome.Exception is OperationCanceledException && source.IsTimeOver;
            // How long an attempt would have taken is not known when it failed, when its caller gave up, and when there was less time for it than usual.
            if (adaptive is not null && (isCut ? own <= left : outcome.Exception is null))
                Measure(startedAt, isCut);
            return isCut ? Cut<TResult>(context, allowed, own <= left, outcome.Exception!) : outcome;
        }
        finally
        {
            PollyToken.Set(context, caller);
            source.Dispose();
        }
    }

    private void Measure(long startedAt, bool isCut)
    {
        var now = time.GetTimestamp();
        if (isCut)
            adaptive!.RecordCensored(now);
        else
            adaptive!.Record(startedAt, now);
    }

    private Outcome<TResult> Cut<TResult>(ResilienceContext context, TimeSpan allowed, bool byItsOwnTime, Exception cancellation)
    {
        // Polly's own event, so that what watches its timeouts sees these too.
        telemetry.Report(s_event, context, new OnTimeoutArguments(context, allowed));
        return Outcome.FromException<TResult>(byItsOwnTime
            ? new AttemptTimeoutException(allowed, cancellation)
            : new DeadlineExceededException(context.OperationKey ?? "call", TimeSpan.Zero, TimeSpan.Zero, allowed, cancellation));
    }
}
