using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weft;
using Weft.EventBus;

var handled = new TaskCompletionSource<string>();

var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.AddWeft(weft => weft
    .UseSqlite("console.db")
    .Topic("orders")
    .Subscribe("invoice", "orders", (OrderCreated order, DeliveryContext delivery) =>
    {
        handled.TrySetResult($"{delivery.Subscription} got {delivery.Message.Type}: {order.Total}");
    }));

using var host = builder.Build();
await host.StartAsync();
await host.Services.GetRequiredService<IPublisher>().PublishAsync("orders", new OrderCreated(7));
Console.WriteLine(await handled.Task.WaitAsync(TimeSpan.FromSeconds(30)));
await host.StopAsync();

public sealed record OrderCreated(int Total);
