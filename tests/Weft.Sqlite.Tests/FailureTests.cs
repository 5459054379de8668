using Weft.Flows;
using Weft.Messages;
using Weft.Sqlite.Native;

namespace Weft.Sqlite.Tests;

/// <summary>Writing fails for a real reason, says so, loses nothing that it had confirmed, and works again without it.</summary>
public sealed class FailureTests : IDisposable
{
    private readonly StoreDirectory _directory = new();
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_full_disk_fails_what_does_not_fit_and_nothing_else()
    {
        var confirmed = new List<long>();
        int failed = 0;
        await using (var log = _directory.Open())
        {
            var topic = await log.OpenTopicAsync("orders", Token);
            await LimitPagesAsync(log, 60);
            for (int round = 0; round < 20; round++)
            {
                var sent = Enumerable.Range(0, 20).Select(i => AppendAsync(topic, (round * 20) + i)).ToArray();
                foreach (var append in sent)
                {
                    if (await append is { } number)
                        confirmed.Add(number);
                    else
                        failed++;
                }
            }
            Assert.InRange(failed, 1, 399);
            Assert.Equal(confirmed.Count, topic.Head);

            await LimitPagesAsync(log, 1_000_000);
            Assert.Equal(confirmed.Count + 1, await topic.AppendAsync(Big(1000), default, Token));
            confirmed.Add(1000);
        }

        await using var again = _directory.Open();
        var stored = await (await again.OpenTopicAsync("orders", Token)).ReadAllAsync();
        Assert.Equal(confirmed.Order(), stored.Select(e => e.Message.Number()).Order());
        Assert.Equal(Enumerable.Range(1, stored.Count).Select(p => (long)p), stored.Select(e => e.Position));

        static async Task<long?> AppendAsync(ILogTopic topic, long number)
        {
            try
            {
                await topic.AppendAsync(Big(number), default, Token);
                return number;
            }
            catch (LogException e)
            {
                Assert.Equal(3007, e.Code.Number);
                Assert.Contains("Free space", e.Message, StringComparison.Ordinal);
                return null;
            }
        }
    }

    [Fact]
    public async Task A_failed_commit_takes_back_the_cursors_and_the_positions()
    {
        await using (var log = _directory.Open())
        {
            var topic = await log.OpenTopicAsync("orders", Token);
            await using var subscription = await topic.OpenSubscriptionAsync("billing", SubscriptionStart.Beginning, Token);
            for (int i = 0; i < 5; i++)
                await topic.AppendAsync(Messages.Of(i), default, Token);
            await using var transaction = log.Begin();
            transaction.Settle(subscription, 1);
            transaction.Settle(subscription, 3);
            await transaction.CommitAsync(Token);

            await LimitPagesAsync(log, 1);
            transaction.Settle(subscription, 2);
            for (int i = 0; i < 50; i++)
                transaction.Append(topic, Big(i), default);
            Assert.Equal(3007, (await Assert.ThrowsAsync<LogException>(async () => await transaction.CommitAsync(Token))).Code.Number);
            Assert.Equal(5, topic.Head);

            await LimitPagesAsync(log, 1_000_000);
            transaction.Settle(subscription, 5);
            await transaction.CommitAsync(Token);
        }

        await using (var log = _directory.Open())
        {
            var topic = await log.OpenTopicAsync("orders", Token);
            await using var subscription = await topic.OpenSubscriptionAsync("billing", SubscriptionStart.New, Token);
            Assert.Equal([1L, 3, 5], Enumerable.Range(1, 9).Select(p => (long)p).Where(p => subscription.Opened.Contains(p)));
            Assert.Equal(6, await topic.AppendAsync(Messages.Of(5), default, Token));
        }
    }

    [Fact]
    public async Task A_read_only_database_is_reported()
    {
        await using var log = _directory.Open();
        var topic = await log.OpenTopicAsync("orders", Token);
        Connection? writing = null;
        await log.Writer.RunAsync(session => { writing = session.Connection; return 0; }, Token);
        writing!.Execute("pragma query_only = 1"); // Nobody else uses it as long as nothing is sent to the writer.
        Assert.Equal(3008, (await Assert.ThrowsAsync<LogException>(async () => await topic.AppendAsync(Messages.Of(1), default, Token))).Code.Number);

        writing.Execute("pragma query_only = 0");
        Assert.Equal(1, await topic.AppendAsync(Messages.Of(1), default, Token));
    }

    [Fact]
    public async Task A_file_without_the_right_to_write_is_reported_at_opening()
    {
        Assert.SkipWhen(!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess, "Rights do not bind this user.");
        await _directory.Open().DisposeAsync();
        File.SetAttributes(_directory.File(), FileAttributes.ReadOnly);
        Assert.Equal(3008, Assert.Throws<LogException>(() => _directory.Open()).Code.Number);
    }

    [Fact]
    public async Task A_lock_of_another_program_is_waited_for_and_then_reported()
    {
        await using var log = _directory.Open();
        var topic = await log.OpenTopicAsync("orders", Token);
        using var other = Connection.Open(_directory.File(), vfs: null, TimeSpan.Zero);
        other.Execute("begin immediate");

        var refused = await Assert.ThrowsAsync<LogException>(async () => await topic.AppendAsync(Messages.Of(1), default, Token));
        Assert.Equal(3006, refused.Code.Number);
        Assert.Equal(0, topic.Head);

        other.Execute("rollback");
        Assert.Equal(1, await topic.AppendAsync(Messages.Of(2), default, Token));
        Assert.Equal([2L], (await topic.ReadAllAsync()).Select(e => e.Message.Number()));
    }

    [Fact]
    public async Task A_message_that_is_too_big_fails_alone()
    {
        await using var log = _directory.Open();
        var topic = await log.OpenTopicAsync("orders", Token);
        using var huge = new HugeMemory();
        var fits = topic.AppendAsync(Messages.Of(1), default, Token).AsTask();
        var refused = await Assert.ThrowsAsync<LogException>(async () => await topic.AppendAsync(new(huge.Memory), default, Token));
        Assert.Equal(3014, refused.Code.Number);
        Assert.Equal(1, await fits);
    }

    [Fact]
    public async Task An_operation_that_is_refused_fails_alone()
    {
        await using var log = _directory.Open();
        var topic = await log.OpenTopicAsync("orders", Token);
        var subscription = await topic.OpenSubscriptionAsync("billing", SubscriptionStart.Beginning, Token);
        await using var transaction = log.Begin();
        transaction.Append(topic, Messages.Of(1), default);
        transaction.Settle(subscription, 1);
        await subscription.DisposeAsync();

        using var gate = new SemaphoreSlim(0);
        var before = log.Writer.RunAsync(_ => { gate.Wait(Token); return 0; }, Token).AsTask();
        var refused = transaction.CommitAsync(Token).AsTask();
        var neighbour = topic.AppendAsync(Messages.Of(2), default, Token).AsTask();
        gate.Release();

        await before;
        Assert.Equal(3013, (await Assert.ThrowsAsync<LogException>(() => refused)).Code.Number);
        Assert.Equal(1, await neighbour);
    }

    private static Message Big(long number)
    {
        var bytes = new byte[2_000];
        BitConverter.TryWriteBytes(bytes, number);
        return new(bytes);
    }

    private static async Task LimitPagesAsync(SqliteMessageLog log, int pages) => await log.Writer.RunAsync(Pragma($"max_page_count = {pages}"), Token);

    private static Func<Writing.WriteSession, long> Pragma(string setting) => session =>
    {
        session.Connection.Execute("pragma " + setting);
        return 0;
    };

    /// <summary>Claims to be 1 GB and has no byte: nobody may look at them.</summary>
    private sealed class HugeMemory : System.Buffers.MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(1_000_000_001);

        public override Span<byte> GetSpan() => throw new InvalidOperationException("Looked at.");

        public override System.Buffers.MemoryHandle Pin(int elementIndex = 0) => throw new InvalidOperationException("Looked at.");

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
