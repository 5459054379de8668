using Weft.Flows;

namespace Weft.Sqlite.Tests;

[Collection(nameof(Alone))] // One test counts what the process allocates.
public sealed class AppendTests : IDisposable
{
    private readonly StoreDirectory _directory = new();
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_was_appended_is_read_back_after_reopening()
    {
        await using (var log = _directory.Open())
        {
            var topic = await log.OpenTopicAsync("orders", Token);
            Assert.Equal(1, await topic.AppendAsync(Messages.Of(7), new byte[] { 1, 2 }, Token));
            Assert.Equal(2, await topic.AppendAsync(Messages.Of(8), default, Token));
        }

        await using (var log = _directory.Open())
        {
            var topic = await log.OpenTopicAsync("orders", Token);
            Assert.Equal(2, topic.Head);
            var all = await topic.ReadAllAsync();
            Assert.Equal([7L, 8], all.Select(e => e.Message.Number()));
            Assert.Equal([1, 2], all[0].Key.ToArray());
            Assert.True(all[1].Key.IsEmpty);
            Assert.Equal(3, await topic.AppendAsync(Messages.Of(9), default, Token));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(64)]
    public async Task Positions_of_many_publishers_are_dense_and_keep_the_order_of_each(int publishers)
    {
        const int Each = 200;
        await using var log = _directory.Open(change: o => o with { Durability = Options.Durability.Os });
        var topic = await log.OpenTopicAsync("orders", Token);

        var positions = await Task.WhenAll(Enumerable.Range(0, publishers).Select(p => Task.Run(async () =>
        {
            var given = new long[Each];
            for (int i = 0; i < Each; i++)
                given[i] = await topic.AppendAsync(Messages.Of((p * 1_000_000L) + i), default, Token);
            return given;
        })));

        Assert.All(positions, given => Assert.Equal(given.Order(), given));
        Assert.Equal(Enumerable.Range(1, publishers * Each).Select(p => (long)p), positions.SelectMany(p => p).Order());
        foreach (var entry in await topic.ReadAllAsync())
        {
            var (publisher, i) = Math.DivRem(entry.Message.Number(), 1_000_000L);
            Assert.Equal(positions[publisher][i], entry.Position);
        }
    }

    [Fact]
    public async Task Callers_that_wait_together_share_a_commit()
    {
        await using var log = _directory.Open();
        var topic = await log.OpenTopicAsync("orders", Token);
        var gate = new TaskCompletionSource();
        var blocking = log.Writer.RunAsync(_ => { gate.Task.GetAwaiter().GetResult(); return 0; }, Token).AsTask();
        var (commits, _) = log.Writer.Counts;
        var waiting = Enumerable.Range(0, 100).Select(i => topic.AppendAsync(Messages.Of(i), default, Token).AsTask()).ToArray();

        gate.SetResult();
        await Task.WhenAll(waiting);
        await blocking;

        // The one that blocked, alone or with a few, and the rest.
        Assert.InRange(log.Writer.Counts.Commits - commits, 1, 2);
    }

    [Fact]
    public async Task A_caller_that_gives_up_in_the_queue_stores_nothing_and_frees_its_bytes()
    {
        await using var log = _directory.Open();
        var topic = await log.OpenTopicAsync("orders", Token);
        using var gate = new SemaphoreSlim(0);
        using var begun = new SemaphoreSlim(0);
        var blocking = log.Writer.RunAsync(_ => { begun.Release(); gate.Wait(Token); return 0; }, Token).AsTask();
        await begun.WaitAsync(Token);
        using var patience = new CancellationTokenSource();
        var given = topic.AppendAsync(Messages.Of(1), default, patience.Token).AsTask();
        var kept = topic.AppendAsync(Messages.Of(2), default, Token).AsTask();

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        gate.Release();

        Assert.Equal(1, await kept);
        await blocking;
        Assert.Equal([2L], (await topic.ReadAllAsync()).Select(e => e.Message.Number()));
    }

    [Fact]
    public async Task A_caller_that_the_writer_has_begun_with_gets_its_result_however_late_it_gives_up()
    {
        await using var log = _directory.Open();
        using var gate = new SemaphoreSlim(0);
        using var begun = new SemaphoreSlim(0);
        using var patience = new CancellationTokenSource();
        var running = log.Writer.RunAsync(_ => { begun.Release(); gate.Wait(Token); return 5; }, patience.Token).AsTask();
        await begun.WaitAsync(Token);

        await patience.CancelAsync();
        gate.Release();

        Assert.Equal(5, await running);
    }

    [Fact]
    public async Task Waiting_ends_with_the_next_message_and_with_the_log()
    {
        var log = _directory.Open();
        var topic = await log.OpenTopicAsync("orders", Token);
        var first = topic.WaitAsync(0, Token).AsTask();
        Assert.False(first.IsCompleted);
        await topic.AppendAsync(Messages.Of(1), default, Token);
        await first;

        var second = topic.WaitAsync(1, Token).AsTask();
        await log.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => second);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await topic.AppendAsync(Messages.Of(2), default, Token));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await topic.ReadAsync(0, new LogEntry[1], Token));
    }

    [Fact]
    public async Task Disposing_writes_what_was_accepted()
    {
        var log = _directory.Open();
        var topic = await log.OpenTopicAsync("orders", Token);
        var waiting = Enumerable.Range(0, 2_000).Select(i => topic.AppendAsync(Messages.Of(i), default, Token).AsTask()).ToArray();

        await log.DisposeAsync();
        await Task.WhenAll(waiting);

        await using var again = _directory.Open();
        Assert.Equal(2_000, (await again.OpenTopicAsync("orders", Token)).Head);
        Assert.False(File.Exists(_directory.File() + "-wal") && new FileInfo(_directory.File() + "-wal").Length > 0);
    }
}
