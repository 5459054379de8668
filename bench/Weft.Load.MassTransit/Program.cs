using MassTransit;
using Weft.Load.Cells;

// MassTransit on RabbitMQ: a quorum queue; confirms are on by default. What its documentation offers for speed is set: prefetch well above
// the concurrency, and a concurrency of as many as publish.
var cell = new CellArgs(args);
using var telemetry = Telemetry.Listen();
var checker = new Checker(ClosedLoop.Capacity(cell));
string queue = cell.Text("queue");
var bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
{
    rabbit.Host(new Uri(cell.Text("url")));
    rabbit.ReceiveEndpoint(queue, endpoint =>
    {
        endpoint.SetQuorumQueue(1);
        endpoint.PrefetchCount = (int)cell.Number("prefetch", 1_000);
        endpoint.ConcurrentMessageLimit = (int)cell.Number("concurrency", 64);
        endpoint.Consumer(() => new OrderConsumer(checker));
    });
});
await bus.StartAsync();

var result = await new ClosedLoop(cell, async (_, order) => await bus.Publish(order).ConfigureAwait(false), [checker]).RunAsync(telemetry);
await bus.StopAsync();
await DeleteAsync();
Console.WriteLine(result);

// The next cell would publish to this queue as well.
async Task DeleteAsync()
{
    await using var connection = await new RabbitMQ.Client.ConnectionFactory { Uri = new Uri(cell.Text("url")) }.CreateConnectionAsync();
    await using var channel = await connection.CreateChannelAsync();
    await channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false);
    await channel.ExchangeDeleteAsync(queue);
    await channel.ExchangeDeleteAsync("Weft.Load.Cells:Order");
}

internal sealed class OrderConsumer(Checker checker) : IConsumer<Order>
{
    public Task Consume(ConsumeContext<Order> context)
    {
        checker.Arrived(context.Message);
        return Task.CompletedTask;
    }
}
