using System.Globalization;
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

// Arguments: store file, durability, round, publishers, and after how many crashes an event is dead. An event of the type Poison ends the process. Says on standard output what it does, one line each, and goes on
// until it is killed or its standard input ends, which stops it cleanly.
string path = args[0];
var durability = Enum.Parse<Durability>(args[1]);
long firstSequence = long.Parse(args[2], CultureInfo.InvariantCulture) * 1_000_000;
int publishers = int.Parse(args[3], CultureInfo.InvariantCulture);
int crashes = int.Parse(args[4], CultureInfo.InvariantCulture);

var said = new Lines();
var builder = Host.CreateEmptyApplicationBuilder(new());
builder.Logging.AddConsole(o => o.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
builder.AddWeft(weft => weft
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
    _ = PublishAsync(p);
await Console.In.ReadToEndAsync();
await host.StopAsync();

async Task PublishAsync(int number)
{
    const int Keys = 64;
    await Task.Yield();
    for (long sequence = firstSequence; ; sequence++)
    {
        long key = ((number * 7) + sequence) % Keys;
        string subject = string.Create(CultureInfo.InvariantCulture, $"{key} {number} {sequence}");
        said.Add("publish", subject);
        await publisher.PublishAsync("orders", Message.CreateBytes("OrderCreated", "/kill", new byte[200], "application/octet-stream", subject: subject, partitionKey: $"{key}"));
        said.Add("published", subject);
    }
}
