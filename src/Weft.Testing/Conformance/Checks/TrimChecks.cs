using Weft.Flows;

namespace Weft.Testing;

internal static class TrimChecks
{
    public static IReadOnlyList<LogCheck> All { get; } =
    [
        new("trim_drops_old", "Trimming drops what is older than asked and says how many; the head and later positions stay.", DropsOldAsync),
        new("trim_spares_unread", "Trimming never passes what a subscription, open or not, has yet to settle.", SparesUnreadAsync),
        new("trim_passes_orphans", "Trimming passes what only orphans have yet to settle; other subscriptions still hold it.", PassesOrphansAsync),
        new("read_passes_over_trimmed", "A read from before the trimmed part goes on after it.", PassesOverAsync),
        new("start_after_trim", "A subscription from the beginning starts with the first message that is left.", StartAsync, LogNeeds.Replay),
        new("trimmed_to_nothing", "A topic without any message left keeps its head and counts on, also when opened again.", ToNothingAsync, LogNeeds.Reopen | LogNeeds.Durability),
        new("append_during_trim", "Appends and reads go on while the log is trimmed.", DuringAppendsAsync),
    ];

    private static async Task<long> TrimAllAsync(LogCheckContext context, ILogTopic topic, DateTimeOffset before, params string[] orphans)
    {
        long dropped = 0;
        var passed = orphans.ToHashSet(StringComparer.Ordinal);
        while (await topic.TrimAsync(before, passed, context.Cancellation).ConfigureAwait(false) is > 0 and var slice)
            dropped += slice;
        return dropped;
    }

    /// <summary>Appends messages, lets an hour pass and appends as many again.</summary>
    private static async Task<(ILogTopic Topic, DateTimeOffset Between)> OldAndYoungAsync(LogCheckContext context, int each)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        await context.AppendManyAsync(topic, each).ConfigureAwait(false);
        context.Advance(TimeSpan.FromHours(1));
        var between = context.Now;
        await context.AppendManyAsync(topic, each).ConfigureAwait(false);
        return (topic, between);
    }

    private static async Task ExpectAsync(LogCheckContext context, ILogTopic topic, int from, int to)
    {
        var all = await context.ReadAllAsync(topic).ConfigureAwait(false);
        Expect.Sequence(Enumerable.Range(from, to - from + 1).Select(i => (long)i), all.Select(e => e.Position), "Positions that are left");
        Expect.Sequence(Enumerable.Range(from, to - from + 1).Select(i => Text.Of(i)), all.Select(e => Text.Of(e)), "Messages that are left");
    }

    private static async Task DropsOldAsync(LogCheckContext context)
    {
        var (topic, between) = await OldAndYoungAsync(context, 600).ConfigureAwait(false);
        Expect.Equal(0, await TrimAllAsync(context, topic, between.AddHours(-1)).ConfigureAwait(false), "Dropped of what is not older");
        Expect.Equal(600, await TrimAllAsync(context, topic, between).ConfigureAwait(false), "Dropped");
        await ExpectAsync(context, topic, 601, 1200).ConfigureAwait(false);
        Expect.Equal(1200, topic.Head, "Head");
        Expect.Equal(1201, await context.AppendAsync(topic, "1201").ConfigureAwait(false), "Next position");
    }

    private static async Task PassesOrphansAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var kept = await context.SubscribeAsync(topic, "kept").ConfigureAwait(false);
        await (await context.SubscribeAsync(topic, "orphan").ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        await context.SubscribeAsync(topic, "open orphan").ConfigureAwait(false);
        await context.AppendManyAsync(topic, 10).ConfigureAwait(false);
        await context.SettleAsync(kept, 1, 2, 3).ConfigureAwait(false);
        context.Advance(TimeSpan.FromHours(1));

        Expect.Equal(0, await TrimAllAsync(context, topic, context.Now, "orphan").ConfigureAwait(false), "Dropped while another one is at 0");
        Expect.Equal(3, await TrimAllAsync(context, topic, context.Now, "orphan", "open orphan", "nobody").ConfigureAwait(false), "Dropped");
        await ExpectAsync(context, topic, 4, 10).ConfigureAwait(false);
        var orphan = await context.SubscribeAsync(topic, "orphan").ConfigureAwait(false);
        Expect.That(!orphan.Opened.Contains(4), "What is left counts as settled for the orphan.");
    }

    private static async Task SparesUnreadAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var (open, closed) = (await context.SubscribeAsync(topic, "open").ConfigureAwait(false), await context.SubscribeAsync(topic, "closed").ConfigureAwait(false));
        var elsewhere = await context.TopicAsync("elsewhere").ConfigureAwait(false);
        await context.SubscribeAsync(elsewhere, "elsewhere").ConfigureAwait(false);
        await context.AppendManyAsync(elsewhere, 1).ConfigureAwait(false);
        await context.AppendManyAsync(topic, 10).ConfigureAwait(false);
        await context.SettleAsync(open, 1, 2, 3, 4, 6, 7).ConfigureAwait(false);
        await context.SettleAsync(closed, 1, 2).ConfigureAwait(false);
        await closed.DisposeAsync().ConfigureAwait(false);
        context.Advance(TimeSpan.FromHours(1));

        Expect.Equal(2, await TrimAllAsync(context, topic, context.Now).ConfigureAwait(false), "Dropped while the closed one is at 2");
        await ExpectAsync(context, topic, 3, 10).ConfigureAwait(false);
        await context.SettleAsync(await context.SubscribeAsync(topic, "closed").ConfigureAwait(false), 3, 4, 5, 6, 7, 8, 9, 10).ConfigureAwait(false);
        await TrimAllAsync(context, topic, context.Now).ConfigureAwait(false);
        var left = (await context.ReadAllAsync(topic).ConfigureAwait(false)).Select(e => e.Position).ToArray();
        Expect.Sequence([5L, 8, 9, 10], left.Where(p => p is 5 or >= 8), "Unread positions that are left");
        Expect.That(!left.Contains(4), "Position 4 was passed by everybody and is still there.");
    }

    private static async Task PassesOverAsync(LogCheckContext context)
    {
        var (topic, between) = await OldAndYoungAsync(context, 50).ConfigureAwait(false);
        await TrimAllAsync(context, topic, between).ConfigureAwait(false);
        foreach (long after in new long[] { 0, 1, 49, 50 })
        {
            foreach (int size in new[] { 1, 7, 100 })
            {
                var page = new LogEntry[size];
                int count = await topic.ReadAsync(after, page, context.Cancellation).ConfigureAwait(false);
                Expect.That(count > 0, $"A read of {size} after {after} gave nothing although messages follow the trimmed part.");
                Expect.Equal(51, page[0].Position, $"First position read after {after} in a page of {size}");
            }
        }
    }

    private static async Task StartAsync(LogCheckContext context)
    {
        var (topic, between) = await OldAndYoungAsync(context, 5).ConfigureAwait(false);
        await TrimAllAsync(context, topic, between).ConfigureAwait(false);
        foreach (var start in new[] { SubscriptionStart.Beginning, new(between.AddMinutes(-1)) })
        {
            var opened = (await context.SubscribeAsync(topic, start.ToString(), start).ConfigureAwait(false)).Opened;
            var first = (await context.ReadAllAsync(topic, opened.Low).ConfigureAwait(false))[0];
            Expect.Equal(6, first.Position, $"First position of a start at {start}");
            Expect.That(!opened.Contains(6), "The first message that is left counts as settled.");
        }
    }

    private static async Task ToNothingAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        await context.AppendManyAsync(topic, 7).ConfigureAwait(false);
        context.Advance(TimeSpan.FromHours(1));
        Expect.Equal(7, await TrimAllAsync(context, topic, context.Now).ConfigureAwait(false), "Dropped");
        Expect.Equal(7, topic.Head, "Head");
        await context.ReopenAsync().ConfigureAwait(false);
        topic = await context.TopicAsync().ConfigureAwait(false);
        Expect.Equal(7, topic.Head, "Head when opened again");
        Expect.Equal(8, await context.AppendAsync(topic, "8").ConfigureAwait(false), "Next position");
        await ExpectAsync(context, topic, 8, 8).ConfigureAwait(false);
    }

    private static async Task DuringAppendsAsync(LogCheckContext context)
    {
        const int Old = 1500, Publishers = 4, Each = 200;
        var topic = await context.TopicAsync().ConfigureAwait(false);
        await LogCheckContext.AtOnceAsync(30, async _ =>
        {
            for (int i = 0; i < Old / 30; i++)
                await context.AppendAsync(topic, "old").ConfigureAwait(false);
        }).ConfigureAwait(false);
        context.Advance(TimeSpan.FromHours(1));
        var before = context.Now;

        long dropped = 0;
        await LogCheckContext.AtOnceAsync(Publishers + 1, async p =>
        {
            if (p == Publishers)
                dropped = await TrimAllAsync(context, topic, before).ConfigureAwait(false);
            else
                for (int i = 0; i < Each; i++)
                    await context.AppendAsync(topic, "young").ConfigureAwait(false);
        }).ConfigureAwait(false);

        Expect.Equal(Old, dropped, "Dropped");
        var all = await context.ReadAllAsync(topic).ConfigureAwait(false);
        Expect.Sequence(Enumerable.Range(Old + 1, Publishers * Each).Select(i => (long)i), all.Select(e => e.Position), "Positions that are left");
        Expect.That(all.TrueForAll(e => Text.Of(e) == "young"), "Old messages are left.");
    }
}
