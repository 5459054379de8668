namespace Weft.Testing;

internal static class WaitChecks
{
    public static IReadOnlyList<LogCheck> All { get; } =
    [
        new("wait_passes_at_once", "A wait for what is there already returns.", PassesAsync),
        new("wait_wakes", "An append wakes everybody who waits for it, and nobody who waits for more; the clock stands still meanwhile.", WakesAsync),
        new("wait_can_be_given_up", "A wait ends when it is cancelled, and leaves the others waiting.", CancelsAsync),
        new("wait_never_misses", "A reader that waits whenever it has read all sees every message, whatever the timing.", NeverMissesAsync),
    ];

    private static async Task PassesAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        await context.AppendManyAsync(topic, 2).ConfigureAwait(false);
        await topic.WaitAsync(0, context.Cancellation).ConfigureAwait(false);
        await topic.WaitAsync(1, context.Cancellation).ConfigureAwait(false);
    }

    private static async Task WakesAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var first = Enumerable.Range(0, 50).Select(_ => topic.WaitAsync(0, context.Cancellation).AsTask()).ToArray();
        var third = topic.WaitAsync(2, context.Cancellation).AsTask();
        Expect.That(!first.Any(w => w.IsCompleted), "A wait for the first message ended before there was any.");

        await context.AppendAsync(topic, "1").ConfigureAwait(false);
        await Task.WhenAll(first).ConfigureAwait(false);
        await context.AppendAsync(topic, "2").ConfigureAwait(false);
        Expect.That(!third.IsCompleted, "A wait for the third message ended after the second.");
        await context.AppendAsync(topic, "3").ConfigureAwait(false);
        await third.ConfigureAwait(false);
    }

    private static async Task CancelsAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        var given = topic.WaitAsync(0, giveUp.Token).AsTask();
        var kept = topic.WaitAsync(0, context.Cancellation).AsTask();
        await giveUp.CancelAsync().ConfigureAwait(false);
        await Expect.ThrowsAsync<OperationCanceledException>(() => given, "A wait that was given up").ConfigureAwait(false);
        Expect.That(!kept.IsCompleted, "Giving up one wait ended another.");
        await context.AppendAsync(topic, "1").ConfigureAwait(false);
        await kept.ConfigureAwait(false);
    }

    private static async Task NeverMissesAsync(LogCheckContext context)
    {
        const int Count = 500;
        var topic = await context.TopicAsync().ConfigureAwait(false);
        long[] all = new long[4];
        var reading = LogCheckContext.AtOnceAsync(all.Length, async reader =>
        {
            for (long seen = 0; seen < Count; seen = topic.Head)
            {
                Volatile.Write(ref all[reader], seen);
                await topic.WaitAsync(seen, context.Cancellation).ConfigureAwait(false);
                Expect.That(topic.Head > seen, $"A wait for more than {seen} ended and the head is {topic.Head}.");
            }
        });
        for (int i = 1; i <= Count; i++)
        {
            await context.AppendAsync(topic, Text.Of(i)).ConfigureAwait(false);
            // Also where an append takes no time, all readers come to wait now and then.
            for (int turn = 0; i % 10 == 0 && i < Count && (turn < 5 || all.Min() < i); turn++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            }
        }
        await reading.ConfigureAwait(false);
    }
}
