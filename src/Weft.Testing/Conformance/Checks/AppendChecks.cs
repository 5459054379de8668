using Weft.Flows;

namespace Weft.Testing;

internal static class AppendChecks
{
    private static readonly string[] OddNames =
    [
        "a", "A", " a", "a ", "a.b", "a_b", "a/b", "a\\b", "..", "log_1", "sqlite_master", "select", "o'hare", "\"quoted\"", "[x]", "%s", "a;drop table topic;--",
        "\u00fcn\u00efc\u00f6de", "\u8def\u7531", "line\nbreak", new('n', 200),
    ];

    public static IReadOnlyList<LogCheck> All { get; } =
    [
        new("append_is_readable", "When an append returns, the message is at its position and the head is not before it.", IsReadableAsync),
        new("positions_are_dense", "Positions start at 1 and have no gaps, however many append at once.", AreDenseAsync),
        new("publishers_keep_their_order", "What one publisher appends stays in its order; nothing is lost or invented.", KeepOrderAsync),
        new("bytes_come_back", "Messages and keys come back byte for byte: empty, all byte values, one megabyte.", BytesComeBackAsync),
        new("many_appends_at_once", "Thousands of appends may be under way at once; a full queue waits and drops nothing.", ManyAtOnceAsync),
        new("appended_at_is_the_clock", "A message carries the time of the clock at which it was appended.", AppendedAtAsync),
        new("topics_are_isolated", "Each topic has positions and messages of its own.", AreIsolatedAsync),
        new("odd_names", "Any text can be the name of a topic or of a subscription, and case counts.", OddNamesAsync),
        new("topic_opened_twice", "Opening a topic again gives the same topic.", OpenedTwiceAsync),
        new("cancelled_append", "An append that was given up leaves the log working; what returned is stored.", CancelledAsync),
    ];

    private static async Task IsReadableAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        Expect.Equal(0, topic.Head, "Head of an empty topic");
        var into = new LogEntry[1];
        for (int i = 1; i <= 50; i++)
        {
            long position = await context.AppendAsync(topic, Text.Of(i), "key").ConfigureAwait(false);
            Expect.Equal(i, position, "Position");
            Expect.That(topic.Head >= position, $"The append returned {position} and the head is {topic.Head}.");
            Expect.Equal(1, await topic.ReadAsync(position - 1, into, context.Cancellation).ConfigureAwait(false), "Entries read");
            Expect.Equal(Text.Of(i), Text.Of(into[0]), "Message");
        }
    }

    private static async Task AreDenseAsync(LogCheckContext context)
    {
        const int Publishers = 16, Each = 60;
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var returned = new string?[Publishers * Each + 1];
        await LogCheckContext.AtOnceAsync(Publishers, async p =>
        {
            for (int i = 0; i < Each; i++)
            {
                long position = await context.AppendAsync(topic, $"{p}/{i}").ConfigureAwait(false);
                Expect.That(position >= 1 && position < returned.Length, $"Position {position} is outside 1 to {returned.Length - 1}.");
                Expect.Equal(null, Interlocked.Exchange(ref returned[position], $"{p}/{i}"), $"What was appended at position {position} before");
            }
        }).ConfigureAwait(false);

        var all = await context.ReadAllAsync(topic).ConfigureAwait(false);
        Expect.Sequence(Enumerable.Range(1, Publishers * Each).Select(i => (long)i), all.Select(e => e.Position), "Positions read");
        Expect.Sequence(returned.Skip(1), all.Select(e => Text.Of(e)), "Messages at the positions that the appends returned");
    }

    private static async Task KeepOrderAsync(LogCheckContext context)
    {
        const int Publishers = 16, Each = 100, Keys = 5;
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var history = new History();
        await LogCheckContext.AtOnceAsync(Publishers, async p =>
        {
            for (int i = 0; i < Each; i++)
            {
                var e = new HistoryEvent(i % Keys, p, i);
                history.Publishing(e);
                await context.AppendAsync(topic, $"{e.Key} {e.Publisher} {e.Sequence}", Text.Of(e.Key)).ConfigureAwait(false);
                history.Published(e);
            }
        }).ConfigureAwait(false);

        foreach (var entry in await context.ReadAllAsync(topic).ConfigureAwait(false))
        {
            var part = Text.Of(entry).Split(' ').Select(int.Parse).ToArray();
            Expect.Bytes(Text.Bytes(Text.Of(part[0])), entry.Key, $"Key at position {entry.Position}");
            history.Delivering(new(part[0], part[1], part[2]));
            history.Delivered(new(part[0], part[1], part[2]));
        }
        var verdict = history.Check();
        verdict.ThrowIfViolated();
        Expect.Equal(0, verdict.Duplicates, "Messages stored twice");
    }

    private static async Task BytesComeBackAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var all = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        var large = new byte[1 << 20];
        for (int i = 0; i < large.Length; i++)
            large[i] = (byte)((i * 31) ^ (i >> 8));
        (byte[] Body, byte[] Key)[] cases = [([], []), ([0], [0]), (all, all), (large, []), ([], large[..1000]), (large[1..], [0, 0, 0]), ([0, 0, 0], [])];

        foreach (var (body, key) in cases)
            await topic.AppendAsync(new(body), key, context.Cancellation).ConfigureAwait(false);
        await LogCheckContext.AtOnceAsync(8, async i => await topic.AppendAsync(new(large), all, context.Cancellation).ConfigureAwait(false)).ConfigureAwait(false);

        var read = await context.ReadAllAsync(topic).ConfigureAwait(false);
        Expect.Equal(cases.Length + 8, read.Count, "Entries read");
        for (int i = 0; i < read.Count; i++)
        {
            var (body, key) = i < cases.Length ? cases[i] : (large, all);
            Expect.Bytes(body, read[i].Message.Bytes, $"Message at position {i + 1}");
            Expect.Bytes(key, read[i].Key, $"Key at position {i + 1}");
        }
    }

    private static async Task ManyAtOnceAsync(LogCheckContext context)
    {
        const int Count = 20_000;
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var appends = new Task<long>[Count];
        for (int i = 0; i < Count; i++)
            appends[i] = context.AppendAsync(topic, Text.Of(i)).AsTask();
        long[] positions = await Task.WhenAll(appends).ConfigureAwait(false);

        var all = await context.ReadAllAsync(topic, pageSize: 1000).ConfigureAwait(false);
        Expect.Equal(Count, all.Count, "Messages stored");
        for (int i = 0; i < Count; i++)
            Expect.Equal(Text.Of(i), Text.Of(all[(int)positions[i] - 1]), $"Message at position {positions[i]}");
    }

    private static async Task AppendedAtAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var times = new List<DateTimeOffset>();
        for (int i = 0; i < 3; i++)
        {
            times.Add(context.Now);
            await context.AppendAsync(topic, "x").ConfigureAwait(false);
            context.Advance(TimeSpan.FromSeconds(7));
        }
        var all = await context.ReadAllAsync(topic).ConfigureAwait(false);
        Expect.Sequence(times, all.Select(e => e.AppendedAt), "Times");
    }

    private static async Task AreIsolatedAsync(LogCheckContext context)
    {
        var first = await context.TopicAsync("first").ConfigureAwait(false);
        var second = await context.TopicAsync("second").ConfigureAwait(false);
        for (int i = 1; i <= 3; i++)
        {
            Expect.Equal(i, await context.AppendAsync(first, $"first {i}").ConfigureAwait(false), "Position in the first topic");
            Expect.Equal(i, await context.AppendAsync(second, $"second {i}").ConfigureAwait(false), "Position in the second topic");
        }
        Expect.Sequence(["first 1", "first 2", "first 3"], (await context.ReadAllAsync(first).ConfigureAwait(false)).Select(e => Text.Of(e)), "First topic");
        Expect.Sequence(["second 1", "second 2", "second 3"], (await context.ReadAllAsync(second).ConfigureAwait(false)).Select(e => Text.Of(e)), "Second topic");
    }

    private static async Task OddNamesAsync(LogCheckContext context)
    {
        foreach (string name in OddNames)
        {
            var topic = await context.TopicAsync(name).ConfigureAwait(false);
            Expect.Equal(name, topic.Name, "Name of the topic");
            Expect.Equal(1, await context.AppendAsync(topic, name).ConfigureAwait(false), $"First position in topic '{name}'");
            await context.SubscribeAsync(topic, name).ConfigureAwait(false);
        }
        foreach (string name in OddNames)
        {
            var all = await context.ReadAllAsync(await context.TopicAsync(name).ConfigureAwait(false)).ConfigureAwait(false);
            Expect.Sequence([name], all.Select(e => Text.Of(e)), $"Messages of topic '{name}'");
            Expect.Equal(name, (await context.FindAsync(name).ConfigureAwait(false))?.Topic, $"Topic of subscription '{name}'");
        }
    }

    private static async Task OpenedTwiceAsync(LogCheckContext context)
    {
        var one = await context.TopicAsync().ConfigureAwait(false);
        await context.AppendAsync(one, "one").ConfigureAwait(false);
        var other = await context.TopicAsync().ConfigureAwait(false);
        Expect.Equal(1, other.Head, "Head of the topic that was opened again");
        Expect.Equal(2, await context.AppendAsync(other, "two").ConfigureAwait(false), "Position");
        Expect.Equal(2, one.Head, "Head of the topic that was opened first");
    }

    private static async Task CancelledAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var stored = new System.Collections.Concurrent.ConcurrentDictionary<long, string>();
        await LogCheckContext.AtOnceAsync(64, async i =>
        {
            using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
            if (i % 4 == 0)
                await giveUp.CancelAsync().ConfigureAwait(false);
            try
            {
                var append = topic.AppendAsync(Text.Message(Text.Of(i)), default, giveUp.Token).AsTask();
                if (i % 4 == 1)
                    await giveUp.CancelAsync().ConfigureAwait(false);
                stored[await append.ConfigureAwait(false)] = Text.Of(i);
            }
            catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
            {
                // Given up: it may be stored or not.
            }
        }).ConfigureAwait(false);

        Expect.That(stored.Count >= 32, $"32 appends were not given up and {stored.Count} returned.");
        stored[await context.AppendAsync(topic, "last").ConfigureAwait(false)] = "last";
        var all = await context.ReadAllAsync(topic).ConfigureAwait(false);
        Expect.Sequence(Enumerable.Range(1, all.Count).Select(i => (long)i), all.Select(e => e.Position), "Positions");
        Expect.Equal(all.Count, all.Select(e => Text.Of(e)).Distinct().Count(), "Different messages");
        foreach (var (position, text) in stored)
            Expect.Equal(text, Text.Of(all[(int)position - 1]), $"Message at position {position}");
    }
}
