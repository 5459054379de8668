using System.Collections.Concurrent;
using System.Text;
using Weft.Flows;
using Weft.Messages;
using Weft.Postgres.Tests.Rig;

namespace Weft.Postgres.Tests;

public sealed class AppendTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readers_elsewhere_miss_nothing_of_concurrent_appenders_and_see_keys_in_order()
    {
        const int Logs = 3, Publishers = 8, Each = 150, Keys = 40;
        var server = await PostgresServer.SharedAsync();
        var options = server.NewStore(shards: 8);
        await using var reading = await PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation);
        var topic = await reading.OpenTopicAsync("orders", Cancellation);
        Assert.Equal(8, topic.Shards.Count);
        var readers = topic.Shards.Select(shard => ReadUntilAsync(shard, "end")).ToArray();

        await Task.WhenAll(Enumerable.Range(0, Logs).Select(async l =>
        {
            await using var log = await PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation);
            var to = await log.OpenTopicAsync("orders", Cancellation);
            await Task.WhenAll(Enumerable.Range(0, Publishers).Select(async p =>
            {
                for (int i = 0; i < Each; i++)
                {
                    string key = $"{l}/{p}/{i % Keys}";
                    long position = await to.AppendAsync(Message($"{key}:{i}"), Encoding.UTF8.GetBytes(key), Cancellation);
                    Assert.Equal(ShardPosition.Of(Encoding.UTF8.GetBytes(key), 8), to.ShardOf(position));
                }
            }));
        }));
        foreach (var shard in topic.Shards)
            await shard.AppendAsync(Message("end"), default, Cancellation);

        var all = new List<string>();
        foreach (var (reader, shard) in readers.Zip(topic.Shards))
        {
            var entries = await reader.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
            long origin = ShardPosition.Base(shard.Shard);
            Assert.Equal(Enumerable.Range(1, entries.Count).Select(i => origin + i), entries.Select(e => e.Position));
            foreach (var ofKey in entries.SkipLast(1).GroupBy(e => Encoding.UTF8.GetString(e.Key.Span)))
                Assert.Equal(ofKey.Select(Number).Order(), ofKey.Select(Number));
            all.AddRange(entries.SkipLast(1).Select(e => Encoding.UTF8.GetString(e.Message.Bytes.Span)));
        }
        Assert.Equal(Logs * Publishers * Each, all.Distinct().Count());
        Assert.Equal(Logs * Publishers * Each, all.Count);

        static int Number(LogEntry entry) => int.Parse(Encoding.UTF8.GetString(entry.Message.Bytes.Span).Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reader_elsewhere_is_woken_with_and_without_a_connection_that_listens(bool listens)
    {
        var server = await PostgresServer.SharedAsync();
        var options = server.NewStore(shards: 2);
        await using var writing = await PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation);
        await using var reading = await PostgresMessageLog.OpenAsync(options with { Listen = listens }, TimeProvider.System, cancellation: Cancellation);
        var (to, from) = (await writing.OpenTopicAsync("t", Cancellation), await reading.OpenTopicAsync("t", Cancellation));
        for (int tries = 0; listens && !reading.Hears; tries++)
        {
            Assert.True(tries < 100, "It never hears.");
            await Task.Delay(50, Cancellation);
        }
        await Task.Delay(listens ? 100 : 1500, Cancellation); // Until it asks but seldom.
        long begun = TimeProvider.System.GetTimestamp();
        var waits = from.Shards.Select(s => s.WaitAsync(ShardPosition.Base(s.Shard), Cancellation).AsTask()).ToArray();
        await to.AppendAsync(Message("1"), "a"u8.ToArray(), Cancellation);
        await Task.WhenAny(waits).WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        Assert.Equal(listens, reading.Hears);
        if (listens)
            Assert.InRange(TimeProvider.System.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_server_that_crashes_and_comes_back_loses_nothing_that_was_accepted()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("WEFT_TEST_POSTGRES") is { Length: > 0 }, "The server is not ours to crash.");
        await using var server = await PostgresServer.StartAsync();
        var options = server.NewStore(shards: 4) with { Patience = TimeSpan.FromSeconds(20) };
        await using var log = await PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation);
        var topic = await log.OpenTopicAsync("orders", Cancellation);
        var stored = new ConcurrentDictionary<long, string>();
        int failures = 0;
        using var stop = new CancellationTokenSource();
        var publishing = Enumerable.Range(0, 16).Select(async p =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                try
                {
                    stored[await topic.AppendAsync(Message($"{p}/{i}"), Encoding.UTF8.GetBytes($"{p}"), Cancellation)] = $"{p}/{i}";
                }
                catch (LogException)
                {
                    Interlocked.Increment(ref failures);
                }
            }
        }).ToArray();
        for (int round = 0; round < 2; round++)
        {
            await Task.Delay(300, Cancellation);
            await server.CrashAsync();
            await Task.Delay(300, Cancellation);
            await server.StartAgainAsync();
        }
        int before = stored.Count;
        for (int tries = 0; stored.Count < before + 200; tries++)
        {
            Assert.True(tries < 300, "Appends did not go on.");
            await Task.Delay(50, Cancellation);
        }
        await stop.CancelAsync();
        await Task.WhenAll(publishing);

        await using var again = await PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation);
        var found = new Dictionary<long, string>();
        foreach (var shard in (await again.OpenTopicAsync("orders", Cancellation)).Shards)
        {
            var entries = await ReadAllAsync(shard);
            Assert.Equal(Enumerable.Range(1, entries.Count).Select(i => ShardPosition.Base(shard.Shard) + i), entries.Select(e => e.Position));
            foreach (var entry in entries)
                found[entry.Position] = Encoding.UTF8.GetString(entry.Message.Bytes.Span);
        }
        foreach (var (position, text) in stored)
            Assert.Equal(text, found[position]);
        // What failed may be stored; each publisher has at most one under way when the server ends.
        Assert.InRange(failures, 0, 16 * 2);
    }

    [Fact]
    public async Task Others_are_told_of_a_shard_not_more_often_than_every_5_ms_and_of_its_end()
    {
        const int Count = 500;
        var options = (await PostgresServer.SharedAsync()).NewStore();
        await using var log = await PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation);
        var topic = await log.OpenTopicAsync("orders", Cancellation);
        await using var connection = new Npgsql.NpgsqlConnection(options.Connection.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
        var told = new List<string>();
        connection.Notification += (_, e) => told.Add(e.Payload);
        await using var listen = new Npgsql.NpgsqlCommand($"listen {options.Schema}", connection);
        await listen.ExecuteNonQueryAsync(Cancellation);

        long begun = TimeProvider.System.GetTimestamp();
        for (int i = 0; i < Count; i++)
            await topic.AppendAsync(Message($"{i}"), default, Cancellation);
        var took = TimeProvider.System.GetElapsedTime(begun);
        while (!told.Exists(t => t.EndsWith($":{Count}", StringComparison.Ordinal)))
            Assert.True(await connection.WaitAsync(TimeSpan.FromSeconds(5), Cancellation), "The end was not told.");
        Assert.InRange(told.Count(t => t.Split(':').Length == 3 && !t.StartsWith("node", StringComparison.Ordinal)), 1, (int)(took.TotalMilliseconds / 5) + 3);
    }

    internal static Message Message(string text) => new(Encoding.UTF8.GetBytes(text));

    internal static async Task<List<LogEntry>> ReadAllAsync(ILogTopic shard)
    {
        var (all, page, after) = (new List<LogEntry>(), new LogEntry[100], ShardPosition.Base(shard.Shard));
        for (int count; (count = await shard.ReadAsync(after, page, Cancellation)) > 0; after = page[count - 1].Position)
            all.AddRange(page[..count]);
        return all;
    }

    private static async Task<List<LogEntry>> ReadUntilAsync(ILogTopic shard, string last)
    {
        var (all, page, after) = (new List<LogEntry>(), new LogEntry[100], ShardPosition.Base(shard.Shard));
        while (true)
        {
            await shard.WaitAsync(after, Cancellation);
            int count = await shard.ReadAsync(after, page, Cancellation);
            all.AddRange(page[..count]);
            after = page[count - 1].Position;
            if (Encoding.UTF8.GetString(page[count - 1].Message.Bytes.Span) == last)
                return all;
        }
    }
}
