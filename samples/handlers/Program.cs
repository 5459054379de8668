using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weft;
using Weft.EventBus;
using Weft.Messages;
using Weft.Samples.Handlers;

var saved = Channel.CreateUnbounded<string>();

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddSingleton(saved);
// region setup
builder.Services.AddScoped<ShopDb>();
builder.AddWeft(weft => weft
    .UseSqlite("data/handlers.db")
    .Topic("orders")
    .Subscribe("billing", "orders", async (OrderPlaced order, ShopDb db, CancellationToken cancellation) =>
        await db.SaveAsync($"invoice for {order.Id}: {order.Total}", cancellation))
    .AddHandlers());                        // all classes of the project with [Subscribe]
using var host = builder.Build();
await host.StartAsync();

var publisher = host.Services.GetRequiredService<IPublisher>();
await publisher.PublishAsync("orders", new OrderPlaced("A-17", "c-7", 42));
// endregion
await publisher.PublishAllAsync("orders", new object[] { new OrderCancelled("A-17"), new OrderPlaced("A-18", "c-8", 7.5m) });

// Not an order: a dead letter of both subscriptions at once, with the reason 'undeserialisable'.
await publisher.PublishAsync("orders", Message.CreateBytes("order.placed", "/handlers", "{\"id\":\"A-19\",\"total\":\"much\"}"u8, "application/json"));

for (int i = 0; i < 5; i++)
    Console.WriteLine(await saved.Reader.ReadAsync());
await host.StopAsync();
