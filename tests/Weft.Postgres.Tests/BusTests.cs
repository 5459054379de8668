using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Weft.EventBus;
using Weft.Flows;
using Weft.Messages;
using Weft.Postgres.Tests.Rig;

namespace Weft.Postgres.Tests;

public sealed class BusTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Processes_that_come_and_go_deliver_each_event_once_and_in_the_order_of_its_key()
    {
        const int Keys = 30, Each = 30, Last = 5;
        string url = await UrlAsync();
        var delivered = new ConcurrentQueue<(char Process, string Key, int Number)>();
        using var first = await StartAsync(url, 'a', delivered);
        var publisher = first.Services.GetRequiredService<IPublisher>();
        var publishing = PublishAsync(publisher, 0, Each - Last);
        await Task.Delay(300, Cancellation);
        using var second = await StartAsync(url, 'b', delivered);
        await publishing;
        await first.StopAsync(Cancellation);
        // Chance may have given all shards to the first as long as it was there.
        await PublishAsync(second.Services.GetRequiredService<IPublisher>(), Each - Last, Last);
        await UntilAsync(() => delivered.Count >= Keys * Each);
        await second.StopAsync(Cancellation);

        Assert.Equal(Keys * Each, delivered.Count);
        foreach (var ofKey in delivered.GroupBy(d => d.Key))
            Assert.Equal(Enumerable.Range(0, Each), ofKey.Select(d => d.Number));
        Assert.Equal(['a', 'b'], delivered.Select(d => d.Process).Distinct().Order());

        static Task PublishAsync(IPublisher publisher, int from, int count) => Task.WhenAll(Enumerable.Range(0, Keys).Select(async key =>
        {
            for (int i = from; i < from + count; i++)
            {
                await publisher.PublishAsync("orders", New($"{key}", i), Cancellation);
                await Task.Delay(50, Cancellation);
            }
        }));
    }

    [Fact]
    public async Task Retries_dead_letters_and_replay_work_on_every_shard()
    {
        const int Count = 24;
        string url = await UrlAsync();
        var attempts = new ConcurrentDictionary<string, int>();
        bool healed = false;
        using var host = await StartAsync(url, 'a', [], message =>
        {
            attempts.AddOrUpdate(message.Subject!, 1, static (_, n) => n + 1);
            if (!healed)
                throw new InvalidOperationException("It is ill.");
        });
        var publisher = host.Services.GetRequiredService<IPublisher>();
        for (int i = 0; i < Count; i++)
            await publisher.PublishAsync("orders", New($"{i}", 0), Cancellation);
        var admin = host.Services.GetRequiredService<BusAdmin>();
        await UntilAsync(async () => (await admin.ListAsync(Cancellation)).Single().Info.Dead == Count);
        Assert.All(attempts.Values, n => Assert.InRange(n, 2, 20));

        var dead = (await (await admin.FindAllAsync(Cancellation)).Single().Store.ReadParkedAsync("billing", new(ParkedState.Dead), Cancellation)).Select(d => d.Position).ToArray();
        Assert.True(dead.Select(ShardPosition.Shard).Distinct().Count() > 1);
        healed = true;
        Assert.Equal(dead, await admin.ReplayAsync("billing", dead, toTopic: false, Cancellation));
        await UntilAsync(async () => (await admin.ListAsync(Cancellation)).Single().Info is { Dead: 0, Behind: 0, Retrying: 0 });
        Assert.Equal((Count, Count), ((await admin.ListAsync(Cancellation)).Single().Info.Low, (await admin.ListAsync(Cancellation)).Single().Info.Head));
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Dead_letters_are_changed_from_whichever_process()
    {
        const int Count = 24;
        string url = await UrlAsync();
        var seen = new ConcurrentQueue<string>();
        bool healed = false;
        void Handle(Message message)
        {
            if (!healed)
                throw new InvalidOperationException("It is ill.");
            seen.Enqueue(message.Type);
        }
        using var first = await StartAsync(url, 'a', [], Handle);
        using var second = await StartAsync(url, 'b', [], Handle);
        var publisher = first.Services.GetRequiredService<IPublisher>();
        for (int i = 0; i < Count; i++)
            await publisher.PublishAsync("orders", New($"{i}", 0), Cancellation);
        var (here, there) = (first.Services.GetRequiredService<BusAdmin>(), second.Services.GetRequiredService<BusAdmin>());
        await UntilAsync(async () => (await here.ListAsync(Cancellation)).Single().Info.Dead == Count);
        // A process that runs none of the subscription asks for all.
        using var looks = await StartAsync(url, 'c', [], Handle, runs: false);
        var elsewhere = looks.Services.GetRequiredService<BusAdmin>();

        var dead = (await (await here.FindAllAsync(Cancellation)).Single().Store.ReadParkedAsync("billing", new(ParkedState.Dead), Cancellation)).Select(d => d.Position).ToArray();
        Assert.Equal(4, dead.Select(ShardPosition.Shard).Distinct().Count());
        foreach (long position in dead)
            Assert.True(await elsewhere.EditAsync("billing", position, "me", old => Message.CreateBytes("Edited", "/test", [1], "application/octet-stream", subject: old.Subject), Cancellation));
        Assert.Equal(dead[..6], await elsewhere.DiscardAsync("billing", dead[..6], Cancellation));
        Assert.Empty(await there.DiscardAsync("billing", dead[..6], Cancellation));
        healed = true;
        Assert.Equal(dead[6..12], await here.ReplayAsync("billing", dead[6..12], toTopic: false, Cancellation));
        Assert.Equal(dead[12..18], await there.ReplayAsync("billing", dead[6..18], toTopic: false, Cancellation));
        Assert.Equal(dead[18..], await elsewhere.ReplayAsync("billing", dead[18..], toTopic: true, Cancellation));
        await UntilAsync(() => seen.Count >= 18);
        await UntilAsync(async () => (await here.ListAsync(Cancellation)).Single().Info is { Dead: 0, Behind: 0, Retrying: 0 } info && info.Low == info.Head);
        Assert.Equal(Enumerable.Repeat("Edited", 18), seen);
        await Task.WhenAll(first.StopAsync(Cancellation), second.StopAsync(Cancellation), looks.StopAsync(Cancellation));
    }

    [Fact]
    public async Task A_pause_holds_for_every_process_and_the_commits_of_the_store_are_measured()
    {
        string url = await UrlAsync();
        var delivered = new ConcurrentQueue<(char Process, string Key, int Number)>();
        long committed = 0;
        using var meter = new System.Diagnostics.Metrics.MeterListener();
        meter.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "weft.store.commit_size")
                listener.EnableMeasurementEvents(instrument);
        };
        meter.SetMeasurementEventCallback<int>((_, operations, _, _) => Interlocked.Add(ref committed, operations));
        meter.Start();
        using var first = await StartAsync(url, 'a', delivered);
        using var second = await StartAsync(url, 'b', delivered);
        Assert.True(await second.Services.GetRequiredService<BusAdmin>().PauseAsync("billing", Cancellation));
        await UntilAsync(() => Bus(first).Subscriptions["billing"].IsPaused);
        for (int i = 0; i < 20; i++)
            await first.Services.GetRequiredService<IPublisher>().PublishAsync("orders", New($"{i}", i), Cancellation);
        Assert.True(Volatile.Read(ref committed) >= 20);
        Assert.Empty(delivered);
        Assert.True(await first.Services.GetRequiredService<BusAdmin>().ResumeAsync("billing", Cancellation));
        await UntilAsync(() => delivered.Count >= 20);
        await Task.WhenAll(first.StopAsync(Cancellation), second.StopAsync(Cancellation));

        static Weft.EventBus.EventBus Bus(IHost host) => host.Services.GetRequiredService<Weft.EventBus.EventBus>();
    }

    [Fact]
    public async Task A_subscription_that_several_processes_read_is_moved_as_a_whole()
    {
        const int Keys = 20, Each = 5;
        string url = await UrlAsync();
        var delivered = new ConcurrentQueue<(char Process, string Key, int Number)>();
        using var first = await StartAsync(url, 'a', delivered);
        using var second = await StartAsync(url, 'b', delivered);
        var publisher = first.Services.GetRequiredService<IPublisher>();
        for (int i = 0; i < Keys * Each; i++)
            await publisher.PublishAsync("orders", New($"{i % Keys}", i / Keys), Cancellation);
        await UntilAsync(() => delivered.Count >= Keys * Each);

        Assert.True(await second.Services.GetRequiredService<BusAdmin>().SeekAsync("billing", SubscriptionStart.Beginning, Cancellation));
        for (int key = 0; key < Keys; key++)
            await publisher.PublishAsync("orders", New($"{key}", Each), Cancellation);
        int expected = (Keys * Each * 2) + Keys;
        await UntilAsync(() => delivered.Count >= expected);
        await Task.WhenAll(first.StopAsync(Cancellation), second.StopAsync(Cancellation));
        foreach (var ofKey in delivered.GroupBy(d => d.Key))
            Assert.Equal([.. Enumerable.Range(0, Each), .. Enumerable.Range(0, Each + 1)], ofKey.Select(d => d.Number));
    }

    [Fact]
    public async Task A_scheduled_event_is_delivered_once_though_several_processes_look()
    {
        string url = await UrlAsync();
        var delivered = new ConcurrentQueue<(char Process, string Key, int Number)>();
        using var first = await StartAsync(url, 'a', delivered);
        using var second = await StartAsync(url, 'b', delivered);
        var publisher = first.Services.GetRequiredService<IPublisher>();
        for (int i = 0; i < 10; i++)
            await publisher.ScheduleAsync("orders", New($"{i}", i), DateTimeOffset.UtcNow.AddMilliseconds(200), cancellation: Cancellation);
        await UntilAsync(() => delivered.Count >= 10);
        await Task.Delay(300, Cancellation);
        Assert.Equal(10, delivered.Count);
        await Task.WhenAll(first.StopAsync(Cancellation), second.StopAsync(Cancellation));
    }

    private static async Task<IHost> StartAsync(string url, char process, ConcurrentQueue<(char, string, int)> delivered, Action<Message>? first = null, bool runs = true)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.AddWeft(weft => weft
            .UsePostgres(url, shards: 4)
            .Topic("orders")
            .Handler("bill", (message, _, _) =>
            {
                first?.Invoke(message);
                var (key, number) = message.Subject!.Split('/') is [var k, var n] ? (k, int.Parse(n, CultureInfo.InvariantCulture)) : ("", 0);
                delivered.Enqueue((process, key, number));
                return default;
            })
            .Subscription("billing", new()
            {
                From = "orders",
                Handler = "bill",
                Start = "beginning",
                Concurrency = 4,
                Enabled = runs,
                Retry = new() { Now = 1, For = TimeSpan.FromMilliseconds(500), Base = TimeSpan.FromMilliseconds(100), Cap = TimeSpan.FromMilliseconds(200) },
            }));
        var host = builder.Build();
        await host.StartAsync(Cancellation);
        return host;
    }

    private static Message New(string key, int number) =>
        Message.CreateBytes("OrderCreated", "/test", [1, 2, 3], "application/octet-stream", subject: $"{key}/{number}", partitionKey: key);

    private static async Task<string> UrlAsync()
    {
        var options = (await PostgresServer.SharedAsync()).NewStore();
        return $"postgres://{options.Connection.Username}@{options.Connection.Host}:{options.Connection.Port}/{options.Connection.Database}?schema={options.Schema}";
    }

    private static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (int tries = 0; !await holds(); tries++)
        {
            Assert.True(tries < 600, "It did not come true within 30 s.");
            await Task.Delay(50, Cancellation);
        }
    }
}
