using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weft;
using Weft.EventBus;
using Weft.Messages;
using Weft.Sqlite;

var handled = new TaskCompletionSource<string>();

var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.AddWeft(weft => weft
    .UseSqlite("console.db")
    .Topic("orders")
    .Subscribe("invoice", "orders", (message, context, cancellation) =>
    {
        handled.TrySetResult($"{context.Subscription} got {message.Type}: {Encoding.UTF8.GetString(message.Data.Span)}");
        return ValueTask.CompletedTask;
    }));

using var host = builder.Build();
await host.StartAsync();
var order = new MessageBuilder().Set("id", "1").Set("source", "/console").Set("type", "OrderCreated").BuildJson("""{"total":7}"""u8);
await host.Services.GetRequiredService<IPublisher>().PublishAsync("orders", order);
Console.WriteLine(await handled.Task.WaitAsync(TimeSpan.FromSeconds(30)));
await host.StopAsync();
