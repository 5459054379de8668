using System.Collections.Concurrent;
using Weft.Flows;

namespace Weft.Testing;

internal static class LifetimeChecks
{
    public static IReadOnlyList<LogCheck> All { get; } =
    [
        new("messages_survive_reopen", "Messages, keys, times and positions are kept when the log is closed.", c => SurviveAsync(c, c.ReopenAsync), LogNeeds.Reopen | LogNeeds.Durability),
        new("messages_survive_crash", "Messages whose append returned survive a crash.", c => SurviveAsync(c, c.CrashAsync), LogNeeds.Crash | LogNeeds.Durability),
        new("crash_among_appends", "A crash in the middle of appends loses none that returned, leaves no gap and invents nothing.", CrashAmongAppendsAsync,
            LogNeeds.Crash | LogNeeds.Durability),
        new("crash_splits_no_transaction", "After a crash a transaction is there as a whole or not at all.", CrashSplitsNothingAsync,
            LogNeeds.Crash | LogNeeds.Durability | LogNeeds.Transactions),
        new("crash_frees_subscriptions", "A subscription that was open in a crash can be opened again.", CrashFreesAsync, LogNeeds.Crash | LogNeeds.Durability),
        new("dispose_ends_waits", "Disposing the log ends every wait and every append that is under way.", DisposeEndsWaitsAsync),
        new("dispose_keeps_what_returned", "What was appended while the log was disposed is kept if its append returned.", DisposeKeepsAsync, LogNeeds.Reopen | LogNeeds.Durability),
        new("dispose_twice", "Logs and subscriptions can be disposed again, and in any order.", DisposeTwiceAsync),
        new("use_after_dispose", "A log that was disposed refuses every call at once.", UseAfterDisposeAsync),
    ];

    private static async Task SurviveAsync(LogCheckContext context, Func<Task> end)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        for (int i = 1; i <= 30; i++)
        {
            await context.AppendAsync(topic, Text.Of(i), $"key {i % 3}").ConfigureAwait(false);
            context.Advance(TimeSpan.FromSeconds(1));
        }
        await context.AppendAsync(await context.TopicAsync("bills").ConfigureAwait(false), "bill").ConfigureAwait(false);
        var before = Describe(await context.ReadAllAsync(topic).ConfigureAwait(false));
        await end().ConfigureAwait(false);

        topic = await context.TopicAsync().ConfigureAwait(false);
        Expect.Equal(30, topic.Head, "Head");
        Expect.Sequence(before, Describe(await context.ReadAllAsync(topic).ConfigureAwait(false)), "Messages");
        Expect.Equal(1, (await context.TopicAsync("bills").ConfigureAwait(false)).Head, "Head of the other topic");
        Expect.Equal(31, await context.AppendAsync(topic, "31").ConfigureAwait(false), "Next position");

        static string[] Describe(List<LogEntry> all) =>
            [.. all.Select(e => $"{e.Position} {e.AppendedAt:O} {Text.Of(e)} {System.Text.Encoding.UTF8.GetString(e.Key.Span)}")];
    }

    private static async Task CrashAmongAppendsAsync(LogCheckContext context)
    {
        const int Rounds = 5;
        var stored = new ConcurrentDictionary<long, string>();
        var sent = new ConcurrentDictionary<string, bool>();
        for (int round = 0; round < Rounds; round++)
        {
            var topic = await context.TopicAsync().ConfigureAwait(false);
            long from = topic.Head;
            int name = round;
            var publishing = LogCheckContext.AtOnceAsync(8, p => PublishUntilItFailsAsync(context, topic, $"{name}/{p}", stored, sent));
            await topic.WaitAsync(from + 20 + (round * 13), context.Cancellation).ConfigureAwait(false);
            await context.CrashAsync().ConfigureAwait(false);
            await publishing.ConfigureAwait(false);
            await ExpectStoredAsync(context, stored, sent).ConfigureAwait(false);
        }
    }

    private static async Task PublishUntilItFailsAsync(
        LogCheckContext context, ILogTopic topic, string name, ConcurrentDictionary<long, string> stored, ConcurrentDictionary<string, bool> sent)
    {
        try
        {
            for (int i = 0; i < 1000; i++)
            {
                string text = $"{name}/{i}";
                sent[text] = true;
                stored[await context.AppendAsync(topic, text).ConfigureAwait(false)] = text;
            }
        }
        catch (Exception e) when (e is LogException or ObjectDisposedException)
        {
            // The log is gone, as was to be.
        }
    }

    private static async Task ExpectStoredAsync(LogCheckContext context, ConcurrentDictionary<long, string> stored, ConcurrentDictionary<string, bool> sent)
    {
        var all = await context.ReadAllAsync(await context.TopicAsync().ConfigureAwait(false)).ConfigureAwait(false);
        Expect.Sequence(Enumerable.Range(1, all.Count).Select(i => (long)i), all.Select(e => e.Position), "Positions");
        foreach (var (position, text) in stored)
        {
            Expect.That(position <= all.Count, $"The append of '{text}' returned position {position} and the log ends at {all.Count}.");
            Expect.Equal(text, Text.Of(all[(int)position - 1]), $"Message at position {position}");
        }
        Expect.Equal(all.Count, all.Select(e => Text.Of(e)).Distinct().Count(), "Different messages");
        Expect.That(all.TrueForAll(e => sent.ContainsKey(Text.Of(e))), "There is a message that nobody sent.");
    }

    private static async Task CrashSplitsNothingAsync(LogCheckContext context)
    {
        const int Size = 7;
        var log = context.Log;
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var writing = LogCheckContext.AtOnceAsync(6, async w =>
        {
            try
            {
                await using var transaction = log.Begin();
                for (int i = 0; i < 1000; i++)
                {
                    for (int n = 0; n < Size; n++)
                        transaction.Append(topic, Text.Message($"{w}/{i}"), default);
                    await transaction.CommitAsync(context.Cancellation).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is LogException or ObjectDisposedException)
            {
                // The log is gone, as was to be.
            }
        });
        await topic.WaitAsync(Size * 30, context.Cancellation).ConfigureAwait(false);
        await context.CrashAsync().ConfigureAwait(false);
        await writing.ConfigureAwait(false);

        var all = await context.ReadAllAsync(await context.TopicAsync().ConfigureAwait(false)).ConfigureAwait(false);
        Expect.That(all.Count >= Size * 30, $"At least {Size * 30} messages were committed and {all.Count} are there.");
        foreach (var transaction in all.GroupBy(e => Text.Of(e)))
            Expect.Equal(Size, transaction.Count(), $"Messages of transaction {transaction.Key}");
    }

    private static async Task CrashFreesAsync(LogCheckContext context)
    {
        await context.SubscribeAsync(await context.TopicAsync().ConfigureAwait(false)).ConfigureAwait(false);
        await context.CrashAsync().ConfigureAwait(false);
        var subscription = await context.SubscribeAsync(await context.TopicAsync().ConfigureAwait(false)).ConfigureAwait(false);
        Expect.Equal("billing", subscription.Name, "Name");
    }

    private static async Task DisposeEndsWaitsAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var waits = Enumerable.Range(0, 10).Select(i => EndAsync(topic.WaitAsync(1_000_000 + i, context.Cancellation).AsTask())).ToArray();
        var appends = Enumerable.Range(0, 500).Select(i => EndAsync(context.AppendAsync(topic, Text.Of(i)).AsTask())).ToArray();
        await context.Log.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll([.. waits, .. appends]).WaitAsync(context.Cancellation).ConfigureAwait(false);

        static async Task EndAsync(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task DisposeKeepsAsync(LogCheckContext context)
    {
        var (stored, sent) = (new ConcurrentDictionary<long, string>(), new ConcurrentDictionary<string, bool>());
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var publishing = LogCheckContext.AtOnceAsync(8, p => PublishUntilItFailsAsync(context, topic, Text.Of(p), stored, sent));
        await topic.WaitAsync(50, context.Cancellation).ConfigureAwait(false);
        await context.ReopenAsync().ConfigureAwait(false);
        await publishing.ConfigureAwait(false);
        await ExpectStoredAsync(context, stored, sent).ConfigureAwait(false);
    }

    private static async Task DisposeTwiceAsync(LogCheckContext context)
    {
        var subscription = await context.SubscribeAsync(await context.TopicAsync().ConfigureAwait(false)).ConfigureAwait(false);
        var transaction = context.Log.Begin();
        await context.Log.DisposeAsync().ConfigureAwait(false);
        await context.Log.DisposeAsync().ConfigureAwait(false);
        await subscription.DisposeAsync().ConfigureAwait(false);
        await subscription.DisposeAsync().ConfigureAwait(false);
        await transaction.DisposeAsync().ConfigureAwait(false);
        await transaction.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task UseAfterDisposeAsync(LogCheckContext context)
    {
        var (log, cancellation) = (context.Log, context.Cancellation);
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var subscription = await context.SubscribeAsync(topic).ConfigureAwait(false);
        await context.AppendAsync(topic, "1").ConfigureAwait(false);
        var transaction = log.Begin();
        await log.DisposeAsync().ConfigureAwait(false);

        (string What, Func<Task> Call)[] calls =
        [
            ("Append", () => context.AppendAsync(topic, "2").AsTask()),
            ("Read", () => topic.ReadAsync(0, new LogEntry[1], cancellation).AsTask()),
            ("Wait", () => topic.WaitAsync(1, cancellation).AsTask()),
            ("Trim", () => topic.TrimAsync(context.Now, LogCheckContext.NoOrphans, cancellation).AsTask()),
            ("Open a topic", () => log.OpenTopicAsync("other", cancellation).AsTask()),
            ("Open a subscription", () => topic.OpenSubscriptionAsync("other", default, cancellation).AsTask()),
            ("List", () => log.ListSubscriptionsAsync(cancellation).AsTask()),
            ("Remove", () => log.RemoveSubscriptionAsync("billing", cancellation).AsTask()),
            ("Seek", () => log.SeekAsync("billing", default, cancellation).AsTask()),
            ("Read parked", () => log.ReadParkedAsync("billing", new(ParkedState.Dead), cancellation).AsTask()),
            ("Purge", () => log.PurgeDeadAsync("billing", context.Now, cancellation).AsTask()),
            ("Commit", CommitAsync),
        ];
        foreach (var (what, call) in calls)
            await Expect.ClosedAsync(call, what).ConfigureAwait(false);

        async Task CommitAsync()
        {
            transaction.Settle(subscription, 1);
            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        }
    }
}
