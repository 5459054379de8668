using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Weft.EventBus;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;
using Weft.Postgres.Tests.Rig;

namespace Weft.Postgres.Tests;

/// <summary>Events that leave with a transaction of the app's own database, beside transactions that take long and other relays.</summary>
public sealed class OutboxTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_writers_and_two_relays_lose_and_double_nothing_and_keep_the_order_of_each()
    {
        const int Writers = 16, Each = 40;
        var (shop, store) = await DatabaseAsync();
        using var first = await StartAsync(shop, store);
        using var second = await StartAsync(shop, store);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            var random = new Random(writer);
            for (int i = 0; i < Each; i++)
            {
                // Commits come in another order than the numbers of the rows.
                await AddAsync(first, shop, commit: i % 5 != 4, async () => await Task.Delay(random.Next(8), Token), ($"{writer}", i));
                if (i == Each / 2 && writer == 0)
                    await first.Services.GetRequiredService<WeftRuntime>().ReloadAsync(first.Services.GetRequiredService<WeftRuntime>().Options, Token);
            }
        }));
        string[] published = await PublishedAsync(first, Writers * Each / 5 * 4);
        await UntilAsync(async () => await CountAsync(shop) == 0);
        Assert.Equal(published.Order(), (await PublishedAsync(second, published.Length)).Order());
        Assert.Equal(Writers * Each / 5 * 4, published.Length);
        foreach (var ofWriter in published.Select(s => s.Split('/')).GroupBy(s => s[0]))
            Assert.Equal(Enumerable.Range(0, Each).Where(i => i % 5 != 4).Select(i => $"{i}"), ofWriter.Select(s => s[1]));
        await Task.WhenAll(first.StopAsync(Token), second.StopAsync(Token));
    }

    [Fact]
    public async Task What_was_taken_and_not_dealt_with_is_taken_again_though_others_of_the_batch_were()
    {
        var (shop, store) = await DatabaseAsync();
        using (var host = await StartAsync(shop, store))
            await host.StopAsync(Token);
        Assert.True(PostgresUrl.TryRead(shop.Url, out var options, out _));
        await using var outbox = await Outbox.PostgresOutbox.OpenAsync(options, TimeProvider.System, Token);
        await using (var connection = new NpgsqlConnection(shop.Connection))
        {
            await connection.OpenAsync(Token);
            await using var command = new NpgsqlCommand("insert into weft_outbox(topic, event) select 'orders', i::text from generate_series(1, 5) i", connection);
            await command.ExecuteNonQueryAsync(Token);
        }
        Guid[] rest;
        await using (var batch = await outbox.TakeAsync(10, Token))
        {
            rest = [.. batch.Rows.Skip(2).Select(r => r.Id)];
            await batch.CompleteAsync([.. batch.Rows.Take(2).Select(r => r.Id)], [], Token);
        }
        await using (var again = await outbox.TakeAsync(10, Token))
        {
            Assert.Equal(rest, again.Rows.Select(r => r.Id));
            await again.CompleteAsync([rest[0], rest[2]], [(rest[1], "It is bad.")], Token);
        }
        await using (var none = await outbox.TakeAsync(10, Token))
            Assert.Empty(none.Rows);
    }

    [Fact]
    public async Task A_transaction_that_takes_long_holds_nothing_up_and_its_own_come_when_it_commits()
    {
        var (shop, store) = await DatabaseAsync();
        using var host = await StartAsync(shop, store);
        await using var connection = new NpgsqlConnection(shop.Connection);
        await connection.OpenAsync(Token);
        await using var slow = await connection.BeginTransactionAsync(Token);
        await host.Services.GetRequiredService<IOutbox>().AddAsync(slow, "orders", New("slow", 0), cancellation: Token);

        for (int i = 0; i < 20; i++)
            await AddAsync(host, shop, commit: true, () => Task.CompletedTask, ("quick", i));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"quick/{i}"), await PublishedAsync(host, 20));

        await slow.CommitAsync(Token);
        Assert.Equal("slow/0", (await PublishedAsync(host, 21)).Except(Enumerable.Range(0, 20).Select(i => $"quick/{i}")).Single());
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task What_waits_when_the_relay_starts_is_published()
    {
        var (shop, store) = await DatabaseAsync();
        using (var host = await StartAsync(shop, store))
            await host.StopAsync(Token);
        await using (var connection = new NpgsqlConnection(shop.Connection))
        {
            await connection.OpenAsync(Token);
            await using var command = new NpgsqlCommand("""
                insert into weft_outbox(topic, event) select 'orders', '{"specversion":"1.0","type":"made","source":"/other","id":"' || i || '","subject":"' || i || '"}' from generate_series(1, 1200) i;
                insert into weft_outbox(topic, event) values('nowhere', '{}')
                """, connection);
            await command.ExecuteNonQueryAsync(Token);
        }
        using var again = await StartAsync(shop, store);
        Assert.Equal(Enumerable.Range(1, 1200).Select(i => $"{i}").Order(), (await PublishedAsync(again, 1200)).Order());
        await UntilAsync(async () => await CountAsync(shop) == 1);
        await again.StopAsync(Token);
    }

    private static async Task AddAsync(IHost host, Shop shop, bool commit, Func<Task> between, params IEnumerable<(string Key, int Number)> events)
    {
        await using var connection = new NpgsqlConnection(shop.Connection);
        await connection.OpenAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        foreach (var (key, number) in events)
            await host.Services.GetRequiredService<IOutbox>().AddAsync(transaction, "orders", New(key, number), cancellation: Token);
        await between();
        if (commit)
            await transaction.CommitAsync(Token);
        else
            await transaction.RollbackAsync(Token);
    }

    private static async Task<long> CountAsync(Shop shop)
    {
        await using var connection = new NpgsqlConnection(shop.Connection);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand("select count(*) from weft_outbox", connection);
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    // What the topic has once it has as many, shard by shard.
    private static async Task<string[]> PublishedAsync(IHost host, int count)
    {
        var log = host.Services.GetRequiredService<Weft.EventBus.EventBus>().Topics["orders"].Log;
        await UntilAsync(() => Task.FromResult(log.Head >= count));
        var all = new List<string>();
        foreach (var shard in log.Shards)
        {
            var page = new LogEntry[count + 10];
            int read, at = 0;
            while ((read = await shard.ReadAsync(at == 0 ? 0 : page[at - 1].Position, page.AsMemory(at), Token)) > 0)
                at += read;
            all.AddRange(page[..at].Select(e => e.Message.Subject!));
        }
        return [.. all];
    }

    private static async Task<IHost> StartAsync(Shop shop, string store)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.AddWeft(weft => weft
            .UsePostgres(store, shards: 2)
            .Connection("shop", new ConnectionOptions { Postgres = shop.Url })
            .Outbox("shop")
            .Topic("orders", new() { Store = "main" }));
        var host = builder.Build();
        await host.StartAsync(Token);
        return host;
    }

    private static Message New(string key, int number) => Message.Create("OrderCreated", "/shop", new { number }, subject: $"{key}/{number}", partitionKey: key);

    // A database of the app's own, and a store elsewhere.
    private static async Task<(Shop Shop, string Store)> DatabaseAsync()
    {
        var server = await PostgresServer.SharedAsync();
        var store = server.NewStore();
        string name = $"shop_{store.Schema}", at = $"{store.Connection.Username}@{store.Connection.Host}:{store.Connection.Port}";
        await server.ExecuteAsync($"create database {name}");
        var connection = new NpgsqlConnectionStringBuilder(store.Connection.ConnectionString) { Database = name, MaxPoolSize = 40 };
        return (new(connection.ConnectionString, $"postgres://{at}/{name}"), $"postgres://{at}/{store.Connection.Database}?schema={store.Schema}");
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (int tries = 0; !await holds(); tries++)
        {
            Assert.True(tries < 1200, "It did not come true within a minute.");
            await Task.Delay(50, Token);
        }
    }

    private sealed record Shop(string Connection, string Url);
}
