using System.Threading.RateLimiting;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Weft.Load.Cells;

// RabbitMQ with nothing around the client: a quorum queue, persistent messages, confirms; a message is acknowledged once it was handled.
var cell = new CellArgs(args);
var factory = new ConnectionFactory { Uri = new Uri(cell.Text("url")) };
await using var outward = await factory.CreateConnectionAsync();
await using var inward = await factory.CreateConnectionAsync();

// A window of our own: the client's limiter slows down long before it is full.
await using var window = new ConcurrencyLimiter(new() { PermitLimit = 1_000, QueueLimit = int.MaxValue });
await using var channel = await outward.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, window));
string queue = cell.Text("queue");
await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments: new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });

using var telemetry = Telemetry.Listen();
var checker = new Checker(ClosedLoop.Capacity(cell));
await using var consuming = await inward.CreateChannelAsync();
await consuming.BasicQosAsync(0, 500, global: false);
var consumer = new AsyncEventingBasicConsumer(consuming);
consumer.ReceivedAsync += async (_, delivery) =>
{
    checker.Arrived(Order.Read(delivery.Body.Span));
    await consuming.BasicAckAsync(delivery.DeliveryTag, multiple: false);
};
await consuming.BasicConsumeAsync(queue, autoAck: false, consumer);

var result = await new ClosedLoop(cell, PublishAsync, [checker]).RunAsync(telemetry);
await consuming.QueueDeleteAsync(queue);
Console.WriteLine(result);

async ValueTask PublishAsync(int publisher, Order order)
{
    var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent, ContentType = "application/json" };
    await channel.BasicPublishAsync("", queue, mandatory: true, properties, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(order, OrderJson.Default.Order)).ConfigureAwait(false);
}
