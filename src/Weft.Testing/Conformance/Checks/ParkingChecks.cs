using Weft.Flows;

namespace Weft.Testing;

internal static class ParkingChecks
{
    public static IReadOnlyList<LogCheck> All { get; } =
    [
        new("parked_comes_back", "A parked message comes back with everything that it was parked with, to the millisecond.", ComesBackAsync, LogNeeds.Browse),
        new("parked_is_replaced", "Parking a position again replaces what stands there.", IsReplacedAsync, LogNeeds.Browse),
        new("unparked_is_gone", "What is taken away is gone; taking away what is not there does nothing.", IsGoneAsync, LogNeeds.Browse),
        new("retries_by_due", "Retries come in the order of (due, position) and only those that are due at or before the time asked for.", RetriesAsync, LogNeeds.Browse),
        new("parked_by_position", "Dead letters and those behind come in the order of position; after, up to and limit give pages.", ByPositionAsync, LogNeeds.Browse),
        new("parked_by_key", "A key selects its own messages only; the empty key is one of them.", ByKeyAsync, LogNeeds.Browse),
        new("parked_keys", "A subscription that is opened says which keys have a retry or others behind it.", KeysAsync),
        new("parked_is_per_subscription", "What one subscription has parked is no other's.", PerSubscriptionAsync, LogNeeds.Browse),
        new("parked_survives_reopen", "What is parked is kept when the log is closed.", c => SurvivesAsync(c, c.ReopenAsync), LogNeeds.Browse | LogNeeds.Reopen | LogNeeds.Durability),
        new("parked_survives_crash", "What is parked survives a crash.", c => SurvivesAsync(c, c.CrashAsync), LogNeeds.Browse | LogNeeds.Crash | LogNeeds.Durability),
        new("parked_outlives_the_log", "A parked message stays whole when the log was trimmed past it.", OutlivesAsync, LogNeeds.Browse),
        new("purge_dead", "Purging drops dead letters whose last try is older, and nothing else.", PurgeAsync, LogNeeds.Browse),
    ];

    private static async Task<ILogSubscription> SubscribeAsync(LogCheckContext context, int messages)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var subscription = await context.SubscribeAsync(topic).ConfigureAwait(false);
        await context.AppendManyAsync(topic, messages).ConfigureAwait(false);
        await context.SettleAsync(subscription, Enumerable.Range(1, messages).Select(i => (long)i)).ConfigureAwait(false);
        return subscription;
    }

    private static ParkedMessage Full(LogCheckContext context, long position, ParkedState state, byte[] key) => new()
    {
        Position = position,
        State = state,
        Key = key,
        Due = context.Now.AddMilliseconds(1234),
        Attempts = 7,
        FirstAt = context.Now.AddDays(-3),
        LastAt = context.Now.AddMilliseconds(-5),
        Reason = "status-503",
        Detail = "body: \"\u00fc\" \u0000 'quoted'\nline 2",
        Message = new((byte[])[0, 1, 255, 0]),
        Notes = (byte[])[7, 0, 254],
    };

    private static void Same(ParkedMessage expected, ParkedMessage found)
    {
        Expect.Equal(expected with { Key = default, Message = default, Notes = default }, found with { Key = default, Message = default, Notes = default }, $"Parked message {expected.Position}");
        Expect.Bytes(expected.Key, found.Key, "Key");
        Expect.Bytes(expected.Message.Bytes, found.Message.Bytes, "Message");
        Expect.Bytes(expected.Notes, found.Notes, "Notes");
    }

    private static async Task ComesBackAsync(LogCheckContext context)
    {
        var subscription = await SubscribeAsync(context, 4).ConfigureAwait(false);
        ParkedMessage[] all =
        [
            Full(context, 1, ParkedState.Retry, [0, 255]),
            Full(context, 2, ParkedState.Dead, []) with { Reason = null, Detail = null, Attempts = 0 },
            Full(context, 3, ParkedState.Behind, Text.Bytes("key")) with { Reason = "", Detail = "", Message = default, Notes = default },
            Full(context, 4, ParkedState.Dead, new byte[1000]) with { Message = new(new byte[1 << 20]), Due = default },
        ];
        await context.ParkAsync(subscription, all).ConfigureAwait(false);
        var found = new List<ParkedMessage>();
        foreach (var state in Enum.GetValues<ParkedState>())
            found.AddRange(await context.Log.ReadParkedAsync("billing", new(state), context.Cancellation).ConfigureAwait(false));
        Expect.Equal(all.Length, found.Count, "Parked messages");
        foreach (var (expected, was) in all.Zip(found.OrderBy(m => m.Position)))
            Same(expected, was);
    }

    private static async Task IsReplacedAsync(LogCheckContext context)
    {
        var subscription = await SubscribeAsync(context, 2).ConfigureAwait(false);
        await context.ParkAsync(subscription, context.Parked(1, ParkedState.Retry, "k"), context.Parked(2, ParkedState.Retry)).ConfigureAwait(false);
        var second = Full(context, 1, ParkedState.Dead, Text.Bytes("k"));
        await context.ParkAsync(subscription, context.Parked(1, ParkedState.Behind, "k"), second).ConfigureAwait(false);
        Expect.Sequence([2L], await context.ParkedPositionsAsync("billing", new(ParkedState.Retry)).ConfigureAwait(false), "Retries");
        Expect.Sequence([], await context.ParkedPositionsAsync("billing", new(ParkedState.Behind)).ConfigureAwait(false), "Behind");
        var dead = await context.Log.ReadParkedAsync("billing", new(ParkedState.Dead), context.Cancellation).ConfigureAwait(false);
        Expect.Equal(1, dead.Count, "Dead letters");
        Same(second, dead[0]);
    }

    private static async Task IsGoneAsync(LogCheckContext context)
    {
        var subscription = await SubscribeAsync(context, 3).ConfigureAwait(false);
        await context.ParkAsync(subscription, context.Parked(1, ParkedState.Dead), context.Parked(2, ParkedState.Dead)).ConfigureAwait(false);
        await using var transaction = context.Log.Begin();
        transaction.Unpark(subscription, 1);
        transaction.Unpark(subscription, 3);
        await transaction.CommitAsync(context.Cancellation).ConfigureAwait(false);
        Expect.Sequence([2L], await context.ParkedPositionsAsync("billing", new(ParkedState.Dead)).ConfigureAwait(false), "Dead letters");
    }

    private static async Task RetriesAsync(LogCheckContext context)
    {
        var subscription = await SubscribeAsync(context, 6).ConfigureAwait(false);
        int[] dueInSeconds = [30, 10, 20, 10, 40, 20];
        await context.ParkAsync(subscription, dueInSeconds.Select((due, i) => context.Parked(i + 1, ParkedState.Retry, dueInSeconds: due))).ConfigureAwait(false);
        await context.ParkAsync(subscription, context.Parked(7, ParkedState.Behind), context.Parked(8, ParkedState.Dead)).ConfigureAwait(false);

        Expect.Sequence([2L, 4, 3, 6, 1, 5], await RetriesAsync(null, 100).ConfigureAwait(false), "All retries");
        Expect.Sequence([2L, 4, 3], await RetriesAsync(null, 3).ConfigureAwait(false), "The first three");
        Expect.Sequence([], await RetriesAsync(9, 100).ConfigureAwait(false), "Due in 9 s");
        Expect.Sequence([2L, 4], await RetriesAsync(10, 100).ConfigureAwait(false), "Due in 10 s");
        Expect.Sequence([2L, 4, 3, 6], await RetriesAsync(29, 100).ConfigureAwait(false), "Due in 29 s");
        Expect.Sequence([2L], await RetriesAsync(29, 1).ConfigureAwait(false), "The first one due in 29 s");
        Expect.Sequence([5L], await context.ParkedPositionsAsync("billing", new(ParkedState.Retry, After: 4, UpTo: 5)).ConfigureAwait(false), "The one at position 5");

        Task<long[]> RetriesAsync(int? seconds, int limit) =>
            context.ParkedPositionsAsync("billing", new(ParkedState.Retry, seconds is { } s ? context.Now.AddSeconds(s) : null, Limit: limit));
    }

    private static async Task ByPositionAsync(LogCheckContext context)
    {
        var subscription = await SubscribeAsync(context, 9).ConfigureAwait(false);
        foreach (long position in new long[] { 8, 2, 6, 4 })
        {
            await context.ParkAsync(subscription, context.Parked(position, ParkedState.Dead, dueInSeconds: -(int)position)).ConfigureAwait(false);
            await context.ParkAsync(subscription, context.Parked(position - 1, ParkedState.Behind, "k", -(int)position)).ConfigureAwait(false);
        }
        Expect.Sequence([2L, 4, 6, 8], await context.ParkedPositionsAsync("billing", new(ParkedState.Dead)).ConfigureAwait(false), "Dead letters");
        Expect.Sequence([1L, 3, 5, 7], await context.ParkedPositionsAsync("billing", new(ParkedState.Behind)).ConfigureAwait(false), "Behind");
        Expect.Sequence([2L, 4, 6], await context.ParkedPositionsAsync("billing", new(ParkedState.Dead, Limit: 3)).ConfigureAwait(false), "First page");
        Expect.Sequence([8L], await context.ParkedPositionsAsync("billing", new(ParkedState.Dead, After: 6, Limit: 3)).ConfigureAwait(false), "Second page");
        Expect.Sequence([], await context.ParkedPositionsAsync("billing", new(ParkedState.Dead, After: 8)).ConfigureAwait(false), "Page after the last");
        Expect.Sequence([4L, 6], await context.ParkedPositionsAsync("billing", new(ParkedState.Dead, After: 2, UpTo: 7)).ConfigureAwait(false), "Those up to 7");
    }

    private static async Task ByKeyAsync(LogCheckContext context)
    {
        var subscription = await SubscribeAsync(context, 6).ConfigureAwait(false);
        string[] keys = ["a", "b", "", "a", "ab", "a"];
        await context.ParkAsync(subscription, keys.Select((key, i) => context.Parked(i + 1, ParkedState.Behind, key))).ConfigureAwait(false);
        Expect.Sequence([1L, 4, 6], await OfKeyAsync("a").ConfigureAwait(false), "Of key 'a'");
        Expect.Sequence([5L], await OfKeyAsync("ab").ConfigureAwait(false), "Of key 'ab'");
        Expect.Sequence([3L], await OfKeyAsync("").ConfigureAwait(false), "Of the empty key");
        Expect.Sequence([], await OfKeyAsync("c").ConfigureAwait(false), "Of key 'c'");
        Expect.Sequence([4L], await OfKeyAsync("a", 1, 1).ConfigureAwait(false), "Of key 'a' after 1, one");

        Task<long[]> OfKeyAsync(string key, long after = 0, int limit = 100) =>
            context.ParkedPositionsAsync("billing", new(ParkedState.Behind, Key: Text.Bytes(key), After: after, Limit: limit));
    }

    private static async Task KeysAsync(LogCheckContext context)
    {
        var subscription = await SubscribeAsync(context, 9).ConfigureAwait(false);
        Expect.Equal(0, subscription.ParkedKeys.Count, "Keys of a new subscription");
        await context.ParkAsync(subscription, context.Parked(1, ParkedState.Retry, "a"), context.Parked(2, ParkedState.Behind, "a"), context.Parked(3, ParkedState.Behind, "a"),
            context.Parked(4, ParkedState.Retry, "b"), context.Parked(5, ParkedState.Behind, "c"), context.Parked(6, ParkedState.Dead, "d"),
            context.Parked(7, ParkedState.Retry), context.Parked(8, ParkedState.Dead, "a")).ConfigureAwait(false);
        await subscription.DisposeAsync().ConfigureAwait(false);

        await using var opened = await context.SubscribeAsync(subscription.Topic).ConfigureAwait(false);
        var keys = opened.ParkedKeys.Select(k => $"{System.Text.Encoding.UTF8.GetString(k.Key.Span)} {k.Retry} {k.Behind}").Order(StringComparer.Ordinal);
        Expect.Sequence(["a 1 2", "b 4 0", "c 0 1"], keys, "Keys with the position of the retry and the count behind");
    }

    private static async Task PerSubscriptionAsync(LogCheckContext context)
    {
        var one = await SubscribeAsync(context, 2).ConfigureAwait(false);
        var other = await context.SubscribeAsync(one.Topic, "other").ConfigureAwait(false);
        await context.ParkAsync(one, context.Parked(1, ParkedState.Dead)).ConfigureAwait(false);
        await context.ParkAsync(other, context.Parked(2, ParkedState.Dead)).ConfigureAwait(false);
        Expect.Sequence([1L], await context.ParkedPositionsAsync("billing", new(ParkedState.Dead)).ConfigureAwait(false), "Of the one");
        Expect.Sequence([2L], await context.ParkedPositionsAsync("other", new(ParkedState.Dead)).ConfigureAwait(false), "Of the other");
        Expect.Sequence([], await context.ParkedPositionsAsync("nobody", new(ParkedState.Dead)).ConfigureAwait(false), "Of one that does not exist");
    }

    private static async Task SurvivesAsync(LogCheckContext context, Func<Task> end)
    {
        var subscription = await SubscribeAsync(context, 2).ConfigureAwait(false);
        var (retry, dead) = (Full(context, 1, ParkedState.Retry, Text.Bytes("k")), Full(context, 2, ParkedState.Dead, []));
        await context.ParkAsync(subscription, retry, dead).ConfigureAwait(false);
        await end().ConfigureAwait(false);
        Same(retry, (await context.Log.ReadParkedAsync("billing", new(ParkedState.Retry), context.Cancellation).ConfigureAwait(false)).Single());
        Same(dead, (await context.Log.ReadParkedAsync("billing", new(ParkedState.Dead), context.Cancellation).ConfigureAwait(false)).Single());
    }

    private static async Task OutlivesAsync(LogCheckContext context)
    {
        var subscription = await SubscribeAsync(context, 3).ConfigureAwait(false);
        var dead = Full(context, 2, ParkedState.Dead, Text.Bytes("k"));
        await context.ParkAsync(subscription, dead).ConfigureAwait(false);
        context.Advance(TimeSpan.FromDays(1));
        while (await subscription.Topic.TrimAsync(context.Now, LogCheckContext.NoOrphans, context.Cancellation).ConfigureAwait(false) > 0)
        {
            // In slices.
        }
        Same(dead, (await context.Log.ReadParkedAsync("billing", new(ParkedState.Dead), context.Cancellation).ConfigureAwait(false)).Single());
    }

    private static async Task PurgeAsync(LogCheckContext context)
    {
        var subscription = await SubscribeAsync(context, 5).ConfigureAwait(false);
        var old = context.Now;
        await context.ParkAsync(subscription, context.Parked(1, ParkedState.Dead), context.Parked(2, ParkedState.Retry), context.Parked(3, ParkedState.Behind)).ConfigureAwait(false);
        context.Advance(TimeSpan.FromHours(1));
        await context.ParkAsync(subscription, context.Parked(4, ParkedState.Dead), context.Parked(5, ParkedState.Dead) with { FirstAt = old }).ConfigureAwait(false);
        Expect.Equal(0, await PurgeAsync("billing", old).ConfigureAwait(false), "Purged with a last try at that time exactly");
        Expect.Equal(1, await PurgeAsync("billing", context.Now).ConfigureAwait(false), "Purged");
        Expect.Equal(0, await PurgeAsync("nobody", context.Now).ConfigureAwait(false), "Purged of one that does not exist");
        var info = await context.FindAsync("billing").ConfigureAwait(false);
        Expect.Equal((1L, 1L, 2L), (info!.Retrying, info.Behind, info.Dead), "Retries, behind and dead letters that are left");
        Expect.Sequence([4L, 5], await context.ParkedPositionsAsync("billing", new(ParkedState.Dead)).ConfigureAwait(false), "Dead letters that are left");

        Task<long> PurgeAsync(string name, DateTimeOffset before) => context.Log.PurgeDeadAsync(name, before, context.Cancellation).AsTask();
    }
}
