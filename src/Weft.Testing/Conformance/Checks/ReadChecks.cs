using Weft.Flows;

namespace Weft.Testing;

internal static class ReadChecks
{
    public static IReadOnlyList<LogCheck> All { get; } =
    [
        new("read_ends_at_head", "A read never gives what is past the head, and leaves no gap, while others append.", EndsAtHeadAsync),
        new("read_in_pages", "Pages of any size give the same entries, and entries of earlier pages stay as they were.", InPagesAsync),
        new("read_limits", "A read of nothing, at the end or past it gives nothing.", LimitsAsync),
        new("large_pages", "Large messages come in pages that make progress.", LargePagesAsync),
    ];

    private static async Task EndsAtHeadAsync(LogCheckContext context)
    {
        const int Publishers = 8, Each = 100;
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var publishing = LogCheckContext.AtOnceAsync(Publishers, async p =>
        {
            for (int i = 0; i < Each; i++)
                await context.AppendAsync(topic, $"{p}/{i}").ConfigureAwait(false);
        });

        await LogCheckContext.AtOnceAsync(3, async _ =>
        {
            var page = new LogEntry[33];
            long next = 1;
            while (next <= Publishers * Each)
            {
                int count = await topic.ReadAsync(next - 1, page, context.Cancellation).ConfigureAwait(false);
                long head = topic.Head;
                for (int i = 0; i < count; i++)
                    Expect.Equal(next++, page[i].Position, "Next position read");
                Expect.That(next - 1 <= head, $"Position {next - 1} was read and the head is {head}.");
                if (count == 0)
                    await topic.WaitAsync(next - 1, context.Cancellation).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
        await publishing.ConfigureAwait(false);
    }

    private static async Task InPagesAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        await context.AppendManyAsync(topic, 700).ConfigureAwait(false);
        foreach (int size in new[] { 1, 7, 256, 700, 5000 })
        {
            foreach (long after in new long[] { 0, 1, 255, 699 })
            {
                var all = await context.ReadAllAsync(topic, after, size).ConfigureAwait(false);
                var expected = Enumerable.Range((int)after + 1, 700 - (int)after).Select(i => (long)i).ToArray();
                Expect.Sequence(expected, all.Select(e => e.Position), $"Positions after {after} in pages of {size}");
                Expect.Sequence(expected.Select(Text.Of), all.Select(e => Text.Of(e)), $"Messages after {after} in pages of {size}");
            }
        }
    }

    private static async Task LimitsAsync(LogCheckContext context)
    {
        var topic = await context.TopicAsync().ConfigureAwait(false);
        var page = new LogEntry[10];
        Expect.Equal(0, await topic.ReadAsync(0, page, context.Cancellation).ConfigureAwait(false), "Entries of an empty topic");
        await context.AppendManyAsync(topic, 3).ConfigureAwait(false);
        Expect.Equal(0, await topic.ReadAsync(0, Memory<LogEntry>.Empty, context.Cancellation).ConfigureAwait(false), "Entries read into no room");
        Expect.Equal(0, await topic.ReadAsync(3, page, context.Cancellation).ConfigureAwait(false), "Entries after the head");
        Expect.Equal(0, await topic.ReadAsync(4, page, context.Cancellation).ConfigureAwait(false), "Entries after a position past the head");
        Expect.Equal(0, await topic.ReadAsync(long.MaxValue, page, context.Cancellation).ConfigureAwait(false), "Entries after the greatest number");
        Expect.Equal(1, await topic.ReadAsync(2, page, context.Cancellation).ConfigureAwait(false), "Entries after the last but one");
    }

    private static async Task LargePagesAsync(LogCheckContext context)
    {
        const int Count = 12;
        var topic = await context.TopicAsync().ConfigureAwait(false);
        for (int i = 1; i <= Count; i++)
        {
            var body = new byte[1 << 20];
            Array.Fill(body, (byte)i);
            await topic.AppendAsync(new(body), default, context.Cancellation).ConfigureAwait(false);
        }
        var all = await context.ReadAllAsync(topic, pageSize: 256).ConfigureAwait(false);
        Expect.Sequence(Enumerable.Range(1, Count).Select(i => (byte)i), all.Select(e => e.Message.Bytes.Span[^1]), "Last bytes of the messages");
    }
}
