using System.Net;
using System.Net.Http.Json;
using Microsoft.Data.Sqlite;
using Weft.Flows;
using Weft.Options;
using Weft.Sqlite;

namespace Weft.Integration.Tests.Samples;

/// <summary>Kills the two services of samples/shop at random while orders are placed and cancelled, and does their books at the end.</summary>
public sealed class ShopKillTests : IDisposable
{
    private const int Kills = 8, Customers = 6;
    private static readonly string[] s_items = ["chair", "table", "lamp"];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("weft-shop-");
    private readonly string _orders = $"http://127.0.0.1:{SampleRun.FreePort()}", _inventory = $"http://127.0.0.1:{SampleRun.FreePort()}";
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly Dictionary<string, bool> _placed = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        SqliteConnection.ClearAllPools();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task The_books_of_two_services_agree_however_they_are_killed()
    {
        var random = new Random(17);
        using var orders = new ShopProcess("orders", _directory.FullName, _orders, "inventory", _inventory);
        using var inventory = new ShopProcess("inventory", _directory.FullName, _inventory, "orders", _orders);
        await Task.WhenAll(orders.StartAsync(Token), inventory.StartAsync(Token));
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task[] customers = [.. Enumerable.Range(0, Customers).Select(c => BuyAsync(c, new Random(c), closing.Token))];
        for (int kill = 0; kill < Kills; kill++)
        {
            await Task.Delay(random.Next(100, 2000), Token);
            // Sometimes both are down.
            ShopProcess[] victims = random.Next(4) switch { 0 => [orders, inventory], 1 => [inventory], _ => [orders] };
            foreach (var victim in victims)
                await victim.KillAsync(Token);
            await Task.WhenAll(victims.Select(v => v.StartAsync(Token)));
        }
        await closing.CancelAsync();
        await Task.WhenAll(customers);
        Assert.True(_placed.Count > 50, $"Only {_placed.Count} orders, which shows little.");

        await UntilAsync(SettledAsync);
        Assert.Equal((0, 0), (await orders.StopAsync(Token), await inventory.StopAsync(Token)));
        await CheckBooksAsync();
        await CheckEventsAsync();
    }

    // One customer places orders under ids of his own, asks until each is taken, and cancels some, at once or later.
    private async Task BuyAsync(int customer, Random random, CancellationToken closing)
    {
        for (int i = 0; !closing.IsCancellationRequested; i++)
        {
            string id = $"C{customer}-{i}";
            var order = new { id, item = s_items[random.Next(s_items.Length)], quantity = random.Next(1, 4) };
            await AskAsync(() => _client.PostAsJsonAsync(new Uri($"{_orders}/orders"), order, Token));
            if (random.Next(3) == 0)
                await Task.Delay(random.Next(200), Token);
            bool cancelled = random.Next(3) == 0
                && await AskAsync(() => _client.DeleteAsync(new Uri($"{_orders}/orders/{id}"), Token)) == HttpStatusCode.OK;
            lock (_placed)
                _placed.Add(id, cancelled);
        }
    }

    // An answer that does not come says nothing: the same is asked again.
    private static async Task<HttpStatusCode> AskAsync(Func<Task<HttpResponseMessage>> ask)
    {
        while (true)
        {
            try
            {
                using var answer = await ask();
                if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.Conflict)
                    return answer.StatusCode;
                Assert.True(answer.StatusCode >= HttpStatusCode.InternalServerError, $"{answer.StatusCode}");
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !Token.IsCancellationRequested)
            {
                // It is down.
            }
            await Task.Delay(50, Token);
        }
    }

    private async Task<bool> SettledAsync() =>
        (await ReadAsync("orders", "select count(*), 0 from Orders where State = 'Pending'"))[0].Name == "0"
        && (await ReadAsync("orders", "select count(*), 0 from weft_outbox"))[0].Name == "0"
        && (await ReadAsync("inventory", "select count(*), 0 from weft_outbox"))[0].Name == "0"
        && await BooksAsync() is { Length: 0 };

    // What is wrong with stock and orders; empty when they agree.
    private async Task<string> BooksAsync()
    {
        var wrong = new List<string>();
        var moves = (await ReadAsync("inventory", "select order_id, change from movements order by rowid")).ToLookup(m => m.Name, m => m.Number);
        var confirmed = new Dictionary<string, long>();
        foreach (var (id, state, item, quantity) in await OrdersAsync())
        {
            long[] made = [.. moves[id]];
            bool right = state switch
            {
                "Confirmed" => made is [var taken] && taken == -quantity,
                "Cancelled" => made is [] || (made is [var t, var back] && t == -quantity && back == quantity),
                "Rejected" => made is [],
                _ => false,
            };
            if (!right)
                wrong.Add($"{id} is {state} for {quantity} and has moved {string.Join(", ", made)}");
            if (state == "Confirmed")
                confirmed[item] = confirmed.GetValueOrDefault(item) + quantity;
        }
        var initial = new Dictionary<string, long> { ["chair"] = 1000, ["table"] = 100, ["lamp"] = 3 };
        foreach (var (item, available) in await ReadAsync("inventory", "select item, available from stock"))
        {
            if (available < 0 || available != initial[item] - confirmed.GetValueOrDefault(item))
                wrong.Add($"{item}: {available} of {initial[item]}, and {confirmed.GetValueOrDefault(item)} are confirmed");
        }
        return string.Join("; ", wrong);
    }

    private async Task CheckBooksAsync()
    {
        Assert.Equal("", await BooksAsync());
        var states = (await OrdersAsync()).ToDictionary(o => o.Id, o => o.State);
        foreach (var (id, cancelled) in _placed)
            Assert.True(states.TryGetValue(id, out var state) && (state == "Cancelled") == cancelled, $"{id} was taken, cancelled: {cancelled}, and is {state ?? "gone"}.");
        Assert.Equal(_placed.Count, states.Count);
    }

    // What was published: of each order what its state says, once, in its order.
    private async Task CheckEventsAsync()
    {
        var published = await EventsAsync("orders-events.db", "orders");
        var answers = await EventsAsync("inventory-events.db", "stock");
        foreach (var (id, state, _, _) in await OrdersAsync())
        {
            string story = string.Join(' ', published[id]);
            Assert.True(
                state == "Cancelled" ? story is "OrderCreated OrderCancelled" or "OrderCreated OrderConfirmed OrderCancelled" : story == $"OrderCreated Order{state}",
                $"{id} is {state} and was told as {story}.");
            Assert.True(answers[id].Count() == 1, $"The stock has said of {id}: {string.Join(' ', answers[id])}.");
        }
    }

    private async Task<ILookup<string, string>> EventsAsync(string store, string name)
    {
        await using var log = SqliteMessageLog.Open(Path.Combine(_directory.FullName, store), Durability.Sync, TimeProvider.System);
        foreach (var subscription in await log.ListSubscriptionsAsync(Token))
        {
            Assert.Empty((await log.ReadParkedAsync(subscription.Name, new(ParkedState.Dead), Token)).Select(p => $"{subscription.Name} {p.Position}: {p.Reason} {p.Message.Type}"));
            Assert.Equal((subscription.Name, 0L, 0L), (subscription.Name, subscription.Retrying, subscription.Behind));
        }
        var topic = await log.OpenTopicAsync(name, Token);
        var (page, found) = (new LogEntry[256], new List<(string Subject, string Type)>());
        for (int count; (count = await topic.ReadAsync(found.Count, page, Token)) > 0;)
            found.AddRange(page[..count].Select(e => (e.Message.Subject!, e.Message.Type)));
        return found.ToLookup(e => e.Subject, e => e.Type);
    }

    private async Task<List<(string Id, string State, string Item, long Quantity)>> OrdersAsync() =>
        [.. (await ReadAsync("orders", "select Id || ' ' || State || ' ' || Item, Quantity from Orders")).Select(r => (r.Name.Split(' '), r.Number)).Select(r => (r.Item1[0], r.Item1[1], r.Item1[2], r.Number))];

    private async Task<List<(string Name, long Number)>> ReadAsync(string database, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_directory.FullName, database + ".db")};Pooling=False");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(Token);
        var rows = new List<(string, long)>();
        while (await reader.ReadAsync(Token))
            rows.Add((reader.GetString(0), reader.GetInt64(1)));
        return rows;
    }

    private async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (int tries = 0; !await holds(); tries++)
        {
            Assert.True(tries < 400, $"It has not settled: {await BooksAsync()}");
            await Task.Delay(200, Token);
        }
    }
}
