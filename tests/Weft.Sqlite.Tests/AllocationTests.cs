using Weft.Flows;
using Weft.Messages;

namespace Weft.Sqlite.Tests;

/// <summary>What the hot paths allocate once they are warm. The smallest object per message would be 24 bytes.</summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)] // They count for the whole process.
public sealed class AllocationTests : IDisposable
{
    private const int EventBytes = 512;

    private readonly StoreDirectory _directory = new();
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task An_append_allocates_nothing()
    {
        await using var log = Open();
        var topic = await log.OpenTopicAsync("orders", Token);
        await PublishAsync(topic, 500);

        long before = GC.GetTotalAllocatedBytes(precise: true);
        await PublishAsync(topic, 1_250);
        long each = (GC.GetTotalAllocatedBytes(precise: true) - before) / (16 * 1_250);

        Assert.InRange(each, 0, 7); // The tasks of the publishers themselves are in it.
    }

    [Fact]
    public async Task A_transaction_allocates_nothing_for_what_it_holds()
    {
        await using var log = Open();
        var topic = await log.OpenTopicAsync("orders", Token);
        await using var subscription = await topic.OpenSubscriptionAsync("billing", SubscriptionStart.Beginning, Token);
        await using var transaction = log.Begin();
        var message = new Message(new byte[EventBytes]);
        long position = 0;
        await CommitAsync(50);

        long before = GC.GetTotalAllocatedBytes(precise: true);
        await CommitAsync(50);
        long each = (GC.GetTotalAllocatedBytes(precise: true) - before) / (50 * 200);

        Assert.InRange(each, 0, 7);

        async Task CommitAsync(int commits)
        {
            for (int c = 0; c < commits; c++)
            {
                for (int i = 0; i < 100; i++)
                {
                    transaction.Append(topic, message, default);
                    transaction.Settle(subscription, ++position);
                }
                await transaction.CommitAsync(Token);
            }
        }
    }

    [Fact]
    public async Task A_read_allocates_the_bytes_of_the_messages()
    {
        await using var log = Open();
        var topic = await log.OpenTopicAsync("orders", Token);
        await PublishAsync(topic, 250);
        var page = new LogEntry[256];
        await ReadAsync();

        long before = GC.GetTotalAllocatedBytes(precise: true);
        long count = await ReadAsync();
        double each = (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / count;

        Assert.Equal(4_000, count);
        Assert.InRange(each, EventBytes, EventBytes + 4);

        async Task<long> ReadAsync()
        {
            long after = 0;
            while (await topic.ReadAsync(after, page, Token) is > 0 and var read)
                after = page[read - 1].Position;
            return after;
        }
    }

    private SqliteMessageLog Open() => _directory.Open(change: o => o with { Durability = Options.Durability.Os });

    private static Task PublishAsync(ILogTopic topic, int each) => Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
    {
        var message = new Message(new byte[EventBytes]);
        for (int i = 0; i < each; i++)
            await topic.AppendAsync(message, default, CancellationToken.None).ConfigureAwait(false);
    })));
}
