using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Weft;
using Weft.EventBus;
using Weft.Messages;

// region handler
var builder = Host.CreateApplicationBuilder(args);
builder.AddWeft(weft => weft
    .UseSqlite("data/console.db")
    .Topic("orders")
    .Subscribe("invoice", "orders", (message, delivery, cancellation) =>
    {
        Console.WriteLine($"{message.Type} {message.Subject} (try {delivery.Attempt})");
        return ValueTask.CompletedTask;
    }));
using var host = builder.Build();
await host.StartAsync();
// endregion

var publisher = host.Services.GetRequiredService<IPublisher>();
await publisher.PublishAsync("orders", Message.Create("OrderCreated", "/console", new { total = 42 }, subject: "order-1", partitionKey: "customer-7"));
await host.StopAsync();
