using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weft;
using Weft.EventBus;
using Weft.KillTarget;
using Weft.Messages;
using Weft.Options;

if (args is ["node", .. var rest])
{
    await Node.RunAsync(rest);
    return;
}

// Arguments: store file, durability, round, publishers, after how many crashes an event is dead, and, if publishers use an outbox, the database of the app. An event of the type Poison ends the process. Says on standard output what it does, one line each, and goes on
// until it is killed or its standard input ends, which stops it cleanly.
string path = args[0];
var durability = Enum.Parse<Durability>(args[1]);
long firstSequence = long.Parse(args[2], CultureInfo.InvariantCulture) * 1_000_000;
int publishers = int.Parse(args[3], CultureInfo.InvariantCulture);
int crashes = int.Parse(args[4], CultureInfo.InvariantCulture);
string? app = args.ElementAtOrDefault(5);

var said = new Lines();
var builder = Host.CreateEmptyApplicationBuilder(new());
builder.Logging.AddConsole(o => o.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
builder.AddWeft(weft => (app is null ? weft : weft.Connection("app", new() { Sqlite = app }).Outbox("app"))
    .UseSqlite(path, durability)
    .Topic("orders")
    .Handler("bill", async (message, delivery, cancellation) =>
    {
        said.Add("deliver", message.Subject!);
        if (message.Type == "Poison")
            Environment.FailFast("Some code has overflown its stack.");
        await Task.Yield();
        // Some fail at first, so that kills also hit retries and what waits behind them.
        bool fails = delivery.Attempt == 1 && message.Subject!.EndsWith('7');
        said.Add(fails ? "fail" : "done", message.Subject!);
        if (fails)
            throw new InvalidOperationException("The first try fails.");
    })
    .Subscription("billing", new() { From = "orders", Handler = "bill", Start = "beginning", Dead = new() { Crashes = crashes } }));
using var host = builder.Build();
await host.StartAsync();

var publisher = host.Services.GetRequiredService<IPublisher>();
for (int p = 0; p < publishers; p++)
    _ = app is null ? PublishAsync(p) : AddAsync(p, app);
await Console.In.ReadToEndAsync();
await host.StopAsync();

async Task PublishAsync(int number)
{
    await Task.Yield();
    for (long sequence = firstSequence; ; sequence++)
    {
        var message = New(number, sequence);
        said.Add("publish", message.Subject!);
        await publisher.PublishAsync("orders", message);
        said.Add("published", message.Subject!);
    }
}

// Some events in each transaction of the app; every fifth transaction is rolled back, and none may hear of it.
async Task AddAsync(int number, string file)
{
    await Task.Yield();
    var outbox = host.Services.GetRequiredService<IOutbox>();
    await using var connection = new SqliteConnection($"Data Source={file}");
    await connection.OpenAsync();
    for (long sequence = firstSequence; ; sequence += 8)
    {
        bool commits = sequence / 8 % 5 != 0;
        Message[] events = [.. Enumerable.Range(0, 8).Select(i => New(number, sequence + i))];
        foreach (var message in commits ? events : [])
            said.Add("publish", message.Subject!);
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            foreach (var message in events)
                await outbox.AddAsync(transaction, "orders", message);
            if (!commits)
                continue;
            await transaction.CommitAsync();
        }
        foreach (var message in events)
            said.Add("published", message.Subject!);
    }
}

static Message New(int number, long sequence)
{
    const int Keys = 64;
    long key = ((number * 7) + sequence) % Keys;
    return Message.CreateBytes(
        "OrderCreated", "/kill", new byte[200], "application/octet-stream", subject: string.Create(CultureInfo.InvariantCulture, $"{key} {number} {sequence}"), partitionKey: $"{key}");
}
