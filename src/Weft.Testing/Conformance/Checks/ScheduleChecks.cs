using Weft.Flows;

namespace Weft.Testing;

internal static class ScheduleChecks
{
    public static IReadOnlyList<LogCheck> All { get; } =
    [
        new("schedule_waits", "A scheduled message is not in its topic, and is read in the order of due and token.", WaitsAsync, LogNeeds.Transactions),
        new("schedule_release", "Released, it is appended byte for byte with its key, at the time of its release, and no longer scheduled.", ReleaseAsync, LogNeeds.Transactions),
        new("schedule_release_once", "However many release it at once, it is appended once.", ReleaseOnceAsync, LogNeeds.Transactions),
        new("schedule_replace", "A token that is used again replaces the message and its time.", ReplaceAsync, LogNeeds.Transactions),
        new("schedule_take_back", "Taken back, it is gone; taking back and releasing what is gone does nothing.", TakeBackAsync, LogNeeds.Transactions),
        new("schedule_crash", "What was scheduled by a commit that returned survives a crash.", CrashAsync, LogNeeds.Transactions | LogNeeds.Crash),
        new("once", "A message of the same identity within the window is left out and has the position of the first; other topics and other identities do not matter.", OnceAsync),
        new("once_window", "An identity is forgotten when its window is over, trimmed or not.", OnceWindowAsync),
        new("once_many", "However many append the same identity at once, one is stored and all have its position.", OnceManyAsync),
        new("once_transaction", "A transaction leaves out what was appended before, in it or by others.", OnceTransactionAsync, LogNeeds.Transactions),
        new("once_crash", "An identity is remembered over a crash.", OnceCrashAsync, LogNeeds.Crash),
    ];

    private static async Task WaitsAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        await ScheduleAsync(context, topic, ("c", 10), ("b", 5), ("a", 10)).ConfigureAwait(false);
        Expect.Equal(0, topic.Head, "Head");
        Expect.Sequence(["b", "a", "c"], await TokensAsync(context, new()).ConfigureAwait(false), "Tokens");
        Expect.Sequence(["b"], await TokensAsync(context, new(DueBefore: context.Now.AddSeconds(9))).ConfigureAwait(false), "Tokens due within nine seconds");
        Expect.Sequence(["b", "a"], await TokensAsync(context, new(DueBefore: context.Now.AddSeconds(10), Limit: 2)).ConfigureAwait(false), "First two tokens");
        Expect.Sequence(["c"], await TokensAsync(context, new(Token: "c")).ConfigureAwait(false), "Tokens by token");
        Expect.Sequence([], await TokensAsync(context, new("another")).ConfigureAwait(false), "Tokens of another topic");
        Expect.Sequence(["b", "a", "c"], await TokensAsync(context, new(topic.Name)).ConfigureAwait(false), "Tokens of the topic");
        var first = (await context.Log.ReadScheduledAsync(new(Token: "a"), context.Cancellation).ConfigureAwait(false))[0];
        Expect.Equal(topic.Name, first.Topic, "Topic");
        Expect.Equal(context.Now.AddSeconds(10), first.Due, "Due");
        Expect.Bytes(Text.Bytes("key a"), first.Key, "Key");
    }

    private static async Task ReleaseAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        await ScheduleAsync(context, topic, ("a", 10)).ConfigureAwait(false);
        context.Advance(TimeSpan.FromSeconds(20));
        await ReleaseAsync(context, topic, "a").ConfigureAwait(false);
        var entry = (await context.ReadAllAsync(topic).ConfigureAwait(false)).Single();
        Expect.Equal("message a", Text.Of(entry), "Message");
        Expect.Bytes(Text.Bytes("key a"), entry.Key, "Key");
        Expect.Equal(context.Now, entry.AppendedAt, "Time");
        Expect.Sequence([], await TokensAsync(context, new()).ConfigureAwait(false), "Tokens");
    }

    private static async Task ReleaseOnceAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        string[] tokens = [.. Enumerable.Range(0, 20).Select(i => $"t{i}")];
        await ScheduleAsync(context, topic, [.. tokens.Select(t => (t, 0))]).ConfigureAwait(false);
        await LogCheckContext.AtOnceAsync(8, _ => ReleaseAsync(context, topic, tokens)).ConfigureAwait(false);
        var texts = (await context.ReadAllAsync(topic).ConfigureAwait(false)).Select(e => Text.Of(e));
        Expect.Sequence(tokens.Select(t => $"message {t}").Order(StringComparer.Ordinal), texts.Order(StringComparer.Ordinal), "Messages");
    }

    private static async Task ReplaceAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        await ScheduleAsync(context, topic, ("a", 10)).ConfigureAwait(false);
        await ScheduleAsync(context, topic, ("a", 30)).ConfigureAwait(false);
        var left = await context.Log.ReadScheduledAsync(new(), context.Cancellation).ConfigureAwait(false);
        Expect.Sequence([context.Now.AddSeconds(30)], left.Select(m => m.Due), "Due times");
    }

    private static async Task TakeBackAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        await ScheduleAsync(context, topic, ("a", 0), ("b", 0)).ConfigureAwait(false);
        Expect.That(await context.Log.UnscheduleAsync("a", context.Cancellation).ConfigureAwait(false), "Taking back a scheduled message said that there was none.");
        Expect.That(!await context.Log.UnscheduleAsync("a", context.Cancellation).ConfigureAwait(false), "Taking it back again said that there was one.");
        await ReleaseAsync(context, topic, "a", "b", "b", "never").ConfigureAwait(false);
        Expect.Sequence(["message b"], (await context.ReadAllAsync(topic).ConfigureAwait(false)).Select(e => Text.Of(e)), "Messages");
    }

    private static async Task CrashAsync(LogCheckContext context)
    {
        await ScheduleAsync(context, await context.TopicAsync().ConfigureAwait(false), ("a", 10)).ConfigureAwait(false);
        await context.CrashAsync().ConfigureAwait(false);
        Expect.Sequence(["a"], await TokensAsync(context, new()).ConfigureAwait(false), "Tokens after a crash");
        await ReleaseAsync(context, await context.TopicAsync().ConfigureAwait(false), "a").ConfigureAwait(false);
        Expect.Sequence(["message a"], (await context.ReadAllAsync(await context.TopicAsync().ConfigureAwait(false)).ConfigureAwait(false)).Select(e => Text.Of(e)), "Messages");
    }

    private static async Task OnceAsync(LogCheckContext context)
    {
        var (orders, other) = (await context.TopicAsync().ConfigureAwait(false), await context.TopicAsync("other").ConfigureAwait(false));
        await context.AppendAsync(orders, "before").ConfigureAwait(false);
        Expect.Equal(2, await AppendAsync(context, orders, "first", "a").ConfigureAwait(false), "Position of the first");
        Expect.Equal(2, await AppendAsync(context, orders, "again", "a").ConfigureAwait(false), "Position of the second of the same identity");
        Expect.Equal(3, await AppendAsync(context, orders, "another", "b").ConfigureAwait(false), "Position of another identity");
        Expect.Equal(1, await AppendAsync(context, other, "first", "a").ConfigureAwait(false), "Position in another topic");
        Expect.Sequence(["before", "first", "another"], (await context.ReadAllAsync(orders).ConfigureAwait(false)).Select(e => Text.Of(e)), "Messages");
    }

    private static async Task OnceWindowAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        await AppendAsync(context, topic, "1", "a").ConfigureAwait(false);
        context.Advance(TimeSpan.FromSeconds(59));
        await topic.TrimAsync(DateTimeOffset.MinValue, LogCheckContext.NoOrphans, context.Cancellation).ConfigureAwait(false);
        Expect.Equal(1, await AppendAsync(context, topic, "within", "a").ConfigureAwait(false), "Position within the window");
        context.Advance(TimeSpan.FromSeconds(1));
        Expect.Equal(2, await AppendAsync(context, topic, "after", "a").ConfigureAwait(false), "Position after the window");
        context.Advance(TimeSpan.FromSeconds(61));
        await topic.TrimAsync(DateTimeOffset.MinValue, LogCheckContext.NoOrphans, context.Cancellation).ConfigureAwait(false);
        Expect.Equal(3, await AppendAsync(context, topic, "later", "a").ConfigureAwait(false), "Position after a trim");
    }

    private static async Task OnceManyAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var positions = new long[16];
        await LogCheckContext.AtOnceAsync(positions.Length, async i => positions[i] = await AppendAsync(context, topic, Text.Of(i), "a").ConfigureAwait(false)).ConfigureAwait(false);
        Expect.Sequence(Enumerable.Repeat(1L, positions.Length), positions, "Positions");
        Expect.Equal(1, topic.Head, "Head");
    }

    private static async Task OnceTransactionAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        await AppendAsync(context, topic, "before", "a").ConfigureAwait(false);
        await using var transaction = context.Log.Begin();
        foreach (var (text, id) in (ReadOnlySpan<(string, string)>)[("x", "a"), ("y", "b"), ("z", "b")])
            transaction.Append(topic, Text.Message(text), default, new(Text.Bytes(id), TimeSpan.FromMinutes(1)));
        await transaction.CommitAsync(context.Cancellation).ConfigureAwait(false);
        Expect.Sequence(["before", "y"], (await context.ReadAllAsync(topic).ConfigureAwait(false)).Select(e => Text.Of(e)), "Messages");
    }

    private static async Task OnceCrashAsync(LogCheckContext context)
    {
        await AppendAsync(context, await context.TopicAsync().ConfigureAwait(false), "first", "a").ConfigureAwait(false);
        await context.CrashAsync().ConfigureAwait(false);
        Expect.Equal(1, await AppendAsync(context, await context.TopicAsync().ConfigureAwait(false), "again", "a").ConfigureAwait(false), "Position after a crash");
    }

    private static ValueTask<long> AppendAsync(LogCheckContext context, ILogTopic topic, string text, string identity) =>
        topic.AppendAsync(Text.Message(text), default, context.Cancellation, new(Text.Bytes(identity), TimeSpan.FromMinutes(1)));

    private static async Task ScheduleAsync(LogCheckContext context, ILogTopic topic, params (string Token, int Seconds)[] messages)
    {
        await using var transaction = context.Log.Begin();
        foreach (var (token, seconds) in messages)
        {
            transaction.Schedule(topic, new()
            {
                Token = token,
                Topic = topic.Name,
                Due = context.Now.AddSeconds(seconds),
                Key = Text.Bytes("key " + token),
                Message = Text.Message("message " + token),
            });
        }
        await transaction.CommitAsync(context.Cancellation).ConfigureAwait(false);
    }

    private static async Task ReleaseAsync(LogCheckContext context, ILogTopic topic, params string[] tokens)
    {
        await using var transaction = context.Log.Begin();
        foreach (string token in tokens)
        {
            transaction.Release(topic, token);
            await transaction.CommitAsync(context.Cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<string[]> TokensAsync(LogCheckContext context, ScheduledQuery query) =>
        [.. (await context.Log.ReadScheduledAsync(query, context.Cancellation).ConfigureAwait(false)).Select(m => m.Token)];
}
