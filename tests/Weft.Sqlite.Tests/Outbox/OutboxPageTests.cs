using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Weft.EventBus;
using Weft.Messages;
using Weft.Options;

namespace Weft.Sqlite.Tests.Outbox;

/// <summary>What docs/patterns/outbox.md shows, run.</summary>
public sealed class OutboxPageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_order_and_its_event_are_stored_together_and_its_stock_is_taken_once()
    {
        var directory = Directory.CreateTempSubdirectory("weft-outbox-");
        string shopFile = Path.Combine(directory.FullName, "shop.db"), storeFile = Path.Combine(directory.FullName, "weft.db");
        var handled = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        // region setup
        var services = new ServiceCollection().AddLogging().AddWeft(weft => weft
            .UseSqlite(storeFile)
            .Connection("shop", new ConnectionOptions { Sqlite = shopFile }).Outbox("shop")
            .Topic("orders")
            .Subscribe("stock", "orders", TakeStockAsync));
        // endregion
        await using var provider = services.BuildServiceProvider();
        var runtime = provider.GetRequiredService<WeftRuntime>();
        await runtime.StartAsync(Token);
        await PlaceOrderAsync(provider.GetRequiredService<IOutbox>(), "A-1");
        Assert.Equal("A-1", await handled.Task.WaitAsync(Token));
        await runtime.StopAsync(Token);
        SqliteConnection.ClearAllPools();
        directory.Delete(recursive: true);

        // region publish
        async Task PlaceOrderAsync(IOutbox outbox, string number)
        {
            await using var shop = new SqliteConnection($"Data Source={shopFile}");
            await shop.OpenAsync();
            await using var transaction = await shop.BeginTransactionAsync();
            await StoreOrderAsync(shop, number);
            await outbox.AddAsync(transaction, "orders", Message.Create("OrderPlaced", "/shop", new { number }, subject: number));
            await transaction.CommitAsync(); // The order is stored and the event leaves: both, or neither.
        }
        // endregion

        // region handle
        async ValueTask TakeStockAsync(Message message, DeliveryContext delivery, CancellationToken cancellation)
        {
            var inbox = delivery.Services.GetRequiredService<IInbox>();
            await using var shop = new SqliteConnection($"Data Source={shopFile}");
            await shop.OpenAsync(cancellation);
            await using var transaction = await shop.BeginTransactionAsync(cancellation);
            if (!await inbox.TryMarkAsync(transaction, delivery, cancellation))
                return; // It came before, and its stock is taken.
            await ReduceStockAsync(shop, message.Subject!);
            await transaction.CommitAsync(cancellation);
        }
        // endregion

        static Task StoreOrderAsync(SqliteConnection shop, string number) => RunAsync(shop, $"create table if not exists orders(number text); insert into orders values('{number}')");

        async Task ReduceStockAsync(SqliteConnection shop, string number)
        {
            await RunAsync(shop, "create table if not exists taken(number text)");
            handled.SetResult(number);
        }
    }

    private static async Task RunAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Token);
    }
}
