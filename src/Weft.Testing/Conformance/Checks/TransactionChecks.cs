using Weft.Flows;

namespace Weft.Testing;

internal static class TransactionChecks
{
    public static IReadOnlyList<LogCheck> All { get; } =
    [
        new("transaction_is_one", "Appends, cursor and parked messages of a transaction are not there before its commit, and all there after.", IsOneAsync,
            LogNeeds.Transactions | LogNeeds.Browse),
        new("transaction_again", "A transaction can be used again after a commit and holds only what was added since.", AgainAsync, LogNeeds.Transactions),
        new("transaction_dropped", "A transaction that is disposed without a commit writes nothing and runs nothing.", DroppedAsync, LogNeeds.Transactions),
        new("transaction_failed", "A commit that failed leaves the transaction empty and usable, and runs nothing of what was to follow it.", FailedAsync,
            LogNeeds.Transactions),
        new("transaction_keeps_order", "Appends of a transaction stand in the order in which they were added.", KeepsOrderAsync, LogNeeds.Transactions),
        new("after_commit_in_order", "What is to follow a commit runs in the order of registration, once all is readable.", AfterCommitAsync),
        new("empty_commit", "A transaction without anything in it can be committed.", EmptyAsync),
        new("settled_by_many", "Marks of many transactions at once on one subscription all count.", SettledByManyAsync),
        new("checkpoint", "A checkpoint is set with the messages of its transaction; when it has moved meanwhile, nothing of that is written.", CheckpointAsync, LogNeeds.Transactions),
        new("checkpoint_survives_crash", "A checkpoint and the messages of its transaction survive a crash.", CheckpointSurvivesAsync, LogNeeds.Crash | LogNeeds.Durability | LogNeeds.Transactions),
    ];

    private static async Task CheckpointAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        Expect.Equal(0, (await ReadAsync().ConfigureAwait(false)).Length, "A checkpoint that was never set");
        await SetAsync("one", "").ConfigureAwait(false);
        await SetAsync("two", "one").ConfigureAwait(false);
        await Expect.ThrowsAsync<LogException>(() => SetAsync("three", "one"), "A checkpoint that has moved").ConfigureAwait(false);
        await Expect.ThrowsAsync<LogException>(() => SetAsync("three", ""), "A checkpoint that is set already").ConfigureAwait(false);
        Expect.Bytes(Text.Bytes("two"), await ReadAsync().ConfigureAwait(false), "Checkpoint");
        Expect.Equal(0, (await context.Log.ReadCheckpointAsync("another", context.Cancellation).ConfigureAwait(false)).Length, "Another checkpoint");
        Expect.Sequence(["one", "two"], (await context.ReadAllAsync(topic).ConfigureAwait(false)).Select(e => Text.Of(e)), "Messages");

        ValueTask<ReadOnlyMemory<byte>> ReadAsync() => context.Log.ReadCheckpointAsync("feed", context.Cancellation);
        Task SetAsync(string value, string expected) => SetCheckpointAsync(context, topic, value, expected);
    }

    private static async Task CheckpointSurvivesAsync(LogCheckContext context)
    {
        await SetCheckpointAsync(context, await context.TopicAsync().ConfigureAwait(false), "one", "").ConfigureAwait(false);
        await context.CrashAsync().ConfigureAwait(false);
        Expect.Bytes(Text.Bytes("one"), await context.Log.ReadCheckpointAsync("feed", context.Cancellation).ConfigureAwait(false), "Checkpoint");
        Expect.Equal(1, (await context.TopicAsync().ConfigureAwait(false)).Head, "Head");
    }

    private static async Task SetCheckpointAsync(LogCheckContext context, ILogTopic topic, string value, string expected)
    {
        var transaction = context.Log.Begin();
        await using (transaction.ConfigureAwait(false))
        {
            transaction.Append(topic, Text.Message(value), default);
            transaction.Checkpoint("feed", Text.Bytes(value), Text.Bytes(expected));
            await transaction.CommitAsync(context.Cancellation).ConfigureAwait(false);
        }
    }

    private static async Task IsOneAsync(LogCheckContext context)
    {
        var (first, second) = (await context.TopicAsync("first").ConfigureAwait(false), await context.TopicAsync("second").ConfigureAwait(false));
        await context.AppendManyAsync(first, 3).ConfigureAwait(false);
        var subscription = await context.SubscribeAsync(first, start: SubscriptionStart.Beginning).ConfigureAwait(false);
        long low = subscription.Opened.Low;
        await context.ParkAsync(subscription, context.Parked(1, ParkedState.Dead)).ConfigureAwait(false);

        await using var transaction = context.Log.Begin();
        transaction.Append(first, Text.Message("a"), default);
        transaction.Append(second, Text.Message("b"), Text.Bytes("key"));
        transaction.Settle(subscription, low + 1);
        transaction.Park(subscription, context.Parked(2, ParkedState.Retry));
        transaction.Unpark(subscription, 1);
        await ExpectAsync(3, 0, low, [1], []).ConfigureAwait(false);

        await transaction.CommitAsync(context.Cancellation).ConfigureAwait(false);
        await ExpectAsync(4, 1, low + 1, [], [2]).ConfigureAwait(false);
        Expect.Equal("a", Text.Of((await context.ReadAllAsync(first, 3).ConfigureAwait(false))[0]), "Message in the first topic");
        Expect.Bytes(Text.Bytes("key"), (await context.ReadAllAsync(second).ConfigureAwait(false))[0].Key, "Key in the second topic");

        async Task ExpectAsync(long head1, long head2, long lowNow, long[] dead, long[] retries)
        {
            Expect.Equal(head1, first.Head, "Head of the first topic");
            Expect.Equal(head2, second.Head, "Head of the second topic");
            Expect.Equal(lowNow, (await context.FindAsync("billing").ConfigureAwait(false))?.Low, "Cursor");
            Expect.Sequence(dead, await context.ParkedPositionsAsync("billing", new(ParkedState.Dead)).ConfigureAwait(false), "Dead letters");
            Expect.Sequence(retries, await context.ParkedPositionsAsync("billing", new(ParkedState.Retry)).ConfigureAwait(false), "Retries");
        }
    }

    private static async Task AgainAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        int followed = 0;
        await using var transaction = context.Log.Begin();
        for (int i = 1; i <= 5; i++)
        {
            transaction.Append(topic, Text.Message(Text.Of(i)), default);
            transaction.AfterCommit(() => followed++);
            await transaction.CommitAsync(context.Cancellation).ConfigureAwait(false);
            Expect.Equal(i, topic.Head, $"Head after commit {i}");
            Expect.Equal(i, followed, $"Actions that followed until commit {i}");
        }
        Expect.Sequence(["1", "2", "3", "4", "5"], (await context.ReadAllAsync(topic).ConfigureAwait(false)).Select(e => Text.Of(e)), "Messages");
    }

    private static async Task DroppedAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var subscription = await context.SubscribeAsync(topic).ConfigureAwait(false);
        bool followed = false;
        var transaction = context.Log.Begin();
        transaction.Append(topic, Text.Message("dropped"), default);
        transaction.Park(subscription, context.Parked(1, ParkedState.Dead));
        transaction.AfterCommit(() => followed = true);
        await transaction.DisposeAsync().ConfigureAwait(false);

        await context.AppendAsync(topic, "kept").ConfigureAwait(false);
        Expect.Sequence(["kept"], (await context.ReadAllAsync(topic).ConfigureAwait(false)).Select(e => Text.Of(e)), "Messages");
        Expect.Equal(0, (await context.FindAsync("billing").ConfigureAwait(false))?.Dead, "Dead letters");
        Expect.That(!followed, "What was to follow the commit ran without one.");
    }

    private static async Task FailedAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var followed = new List<string>();
        await using var transaction = context.Log.Begin();
        transaction.Append(topic, Text.Message("given up"), default);
        transaction.AfterCommit(() => followed.Add("given up"));
        bool failed = false;
        try
        {
            await transaction.CommitAsync(new CancellationToken(true)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            failed = true;
        }

        // What was given up may be stored all the same, but not by what comes after it.
        await context.AppendAsync(topic, "between").ConfigureAwait(false);
        int before = (await context.ReadAllAsync(topic).ConfigureAwait(false)).Count(e => Text.Of(e) == "given up");
        transaction.Append(topic, Text.Message("kept"), default);
        transaction.AfterCommit(() => followed.Add("kept"));
        await transaction.CommitAsync(context.Cancellation).ConfigureAwait(false);
        var texts = (await context.ReadAllAsync(topic).ConfigureAwait(false)).Select(e => Text.Of(e)).ToArray();
        Expect.Equal(1, texts.Count(t => t == "kept"), "Messages of the second commit");
        Expect.That(texts.Count(t => t == "given up") == before, "The first commit was cancelled, and the second one wrote its message too.");
        Expect.Sequence(failed ? ["kept"] : ["given up", "kept"], followed, "Actions that followed");
    }

    private static async Task KeepsOrderAsync(LogCheckContext context)
    {
        const int Writers = 8, Commits = 20, Each = 5;
        var topic = await context.TopicAsync().ConfigureAwait(false);
        await LogCheckContext.AtOnceAsync(Writers, async w =>
        {
            await using var transaction = context.Log.Begin();
            for (int i = 0; i < Commits * Each; i++)
            {
                transaction.Append(topic, Text.Message($"{w} {i}"), default);
                if (i % Each == Each - 1)
                    await transaction.CommitAsync(context.Cancellation).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);

        var all = (await context.ReadAllAsync(topic).ConfigureAwait(false)).Select(e => Text.Of(e).Split(' ').Select(int.Parse).ToArray()).ToArray();
        for (int w = 0; w < Writers; w++)
            Expect.Sequence(Enumerable.Range(0, Commits * Each), all.Where(p => p[0] == w).Select(p => p[1]), $"Messages of writer {w}");
    }

    private static async Task AfterCommitAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        await using var transaction = context.Log.Begin();
        var seen = new List<(int, long)>();
        transaction.Append(topic, Text.Message("1"), default);
        for (int i = 0; i < 5; i++)
        {
            int number = i;
            transaction.AfterCommit(() => seen.Add((number, topic.Head)));
        }
        Expect.Equal(0, seen.Count, "Actions before the commit");
        await transaction.CommitAsync(context.Cancellation).ConfigureAwait(false);
        Expect.Sequence(Enumerable.Range(0, 5).Select(i => (i, 1L)), seen, "Actions with the head that they saw");
    }

    private static async Task EmptyAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        bool followed = false;
        await using var transaction = context.Log.Begin();
        transaction.AfterCommit(() => followed = true);
        await transaction.CommitAsync(context.Cancellation).ConfigureAwait(false);
        Expect.That(followed, "What was to follow an empty commit did not run.");
        Expect.Equal(0, topic.Head, "Head");
    }

    private static async Task SettledByManyAsync(LogCheckContext context)
    {
        const int Lanes = 8, Each = 50;
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var subscription = await context.SubscribeAsync(topic).ConfigureAwait(false);
        await context.AppendManyAsync(topic, Lanes * Each + 1).ConfigureAwait(false);
        await LogCheckContext.AtOnceAsync(Lanes, async lane =>
        {
            await using var transaction = context.Log.Begin();
            for (int i = 0; i < Each; i++)
            {
                transaction.Settle(subscription, (i * Lanes) + lane + 1);
                await transaction.CommitAsync(context.Cancellation).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
        Expect.Equal(Lanes * Each, (await context.FindAsync("billing").ConfigureAwait(false))?.Low, "Cursor");
    }
}
