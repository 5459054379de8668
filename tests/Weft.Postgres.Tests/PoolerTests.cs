using System.Diagnostics;
using System.Text;
using Weft.Flows;
using Weft.Postgres.Tests.Rig;

namespace Weft.Postgres.Tests;

/// <summary>A pooler that hands out another connection of the server for each transaction, and that takes LISTEN and never delivers.</summary>
public sealed class PoolerTests
{
    private const int Count = 200;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pooler_by_transaction_may_stand_between()
    {
        var options = (await PostgresServer.SharedAsync()).NewStore(shards: 4);
        var directory = Directory.CreateTempSubdirectory("weft-pooler-");
        using var pooler = await StartAsync(options, directory);
        try
        {
            await CheckAsync(options with { Lease = TimeSpan.FromSeconds(2), Heartbeat = TimeSpan.FromMilliseconds(400) });
        }
        finally
        {
            pooler.Kill();
            await pooler.WaitForExitAsync(Cancellation);
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Without_a_connection_that_listens_heads_are_asked_for() =>
        await CheckAsync((await PostgresServer.SharedAsync()).NewStore(shards: 4) with { Listen = false });

    // One process writes, another reads every shard and takes it over from the first.
    private static async Task CheckAsync(PostgresLogOptions options)
    {
        await using var writes = await PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation);
        await using var reads = await PostgresMessageLog.OpenAsync(options, TimeProvider.System, cancellation: Cancellation);
        var (topic, elsewhere) = (await writes.OpenTopicAsync("orders", Cancellation), await reads.OpenTopicAsync("orders", Cancellation));
        await elsewhere.CreateSubscriptionAsync("billing", SubscriptionStart.Beginning, Cancellation);
        var reading = Task.WhenAll(elsewhere.Shards.Select(ReadAsync));
        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => topic.AppendAsync(AppendTests.Message($"{i}"), Encoding.UTF8.GetBytes($"{i}"), Cancellation).AsTask()));
        await reading.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        Assert.False(reads.Hears);
        Assert.Equal((Count, Count), Assert.Single(await writes.ListSubscriptionsAsync(Cancellation)) is var info ? (info.Low, info.Head) : default);

        async Task ReadAsync(ILogTopic shard)
        {
            int expected = Enumerable.Range(0, Count).Count(i => ShardPosition.Of(Encoding.UTF8.GetBytes($"{i}"), 4) == shard.Shard);
            await shard.WaitForTurnAsync("billing", Cancellation);
            await using var subscription = await shard.OpenSubscriptionAsync("billing", default, Cancellation);
            var page = new LogEntry[64];
            for (long after = ShardPosition.Base(shard.Shard); expected > 0;)
            {
                await shard.WaitAsync(after, Cancellation);
                int read = await shard.ReadAsync(after, page, Cancellation);
                await using var transaction = reads.Begin();
                for (int i = 0; i < read; i++)
                {
                    Assert.Equal(++after, page[i].Position);
                    transaction.Settle(subscription, after);
                    expected--;
                }
                await transaction.CommitAsync(Cancellation);
            }
        }
    }

    private static async Task<Process> StartAsync(PostgresLogOptions options, DirectoryInfo directory)
    {
        int port = PostgresServer.FreePort();
        string file = Path.Combine(directory.FullName, "pooler.ini"), users = Path.Combine(directory.FullName, "users.txt");
        await File.WriteAllTextAsync(users, $"\"{options.Connection.Username}\" \"\"\n", Cancellation);
        await File.WriteAllTextAsync(file, $"""
            [databases]
            * = host={options.Connection.Host} port={options.Connection.Port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = trust
            auth_file = {users}
            pool_mode = transaction
            default_pool_size = 6
            max_client_conn = 200
            ignore_startup_parameters = extra_float_digits
            """, Cancellation);
        await Nodes.NodeRig.RunAsync("chmod", "-R", "a+rX", directory.FullName);
        string[] command = PostgresServer.AsPostgres("/usr/sbin/pgbouncer", "-q", file);
        var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        options.Connection.Port = port;
        for (int tries = 0; ; tries++)
        {
            try
            {
                await using var connection = new Npgsql.NpgsqlConnection(options.Connection.ConnectionString + ";Pooling=false");
                await connection.OpenAsync(Cancellation);
                return process;
            }
            catch (Npgsql.NpgsqlException) when (tries < 100 && !process.HasExited)
            {
                await Task.Delay(100, Cancellation);
            }
        }
    }
}
