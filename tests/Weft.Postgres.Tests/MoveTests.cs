using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Weft.EventBus;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;
using Weft.Postgres.Tests.Rig;
using Weft.Sqlite;

namespace Weft.Postgres.Tests;

public sealed class MoveTests : IDisposable
{
    private const int Count = 200, Keys = 10;

    private static readonly byte[] s_notes = new ParkedNotes { Tries = [new(3, new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), "rejected", "why")] }.Write().ToArray();

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("weft-move-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_directory.FullName, "weft.db");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_store_is_moved_with_all_that_is_left_to_do_and_goes_on_there()
    {
        var (settled, waiting) = await FillAsync();
        string url = await UrlAsync();
        var (from, to) = Tools(url);
        await using (var contents = (await from.OpenAsync(Cancellation))!)
        {
            var moved = (await to.FillAsync(contents, Cancellation))!;
            Assert.Equal((2, Count, 3, Count - settled.Count - waiting.Count - 1, waiting.Count + 2, 1, 1),
                (moved.Topics, (int)moved.Messages, moved.Subscriptions, (int)moved.Unread, (int)moved.Parked, (int)moved.Scheduled, (int)moved.Identities));
            var again = await Assert.ThrowsAsync<LogException>(async () => await to.FillAsync(contents, Cancellation));
            Assert.Equal(3109, again.Code.Number);
        }
        Assert.Empty(await to.CheckAsync(Cancellation));
        Assert.Equal((Storage.Schema.Version, 2, 3), await to.InspectAsync(Cancellation) is var facts ? ((int)facts.Version, facts.Topics, facts.Subscriptions) : default);

        var delivered = new ConcurrentQueue<int>();
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.AddWeft(weft => weft
            .UsePostgres(url).Topic("orders", new() { Dedupe = TimeSpan.FromHours(1) }).Topic("old")
            .Handler("bill", (message, _, _) =>
            {
                delivered.Enqueue(Number(message));
                return default;
            })
            .Subscription("billing", new() { From = "orders", Handler = "bill", Concurrency = 4 })
            .Subscription("fresh", new() { From = "orders", Handler = "bill", Enabled = false })
            .Subscription("archive", new() { From = "old", Handler = "bill", Enabled = false }));
        using var host = builder.Build();
        await host.StartAsync(Cancellation);
        var admin = host.Services.GetRequiredService<BusAdmin>();
        for (int tries = 0; (await admin.ListAsync(Cancellation)).Single(s => s.Info.Name == "billing").Info is not { Retrying: 0, Behind: 0 } info || info.Low < info.Head; tries++)
        {
            Assert.True(tries < 300, "It did not come to its end within 30 s.");
            await Task.Delay(100, Cancellation);
        }
        // Nothing that was read comes again, nothing else is left out, and the one that was scheduled long ago comes too.
        Assert.Equal(Enumerable.Range(1, Count).Except(settled).Except([7]).Append(1000).Order(), delivered.Order());
        foreach (var ofKey in delivered.Where(n => n <= Count).GroupBy(n => n % Keys))
            Assert.Equal(ofKey.Order(), ofKey);

        var store = (await admin.FindAllAsync(Cancellation))[0].Store;
        Assert.Equal("so far"u8.ToArray(), (await store.ReadCheckpointAsync("feed", Cancellation)).ToArray());
        var dead = Assert.Single(await store.ReadParkedAsync("billing", new(ParkedState.Dead), Cancellation));
        Assert.Equal((7, "rejected", 3), (Number(dead.Message), dead.Reason, dead.Attempts));
        Assert.Equal(s_notes, dead.Notes.ToArray());
        // Its message is gone from the log, and it can be replayed all the same.
        var old = Assert.Single(await store.ReadParkedAsync("archive", new(ParkedState.Dead), Cancellation));
        Assert.Equal([old.Position], await admin.DiscardAsync("archive", [old.Position], Cancellation));
        Assert.Equal([dead.Position], await admin.ReplayAsync("billing", [dead.Position], toTopic: false, Cancellation));
        // What was published lately is still known.
        long head = (await admin.ListAsync(Cancellation)).Single(s => s.Info.Name == "billing").Info.Head;
        await host.Services.GetRequiredService<IPublisher>().PublishAsync("orders", New(200), Cancellation);
        Assert.Equal(head, (await admin.ListAsync(Cancellation)).Single(s => s.Info.Name == "billing").Info.Head);
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_store_that_a_process_uses_is_not_moved()
    {
        await using var used = SqliteMessageLog.Open(File, Durability.Os, TimeProvider.System);
        var (from, _) = Tools(await UrlAsync());
        await Assert.ThrowsAsync<LogException>(() => from.OpenAsync(Cancellation));
    }

    [Fact]
    public async Task A_move_that_fails_leaves_nothing_behind()
    {
        await FillAsync();
        string url = await UrlAsync();
        var (from, to) = Tools(url);
        await using (var contents = new Failing((await from.OpenAsync(Cancellation))!))
            await Assert.ThrowsAnyAsync<Exception>(async () => await to.FillAsync(contents, Cancellation));
        Assert.Equal((0, 0), await to.InspectAsync(Cancellation) is var facts ? (facts.Topics, facts.Subscriptions) : default);
        await using var good = (await from.OpenAsync(Cancellation))!;
        Assert.Equal(Count, (await to.FillAsync(good, Cancellation))!.Messages);
    }

    // What a process leaves that was stopped in the middle. Gives what was read, and what waits beside the log.
    private async Task<(IReadOnlySet<int> Settled, IReadOnlyList<int> Waiting)> FillAsync()
    {
        await using var log = SqliteMessageLog.Open(File, Durability.Os, TimeProvider.System);
        var (orders, old) = (await log.OpenTopicAsync("orders", Cancellation), await log.OpenTopicAsync("old", Cancellation));
        var once = new EventBus.Topic("orders", new() { Dedupe = TimeSpan.FromHours(1) }, log, orders, new TopicKey("orders", new TopicOptions().Key, new())).OnceOf(New(200));
        for (int i = 1; i <= Count; i++)
            await orders.AppendAsync(New(i), Key(i), Cancellation, i == Count ? once : default);
        await old.AppendAsync(New(1), default, Cancellation);
        var settled = Enumerable.Range(1, 90).Concat([95, 97, 99]).Except([7, 80, 90, 81]).ToHashSet();
        await using var billing = await orders.OpenSubscriptionAsync("billing", SubscriptionStart.Beginning, Cancellation);
        await using var archive = await old.OpenSubscriptionAsync("archive", SubscriptionStart.Beginning, Cancellation);
        await orders.CreateSubscriptionAsync("fresh", SubscriptionStart.New, Cancellation);
        await using var transaction = log.Begin();
        foreach (int position in settled.Concat([7, 80, 90, 81]))
            transaction.Settle(billing, position);
        transaction.Checkpoint("feed", "so far"u8.ToArray(), default);
        transaction.Park(billing, Parked(7, ParkedState.Dead));
        transaction.Park(billing, Parked(80, ParkedState.Retry));
        transaction.Park(billing, Parked(90, ParkedState.Behind));
        transaction.Park(billing, Parked(81, ParkedState.Retry));
        transaction.Settle(archive, 1);
        transaction.Park(archive, Parked(1, ParkedState.Dead));
        transaction.Schedule(orders, new() { Token = "later", Topic = "orders", Due = DateTimeOffset.UtcNow.AddMinutes(-5), Key = Key(1000), Message = New(1000) });
        await transaction.CommitAsync(Cancellation);
        await old.TrimAsync(DateTimeOffset.UtcNow.AddDays(1), new HashSet<string>(), Cancellation);
        return (settled, [80, 90, 81]);
    }

    private static ParkedMessage Parked(int number, ParkedState state) => new()
    {
        Position = number,
        State = state,
        Key = Key(number),
        Attempts = 3,
        Due = DateTimeOffset.UtcNow,
        Reason = "rejected",
        Message = New(number),
        Notes = s_notes,
    };

    private (IStoreTools From, IStoreTools To) Tools(string url)
    {
        var services = new ServiceCollection();
        services.AddLogging().AddWeft(weft => weft.UseSqlite().UsePostgres());
        using var provider = services.BuildServiceProvider();
        var factories = provider.GetServices<ILogFactory>().ToArray();
        var (sqlite, postgres) = (new ConnectionOptions { Sqlite = File }, new ConnectionOptions { Postgres = url, Shards = 4 });
        return (factories.Single(f => f.Handles(sqlite)).Tools(sqlite)!, factories.Single(f => f.Handles(postgres)).Tools(postgres)!);
    }

    private static async Task<string> UrlAsync()
    {
        var options = (await PostgresServer.SharedAsync()).NewStore();
        return $"postgres://{options.Connection.Username}@{options.Connection.Host}:{options.Connection.Port}/{options.Connection.Database}?schema={options.Schema}";
    }

    private static byte[] Key(int number) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{number % Keys}"));

    private static int Number(Message message) => int.Parse(message.Id, CultureInfo.InvariantCulture);

    private static Message New(int number) => Message.CreateBytes("OrderCreated", "/test", [1], "application/octet-stream",
        id: string.Create(CultureInfo.InvariantCulture, $"{number}"), partitionKey: string.Create(CultureInfo.InvariantCulture, $"{number % Keys}"));

    /// <summary>Fails in the end.</summary>
    private sealed class Failing(IStoreContents inner) : IStoreContents
    {
        public IReadOnlyList<string> Topics => inner.Topics;

        public IReadOnlyList<MovedSubscription> Subscriptions => inner.Subscriptions;

        public IEnumerable<LogEntry> Messages(string topic) => inner.Messages(topic);

        public IEnumerable<ParkedMessage> Parked(string subscription) => inner.Parked(subscription);

        public IEnumerable<ScheduledMessage> Scheduled() => throw new IOException("The disk is gone.");

        public IEnumerable<MovedIdentity> Identities(string topic) => inner.Identities(topic);

        public IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> Checkpoints() => inner.Checkpoints();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
