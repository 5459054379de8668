using Weft.Flows;

namespace Weft.Testing;

internal static class SubscriptionChecks
{
    public static IReadOnlyList<LogCheck> All { get; } =
    [
        new("start_new", "A new subscription without a start begins at the end of the log.", StartsNewAsync),
        new("start_beginning", "A new subscription can begin with the first message that the log has.", StartsAtBeginningAsync, LogNeeds.Replay),
        new("start_time", "A new subscription can begin with the first message appended at or after a time.", StartsAtTimeAsync, LogNeeds.Replay),
        new("start_only_once", "A subscription that exists goes on where it was, whatever start is given.", StartsOnceAsync),
        new("cursor_is_kept", "The cursor is kept when the subscription is closed: the watermark and each position above it.", IsKeptAsync),
        new("cursor_survives_reopen", "The cursor is kept when the log is closed.", c => SurvivesAsync(c, c.ReopenAsync), LogNeeds.Reopen | LogNeeds.Durability),
        new("cursor_survives_crash", "The cursor that was committed survives a crash.", c => SurvivesAsync(c, c.CrashAsync), LogNeeds.Crash | LogNeeds.Durability),
        new("settled_twice", "Settling a position again changes nothing.", SettledTwiceAsync),
        new("one_reader", "A subscription that is open cannot be opened a second time; once closed, it can.", OneReaderAsync),
        new("one_topic", "The name of a subscription of one topic cannot be used on another.", OneTopicAsync),
        new("subscriptions_are_independent", "Subscriptions of one topic have cursors of their own.", AreIndependentAsync),
        new("has_passed", "A log says whether a subscription is past a position, be it open or not.", HasPassedAsync),
        new("list_subscriptions", "The list has each subscription with its topic, cursor, head and counts.", ListAsync, LogNeeds.Browse),
        new("list_shows_when", "The list says when a cursor moved last.", UpdatedAtAsync),
        new("remove_subscription", "A subscription that is not open can be removed with all it has; an open one cannot.", RemoveAsync, LogNeeds.Browse),
        new("mark_is_kept", "What is noted as under way is told to whoever opens the subscription next, until it is taken back.", MarkAsync),
        new("mark_survives_crash", "What is noted as under way survives a crash.", MarkSurvivesAsync, LogNeeds.Crash | LogNeeds.Durability),
        new("seek_takes_mark", "A subscription that was moved has nothing under way.", SeekTakesMarkAsync, LogNeeds.Replay),
        new("seek", "A subscription that is not open can be moved, and keeps what it has parked; an open one cannot.", SeekAsync, LogNeeds.Replay | LogNeeds.Browse),
    ];

    private static readonly long[] Scattered = [1, 2, 3, 5, 9, 10, 64, 65, 66, 67, 68, 128, 131, 132, 133, 190];

    private static async Task MarkAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        await context.AppendManyAsync(topic, 3).ConfigureAwait(false);
        Expect.Equal(0, await ReopenMarkedAsync(context, null).ConfigureAwait(false), "Under way in a new subscription");
        Expect.Equal(1024, await ReopenMarkedAsync(context, 1024).ConfigureAwait(false), "Under way");
        Expect.Equal(1024, await ReopenMarkedAsync(context, null).ConfigureAwait(false), "Under way after it was opened and closed");
        Expect.Equal(7, await ReopenMarkedAsync(context, 7).ConfigureAwait(false), "Under way after a lower note");
        Expect.Equal(0, await ReopenMarkedAsync(context, 0).ConfigureAwait(false), "Under way after it was taken back");
    }

    private static async Task MarkSurvivesAsync(LogCheckContext context)
    {
        await ReopenMarkedAsync(context, 33).ConfigureAwait(false);
        await context.CrashAsync().ConfigureAwait(false);
        var again = await context.SubscribeAsync(await context.TopicAsync().ConfigureAwait(false)).ConfigureAwait(false);
        Expect.Equal(33, again.UnderWay, "Under way");
    }

    private static async Task SeekTakesMarkAsync(LogCheckContext context)
    {
        await ReopenMarkedAsync(context, 33).ConfigureAwait(false);
        await context.Log.SeekAsync("billing", SubscriptionStart.Beginning, context.Cancellation).ConfigureAwait(false);
        Expect.Equal(0, await ReopenMarkedAsync(context, null).ConfigureAwait(false), "Under way");
    }

    // Notes something, closes the subscription and tells what the next opener is told.
    private static async Task<long> ReopenMarkedAsync(LogCheckContext context, long? mark)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var subscription = await context.SubscribeAsync(topic).ConfigureAwait(false);
        if (mark is { } upTo)
        {
            await using var transaction = context.Log.Begin();
            transaction.Mark(subscription, upTo);
            await transaction.CommitAsync(context.Cancellation).ConfigureAwait(false);
        }
        await subscription.DisposeAsync().ConfigureAwait(false);
        var next = await context.SubscribeAsync(topic).ConfigureAwait(false);
        await next.DisposeAsync().ConfigureAwait(false);
        return next.UnderWay;
    }

    private static async Task StartsNewAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        Expect.Equal(0, (await context.SubscribeAsync(topic, "early").ConfigureAwait(false)).Opened.Low, "Cursor on an empty topic");
        await context.AppendManyAsync(topic, 3).ConfigureAwait(false);
        var late = await context.SubscribeAsync(topic, "late").ConfigureAwait(false);
        Expect.Equal(3, late.Opened.Low, "Cursor after three messages");
        Expect.Equal("late", late.Name, "Name");
        Expect.Equal(topic.Name, late.Topic.Name, "Topic");
    }

    private static async Task StartsAtBeginningAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        await context.AppendManyAsync(topic, 3).ConfigureAwait(false);
        var subscription = await context.SubscribeAsync(topic, start: SubscriptionStart.Beginning).ConfigureAwait(false);
        Expect.Equal(0, subscription.Opened.Low, "Cursor");
        Expect.That(!subscription.Opened.Contains(1), "The first message counts as settled.");
    }

    private static async Task StartsAtTimeAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var start = context.Now;
        for (int i = 0; i < 5; i++)
        {
            await context.AppendAsync(topic, Text.Of(i)).ConfigureAwait(false);
            context.Advance(TimeSpan.FromMinutes(1));
        }
        foreach (var (seconds, low) in new[] { (-1, 0), (0, 0), (1, 1), (60, 1), (61, 2), (240, 4), (241, 5), (1000, 5) })
        {
            var at = new SubscriptionStart(start.AddSeconds(seconds));
            Expect.Equal(low, (await context.SubscribeAsync(topic, $"at {seconds}", at).ConfigureAwait(false)).Opened.Low, $"Cursor of a start at {seconds} s");
        }
    }

    private static async Task StartsOnceAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        await (await context.SubscribeAsync(topic).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        await context.AppendManyAsync(topic, 5).ConfigureAwait(false);
        foreach (var start in new[] { SubscriptionStart.New, SubscriptionStart.Beginning })
        {
            await using var subscription = await context.SubscribeAsync(topic, start: start).ConfigureAwait(false);
            Expect.Equal(0, subscription.Opened.Low, $"Cursor when opened again with {start}");
        }
    }

    private static async Task IsKeptAsync(LogCheckContext context)
    {
        var topic = await SettleScatteredAsync(context).ConfigureAwait(false);
        await ExpectScatteredAsync(context, topic).ConfigureAwait(false);
    }

    private static async Task SurvivesAsync(LogCheckContext context, Func<Task> end)
    {
        await SettleScatteredAsync(context).ConfigureAwait(false);
        await end().ConfigureAwait(false);
        await ExpectScatteredAsync(context, await context.TopicAsync().ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task<ILogTopic> SettleScatteredAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var subscription = await context.SubscribeAsync(topic).ConfigureAwait(false);
        await context.AppendManyAsync(topic, 200).ConfigureAwait(false);
        foreach (long position in Scattered.Reverse())
            await context.SettleAsync(subscription, position).ConfigureAwait(false);
        await subscription.DisposeAsync().ConfigureAwait(false);
        return topic;
    }

    private static async Task ExpectScatteredAsync(LogCheckContext context, ILogTopic topic)
    {
        await using var subscription = await context.SubscribeAsync(topic).ConfigureAwait(false);
        Expect.Equal(3, subscription.Opened.Low, "Watermark");
        Expect.Sequence(Scattered, Enumerable.Range(1, 250).Select(i => (long)i).Where(i => subscription.Opened.Contains(i)), "Settled positions");
        Expect.Equal(3, (await context.FindAsync("billing").ConfigureAwait(false))?.Low, "Watermark in the list");
    }

    private static async Task HasPassedAsync(LogCheckContext context)
    {
        var topic = await SettleScatteredAsync(context).ConfigureAwait(false);
        for (long position = 1; position <= 200; position++)
            Expect.Equal(Scattered.Contains(position), await context.Log.HasPassedAsync("billing", position, context.Cancellation).ConfigureAwait(false), $"Position {position}");
        await using var subscription = await context.SubscribeAsync(topic).ConfigureAwait(false);
        await context.SettleAsync(subscription, 12).ConfigureAwait(false);
        Expect.That(await context.Log.HasPassedAsync("billing", 12, context.Cancellation).ConfigureAwait(false), "What an open subscription settled does not count.");
        Expect.That(!await context.Log.HasPassedAsync("nobody", 1, context.Cancellation).ConfigureAwait(false), "A subscription that does not exist has passed a position.");
        await context.SettleAsync(subscription, 4).ConfigureAwait(false);
        Expect.That(await context.Log.HasPassedAsync("billing", 4, context.Cancellation).ConfigureAwait(false), "What the watermark moved over does not count.");
    }

    private static async Task SettledTwiceAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var subscription = await context.SubscribeAsync(topic).ConfigureAwait(false);
        await context.AppendManyAsync(topic, 9).ConfigureAwait(false);
        await context.SettleAsync(subscription, 1, 2, 5, 5, 1).ConfigureAwait(false);
        await context.SettleAsync(subscription, 2, 5, 1).ConfigureAwait(false);
        await subscription.DisposeAsync().ConfigureAwait(false);
        var opened = (await context.SubscribeAsync(topic).ConfigureAwait(false)).Opened;
        Expect.Sequence([1L, 2, 5], Enumerable.Range(1, 20).Select(i => (long)i).Where(i => opened.Contains(i)), "Settled positions");
    }

    private static async Task OneReaderAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var reader = await context.SubscribeAsync(topic).ConfigureAwait(false);
        await Expect.ThrowsAsync<LogException>(() => context.SubscribeAsync(topic).AsTask(), "A second reader").ConfigureAwait(false);
        await reader.DisposeAsync().ConfigureAwait(false);
        await reader.DisposeAsync().ConfigureAwait(false);
        var next = await context.SubscribeAsync(topic).ConfigureAwait(false);
        await reader.DisposeAsync().ConfigureAwait(false);
        await Expect.ThrowsAsync<LogException>(() => context.SubscribeAsync(topic).AsTask(), "A second reader, after the first one was closed again").ConfigureAwait(false);
        await next.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task OneTopicAsync(LogCheckContext context)
    {
        var (orders, bills) = (await context.TopicAsync().ConfigureAwait(false), await context.TopicAsync("bills").ConfigureAwait(false));
        var subscription = await context.SubscribeAsync(orders).ConfigureAwait(false);
        await Expect.ThrowsAsync<LogException>(() => context.SubscribeAsync(bills).AsTask(), "The same name on another topic").ConfigureAwait(false);
        await subscription.DisposeAsync().ConfigureAwait(false);
        await Expect.ThrowsAsync<LogException>(() => context.SubscribeAsync(bills).AsTask(), "The same name on another topic, once closed").ConfigureAwait(false);
        Expect.Equal("orders", (await context.FindAsync("billing").ConfigureAwait(false))?.Topic, "Topic");
    }

    private static async Task AreIndependentAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var (one, two) = (await context.SubscribeAsync(topic, "one").ConfigureAwait(false), await context.SubscribeAsync(topic, "two").ConfigureAwait(false));
        await context.AppendManyAsync(topic, 3).ConfigureAwait(false);
        await context.SettleAsync(one, 1, 2).ConfigureAwait(false);
        await context.SettleAsync(two, 1).ConfigureAwait(false);
        Expect.Equal(2, (await context.FindAsync("one").ConfigureAwait(false))?.Low, "Cursor of the first");
        Expect.Equal(1, (await context.FindAsync("two").ConfigureAwait(false))?.Low, "Cursor of the second");
    }

    private static async Task ListAsync(LogCheckContext context)
    {
        Expect.Equal(0, (await context.Log.ListSubscriptionsAsync(context.Cancellation).ConfigureAwait(false)).Count, "Subscriptions of an empty log");
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var open = await context.SubscribeAsync(topic).ConfigureAwait(false);
        await (await context.SubscribeAsync(await context.TopicAsync("bills").ConfigureAwait(false), "closed").ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        await context.AppendManyAsync(topic, 9).ConfigureAwait(false);
        await context.SettleAsync(open, 1, 2, 3, 4, 5, 6).ConfigureAwait(false);
        await context.ParkAsync(open, context.Parked(1, ParkedState.Dead), context.Parked(2, ParkedState.Retry, "k"), context.Parked(3, ParkedState.Behind, "k"),
            context.Parked(4, ParkedState.Behind, "k"), context.Parked(5, ParkedState.Dead), context.Parked(6, ParkedState.Dead)).ConfigureAwait(false);

        var all = (await context.Log.ListSubscriptionsAsync(context.Cancellation).ConfigureAwait(false)).OrderBy(s => s.Name, StringComparer.Ordinal);
        Expect.Sequence(
            [new("billing", "orders", 6, 9, Retrying: 1, Behind: 2, Dead: 3, context.Now), new SubscriptionInfo("closed", "bills", 0, 0, 0, 0, 0, context.Now)], all, "List");
    }

    private static async Task UpdatedAtAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var subscription = await context.SubscribeAsync(topic).ConfigureAwait(false);
        await context.AppendManyAsync(topic, 2).ConfigureAwait(false);
        context.Advance(TimeSpan.FromMinutes(5));
        await context.SettleAsync(subscription, 1).ConfigureAwait(false);
        var moved = context.Now;
        context.Advance(TimeSpan.FromMinutes(5));
        await context.AppendAsync(topic, "more").ConfigureAwait(false);
        Expect.Equal(moved, (await context.FindAsync("billing").ConfigureAwait(false))?.UpdatedAt, "When the cursor moved");
    }

    private static async Task RemoveAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var subscription = await context.SubscribeAsync(topic).ConfigureAwait(false);
        await context.AppendManyAsync(topic, 3).ConfigureAwait(false);
        await context.SettleAsync(subscription, 1, 3).ConfigureAwait(false);
        await context.ParkAsync(subscription, context.Parked(1, ParkedState.Dead), context.Parked(3, ParkedState.Retry)).ConfigureAwait(false);
        await Expect.ThrowsAsync<LogException>(() => RemoveAsync("billing"), "Removing an open subscription").ConfigureAwait(false);
        await subscription.DisposeAsync().ConfigureAwait(false);

        Expect.Equal(false, await RemoveAsync("nobody").ConfigureAwait(false), "Removing one that does not exist");
        Expect.Equal(true, await RemoveAsync("billing").ConfigureAwait(false), "Removing one that exists");
        Expect.Equal(false, await RemoveAsync("billing").ConfigureAwait(false), "Removing it again");
        Expect.Equal(null, await context.FindAsync("billing").ConfigureAwait(false), "What the list has of it");

        var again = await context.SubscribeAsync(topic).ConfigureAwait(false);
        Expect.Equal(3, again.Opened.Low, "Cursor of a new one of that name");
        var info = await context.FindAsync("billing").ConfigureAwait(false);
        Expect.Equal(0, info!.Dead + info.Retrying + info.Behind, "Parked messages of a new one of that name");

        Task<bool> RemoveAsync(string name) => context.Log.RemoveSubscriptionAsync(name, context.Cancellation).AsTask();
    }

    private static async Task SeekAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var subscription = await context.SubscribeAsync(topic).ConfigureAwait(false);
        await context.AppendManyAsync(topic, 4).ConfigureAwait(false);
        context.Advance(TimeSpan.FromHours(1));
        var later = context.Now;
        await context.AppendManyAsync(topic, 4).ConfigureAwait(false);
        await context.SettleAsync(subscription, 1, 2, 3, 5).ConfigureAwait(false);
        await context.ParkAsync(subscription, context.Parked(2, ParkedState.Dead)).ConfigureAwait(false);
        await Expect.ThrowsAsync<LogException>(() => SeekAsync("billing", SubscriptionStart.New), "Moving an open subscription").ConfigureAwait(false);
        await subscription.DisposeAsync().ConfigureAwait(false);

        Expect.Equal(false, await SeekAsync("nobody", SubscriptionStart.New).ConfigureAwait(false), "Moving one that does not exist");
        foreach (var (start, low) in new[] { (SubscriptionStart.Beginning, 0L), (SubscriptionStart.New, 8), (new(later), 4) })
        {
            Expect.Equal(true, await SeekAsync("billing", start).ConfigureAwait(false), "Moving one that exists");
            await using var moved = await context.SubscribeAsync(topic).ConfigureAwait(false);
            Expect.Equal(low, moved.Opened.Low, $"Cursor after moving to {start}");
            Expect.That(!moved.Opened.Contains(low + 1), $"Position {low + 1} counts as settled after moving to {start}.");
            Expect.Equal(1, (await context.FindAsync("billing").ConfigureAwait(false))?.Dead, "Dead letters");
        }

        Task<bool> SeekAsync(string name, SubscriptionStart start) => context.Log.SeekAsync(name, start, context.Cancellation).AsTask();
    }
}
