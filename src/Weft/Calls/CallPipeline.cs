using System.Runtime.CompilerServices;
using Weft.Concurrency;
using Weft.Diagnostics;
using Weft.ServiceRegistry;

namespace Weft.Calls;

/// <summary>
/// The one way to call a service. <see cref="RunAsync"/> is its order: deadline, bulkhead, breaker around the call, retry or hedge, instance with its breaker, timeout,
/// transport. The streaming forwarder and the client that reads whole answers both run on it. Safe for use from many threads.
/// </summary>
internal sealed class CallPipeline(TimeProvider time)
{
    private static readonly TimeSpan s_comeBack = TimeSpan.FromSeconds(1);

    /// <summary>Clocks for attempts.</summary>
    public CallDeadlines Deadlines { get; } = new(time);

    /// <summary>Calls a service.</summary>
    /// <param name="service">The service.</param>
    /// <param name="input">What has to be known about the call.</param>
    /// <param name="sender">Sends the attempts.</param>
    /// <param name="caller">Cancelled when the caller goes away.</param>
    /// <returns>The last real outcome, or why nothing was sent. To be disposed once the answer is used.</returns>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    public async ValueTask<Call<TAnswer>> RunAsync<TAnswer>(Service service, CallInput input, ICallSender<TAnswer> sender, CancellationToken caller) where TAnswer : class
    {
        var guard = service.Guard;
        var run = new CallRun(this, time, service, input, caller);
        if (run.IsHopeless)
            return run.Reject<TAnswer>(Rejection.Deadline);

        var hasWaited = !input.IsOpenEnded && !guard.Bulkhead.TryEnter();
        if (hasWaited && await guard.Bulkhead.EnterAsync(run.Remaining, caller).ConfigureAwait(false) is var entry && entry != BulkheadEntry.Entered)
            return run.Reject<TAnswer>(Rejection.Bulkhead, s_comeBack, hasWaited: entry == BulkheadEntry.Expired);
        run.TakePlace(input.IsOpenEnded ? null : guard.Bulkhead, hasWaited);
        if (hasWaited && run.IsHopeless)
            return run.Reject<TAnswer>(Rejection.Deadline);

        if (!run.TryEnterAround() || !run.TryBegin(out var attempt))
            return run.Reject<TAnswer>(service.At(run.Now).IsVacant ? Rejection.NoInstance : Rejection.Breaker, run.ComeBack);
        guard.Budget.Deposit(run.Now);
        guard.HedgeBudget?.Deposit(run.Now);
        if (run.MayHedge && sender.CanHedge)
            return await HedgedCall.RunAsync(run, attempt, sender, time).ConfigureAwait(false);

        while (true)
        {
            Sent<TAnswer> sent;
            try
            {
                sent = await sender.SendAsync(attempt).ConfigureAwait(false);
            }
            catch
            {
                // A mistake of the sender, not of the service: what the call holds must not stay held.
                run.Break(attempt);
                throw;
            }
            run.End(attempt, sent.Outcome);
            if (!run.MayRepeat(attempt, sent, out var wait))
                return run.Conclude(attempt, sent);

            // What came is kept until the next attempt has begun: when there is none after all, the caller gets it.
            if (wait > TimeSpan.Zero)
            {
                attempt.Clock.Extend(Timeout.InfiniteTimeSpan);
                if (!await WaitAsync(wait, caller).ConfigureAwait(false))
                {
                    Leave(sender, attempt, sent);
                    return run.Reject<TAnswer>(Rejection.Cancelled);
                }
            }
            if (!run.TryBegin(out var next))
                return run.GiveUp(attempt, sent);
            Leave(sender, attempt, sent);
            attempt = next;
        }
    }

    /// <summary>Lets go of an attempt that another one follows.</summary>
    public static void Leave<TAnswer>(ICallSender<TAnswer> sender, in Attempt attempt, in Sent<TAnswer> sent) where TAnswer : class
    {
        if (sent.Answer is { } unread)
            sender.Discard(unread);
        attempt.Instance.End();
        attempt.Clock.Dispose();
    }

    private async ValueTask<bool> WaitAsync(TimeSpan wait, CancellationToken caller)
    {
        await Task.Delay(wait, time, caller).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !caller.IsCancellationRequested;
    }
}
