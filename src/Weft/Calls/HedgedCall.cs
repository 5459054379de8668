namespace Weft.Calls;

/// <summary>
/// The part of a call that hedges: a second attempt begins on another instance when the first is slow or has failed, and the first good answer wins; the others are
/// ended and their answers thrown away. It takes the place of repeating, as in gRPC.
/// </summary>
internal static class HedgedCall
{
    /// <summary>Runs a call whose first attempt has begun.</summary>
    public static async ValueTask<Call<TAnswer>> RunAsync<TAnswer>(CallRun run, Attempt first, ICallSender<TAnswer> sender, TimeProvider time) where TAnswer : class
    {
        var left = run.MaxHedges;
        List<(Attempt Attempt, Task<Sent<TAnswer>> Task)> running = [(first, sender.SendAsync(first).AsTask())];
        while (true)
        {
            if (left > 0 && run.HedgeAfter is { } after && !await EndsWithinAsync(running, after, time).ConfigureAwait(false))
            {
                left--;
                if (run.TryHedge(out var hedge))
                    running.Add((hedge, sender.SendAsync(hedge).AsTask()));
                else
                    left = 0;
                continue;
            }
            var ended = await Task.WhenAny(running.Select(r => r.Task)).ConfigureAwait(false);
            var place = running.FindIndex(r => r.Task == ended);
            var attempt = running[place].Attempt;
            var sent = await ended.ConfigureAwait(false);
            running.RemoveAt(place);
            run.End(attempt, sent.Outcome);
            if (run.IsWorthAnother(sent))
            {
                Attempt next = default;
                var begins = running.Count == 0 && left-- > 0 && run.TryHedge(out next);
                if (begins || running.Count > 0)
                {
                    CallPipeline.Leave(sender, attempt, sent);
                    if (begins)
                        running.Add((next, sender.SendAsync(next).AsTask()));
                    continue;
                }
            }
            if (attempt.Number > 1 && sent.Outcome is { Result: AttemptResult.Answered, IsFailure: false })
                CallTelemetry.HedgeWon(attempt.Service.Name);
            foreach (var (lost, task) in running)
                _ = AbandonAsync(run, lost, task, sender, time);
            return run.Conclude(attempt, sent);
        }
    }

    private static async ValueTask<bool> EndsWithinAsync<TAnswer>(List<(Attempt Attempt, Task<Sent<TAnswer>> Task)> running, TimeSpan after, TimeProvider time) where TAnswer : class
    {
        using var stop = new CancellationTokenSource();
        var wait = Task.Delay(after, time, stop.Token);
        var ended = await Task.WhenAny([wait, .. running.Select(r => r.Task)]).ConfigureAwait(false);
        // Only the timer of the wait hears of it: not worth a thread of the pool.
        stop.Cancel();
        return ended != wait;
    }

    // Nobody waits for it: the call has its answer.
    private static async Task AbandonAsync<TAnswer>(CallRun run, Attempt attempt, Task<Sent<TAnswer>> task, ICallSender<TAnswer> sender, TimeProvider time) where TAnswer : class
    {
        attempt.Clock.Abandon();
        var sent = await task.ConfigureAwait(false);
        run.Abandon(attempt, time.GetTimestamp());
        CallPipeline.Leave(sender, attempt, sent);
    }
}
