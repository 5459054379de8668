using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Weft.Messages;
using Weft.Options;
using Weft.Postgres.Tests.Rig;

namespace Weft.EntityFrameworkCore.Tests;

/// <summary>Outbox and inbox in a context, on both databases.</summary>
public sealed class OutboxTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("weft-ef-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("sqlite", true)]
    [InlineData("sqlite", false)]
    [InlineData("postgres", true)]
    [InlineData("postgres", false)]
    public async Task Events_leave_with_the_changes_and_are_handled_once(string database, bool migrated)
    {
        var (connection, options) = await DatabaseAsync(database);
        if (migrated)
            await using (var made = new Shop(options))
                await made.Database.EnsureCreatedAsync(Token);
        var handled = new ConcurrentQueue<string>();
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.AddWeft(weft => weft
            .UsePostgres()
            .UseSqlite(Path.Combine(_directory.FullName, "weft.db"))
            .Connection("shop", connection)
            .Outbox("shop")
            .Topic("orders", new() { Store = "main" })
            .Handler("stock", async (message, delivery, cancellation) =>
            {
                handled.Enqueue(message.Subject!);
                await using var shop = new Shop(options);
                if (!await shop.TryMarkAsync(delivery, cancellation))
                    return;
                shop.Orders.Add(new() { Name = $"reserved {message.Subject}" });
                await shop.SaveChangesAsync(cancellation);
                if (delivery.Attempt == 1)
                    throw new InvalidOperationException("The answer was lost after the commit.");
            })
            .Subscription("stock", new() { From = "orders", Handler = "stock", Start = "beginning" }));
        using var host = builder.Build();
        await host.StartAsync(Token);
        if (!migrated)
            await CreateOwnTablesAsync(options);

        for (int i = 0; i < 5; i++)
        {
            await using var shop = new Shop(options);
            await using var transaction = await shop.Database.BeginTransactionAsync(Token);
            shop.Orders.Add(new() { Name = $"order {i}" });
            shop.Publish("orders", Message.Create("OrderCreated", "/shop", new { i }, subject: $"{i}", partitionKey: "a"));
            await shop.SaveChangesAsync(Token);
            if (i != 3)
                await transaction.CommitAsync(Token);
        }

        string[] expected = [.. new[] { 0, 1, 2, 4 }.SelectMany(i => new[] { $"{i}", $"{i}" })];
        await UntilAsync(() => Task.FromResult(handled.Count >= expected.Length));
        await UntilAsync(async () => await ColumnAsync(options, "select count(*) as \"Value\" from weft_outbox") == 0);
        Assert.Equal(expected, handled);
        await using var result = new Shop(options);
        Assert.Equal(
            new[] { 0, 1, 2, 4 }.SelectMany(i => new[] { $"order {i}", $"reserved {i}" }).Order(),
            (await result.Orders.Select(o => o.Name).ToListAsync(Token)).Order());
        await host.StopAsync(Token);
    }

    [Fact]
    public void A_context_without_the_tables_says_what_to_do()
    {
        using var plain = new Plain(new DbContextOptionsBuilder<Plain>().UseSqlite("Data Source=:memory:").Options);
        var e = Assert.Throws<InvalidOperationException>(() => plain.Publish("orders", Message.Create("OrderCreated", "/shop", new { })));
        Assert.Contains("modelBuilder.UseWeftOutbox(Database)", e.Message, StringComparison.Ordinal);
    }

    private async Task<(ConnectionOptions Connection, DbContextOptions<Shop> Options)> DatabaseAsync(string database)
    {
        if (database == "sqlite")
        {
            string file = Path.Combine(_directory.FullName, "shop.db");
            return (new() { Sqlite = file }, new DbContextOptionsBuilder<Shop>().UseSqlite($"Data Source={file}").Options);
        }
        var server = await PostgresServer.SharedAsync();
        var store = server.NewStore();
        string name = $"shop_{store.Schema}";
        await server.ExecuteAsync($"create database {name}");
        var at = store.Connection;
        return (new() { Postgres = $"postgres://{at.Username}@{at.Host}:{at.Port}/{name}" },
            new DbContextOptionsBuilder<Shop>().UseNpgsql($"Host={at.Host};Port={at.Port};Username={at.Username};Database={name};Maximum Pool Size=5").Options);
    }

    // Where Weft has made its tables, the app makes its own.
    private static async Task CreateOwnTablesAsync(DbContextOptions<Shop> options)
    {
        await using var shop = new Shop(options);
        await shop.Database.ExecuteSqlRawAsync(
            shop.Database.ProviderName!.StartsWith("Npgsql", StringComparison.Ordinal)
                ? "create table \"Orders\"(\"Id\" int generated by default as identity primary key, \"Name\" text not null)"
                : "create table Orders(Id integer primary key, Name text not null)",
            Token);
    }

    private static async Task<int> ColumnAsync(DbContextOptions<Shop> options, string sql)
    {
        await using var shop = new Shop(options);
        return (await shop.Database.SqlQueryRaw<int>(sql).ToListAsync(Token))[0];
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (int tries = 0; !await holds(); tries++)
        {
            Assert.True(tries < 1200, "It did not come true within a minute.");
            await Task.Delay(50, Token);
        }
    }

    internal sealed class Shop(DbContextOptions<Shop> options) : DbContext(options)
    {
        public DbSet<Order> Orders => Set<Order>();

        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.UseWeftOutbox(Database);
    }

    internal sealed class Plain(DbContextOptions<Plain> options) : DbContext(options);

    internal sealed class Order
    {
        public int Id { get; init; }

        public string Name { get; init; } = "";
    }
}
