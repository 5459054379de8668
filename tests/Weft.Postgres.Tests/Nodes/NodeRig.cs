using System.Diagnostics;
using System.Text;
using Npgsql;
using Weft.Postgres.Tests.Rig;
using Weft.Testing;

namespace Weft.Postgres.Tests.Nodes;

/// <summary>A server with a store and a database for the effects of handlers, and the processes that use it.</summary>
internal sealed class NodeRig : IAsyncDisposable
{
    public const int Keys = 64;

    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    private readonly List<NodeProcess> _all = [];
    private NpgsqlConnectionStringBuilder _connection = new();

    private NodeRig(PostgresServer server) => Server = server;

    public PostgresServer Server { get; }

    public NodeHistory History { get; } = new();

    /// <summary>The store.</summary>
    public string Url { get; private set; } = "";

    /// <summary>For what handlers write.</summary>
    public string Effects { get; private set; } = "";

    public PostgresLogOptions Options { get; private set; } = null!;

    public static async Task<NodeRig> StartAsync()
    {
        var rig = new NodeRig(await PostgresServer.StartAsync());
        var options = rig.Server.NewStore(shards: 8);
        var c = rig._connection = options.Connection;
        (rig.Options, rig.Url) = (options, $"postgres://{c.Username}@{c.Host}:{c.Port}/{c.Database}?schema={options.Schema}&lease={(int)Lease.TotalSeconds}");
        rig.Effects = new NpgsqlConnectionStringBuilder(c.ConnectionString) { ApplicationName = "effects", CancellationTimeout = 100, Timeout = 5 }.ConnectionString;
        await rig.Server.ExecuteAsync("""
            create schema effects;
            create table effects.last(key text primary key, position bigint not null);
            create table effects.done(n bigint generated always as identity primary key, key text not null, position bigint not null, subject text not null, start int not null);
            create table effects.gate(start int primary key);
            """);
        return rig;
    }

    public async Task<NodeProcess> NodeAsync(int publishers, int pause = 5, bool fails = false)
    {
        var node = NodeProcess.Start(this, publishers, pause, fails);
        _all.Add(node);
        await node.Started.WaitAsync(TimeSpan.FromMinutes(1));
        return node;
    }

    /// <summary>Starts one without waiting for it.</summary>
    public NodeProcess Launch(int publishers, int pause, bool fails)
    {
        var node = NodeProcess.Start(this, publishers, pause, fails);
        _all.Add(node);
        return node;
    }

    /// <summary>Has all publish nothing more, waits until all is handled, and stops them.</summary>
    public async Task FinishAsync(IReadOnlyList<NodeProcess> nodes)
    {
        await Task.WhenAll(nodes.Select(n => n.QuietAsync()));
        for (int tries = 0; History.Open is { Count: > 0 } open; tries++)
        {
            Assert.True(tries < 1200, $"{open.Count} events were accepted and are not handled after a minute, such as {open[0]}.");
            await Task.Delay(50);
        }
        await Task.WhenAll(nodes.Select(n => n.StopAsync()));
    }

    /// <summary>What the tables of the handlers say: each accepted event once, and those of a key in the order of their positions.</summary>
    public async Task CheckEffectsAsync()
    {
        Assert.Equal(0L, await Server.ExecuteAsync("select count(*) from (select subject from effects.done group by subject having count(*) > 1) twice"));
        Assert.Equal(0L, await Server.ExecuteAsync("select count(*) from (select position, lag(position) over (partition by key order by n) as before from effects.done) o where position <= before"));
        var done = (string)(await Server.ExecuteAsync("select string_agg(subject, ',') from effects.done"))!;
        var all = done.Split(',').Select(s => s.Split(' ')).Select(s => new HistoryEvent(int.Parse(s[0], null), int.Parse(s[1], null), int.Parse(s[2], null))).ToHashSet();
        Assert.DoesNotContain(History.All, s => s.What == "published" && !all.Contains(s.Event));
    }

    /// <summary>What the store says when nothing is under way: all is settled.</summary>
    public async Task CheckStoreAsync()
    {
        await using var log = await PostgresMessageLog.OpenAsync(Options, TimeProvider.System);
        var info = Assert.Single(await log.ListSubscriptionsAsync(default));
        Assert.Equal((info.Head, 0L, 0L, 0L), (info.Low, info.Retrying, info.Behind, info.Dead));
    }

    /// <summary>The shard of a key.</summary>
    public static int ShardOf(int key) => ShardPosition.Of(Encoding.UTF8.GetBytes($"{key}"), 8);

    public static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]))!;
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _all)
            node.Dispose();
        await Server.DisposeAsync();
    }
}
