using System.Text;
using Weft.Flows;
using Weft.Sqlite.Native;
using Weft.Sqlite.Storage;

namespace Weft.Sqlite.Tests;

/// <summary>Stores that earlier versions of Weft have written: each landed layout has a file in Fixtures.</summary>
public sealed class UpgradeTests : IDisposable
{
    private readonly StoreDirectory _directory = new();
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_store_of_an_older_version_is_brought_up_to_date_with_all_that_it_has(int version)
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Fixtures", $"version-{version}.store"), _directory.File());
        await using (var log = _directory.Open())
        {
            var orders = await log.OpenTopicAsync("orders", Token);
            Assert.Equal(10, orders.Head);
            var page = new LogEntry[10];
            Assert.Equal(10, await orders.ReadAsync(0, page, Token));
            Assert.Equal("o-7", page[6].Message.Id);
            Assert.Equal("c-1", Encoding.UTF8.GetString(page[6].Key.Span));

            var invoice = Assert.Single(await log.ListSubscriptionsAsync(Token));
            Assert.Equal(("invoice", 8L, 1L, 1L, 1L), (invoice.Name, invoice.Low, invoice.Retrying, invoice.Behind, invoice.Dead));
            var dead = Assert.Single(await log.ReadParkedAsync("invoice", new(ParkedState.Dead), Token));
            Assert.Equal("The service answered 500.", dead.Detail);

            // And what later versions add works in it.
            await using (var subscription = await orders.OpenSubscriptionAsync("invoice", SubscriptionStart.New, Token))
            await using (var transaction = log.Begin())
            {
                transaction.Park(subscription, dead with { Notes = "noted"u8.ToArray() });
                transaction.Mark(subscription, 10);
                await transaction.CommitAsync(Token);
            }
            Assert.Equal(5, Assert.Single(await log.ReadParkedAsync("invoice", new(ParkedState.Dead), Token)).Notes.Length);
            Assert.Equal(11, await orders.AppendAsync(page[0].Message, page[0].Key, Token, new("once"u8.ToArray(), TimeSpan.FromMinutes(1))));
            Assert.Equal(11, await orders.AppendAsync(page[0].Message, page[0].Key, Token, new("once"u8.ToArray(), TimeSpan.FromMinutes(1))));
            Assert.Empty(await log.ReadScheduledAsync(new(), Token));
        }
        using var connection = Connection.Open(_directory.File(), null, TimeSpan.Zero);
        Assert.Equal(Schema.Version, connection.QueryInt64("select value from meta where key = 'version'"));
    }
}
