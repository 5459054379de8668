using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weft.EventBus;
using Weft.Messages;

namespace Weft.Sqlite.Tests;

/// <summary>What an event costs on its whole way: published, stored, read, handled and settled.</summary>
[Collection(nameof(Alone))]
public sealed class DeliveryAllocationTests : IDisposable
{
    private const int Publishers = 16, Events = 20_000;

    // Commits and wake-ups allocate a little and carry many events. Without optimization every call of an async method is an object.
#if DEBUG
    private const int Overhead = 1_200;
#else
    private const int Overhead = 128;
#endif

    private readonly StoreDirectory _directory = new();
    private readonly Message _message = Message.CreateBytes("made", "/test", new byte[440], "application/octet-stream", id: "1", partitionKey: "a");
    private int _handled;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_delivered_event_allocates_little_more_than_its_place_in_a_page()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.AddWeft(weft => weft.UseSqlite(_directory.File(), Options.Durability.Os).Topic("load").Subscribe("count", "load", (_, _, _) =>
        {
            Interlocked.Increment(ref _handled);
            return default;
        }));
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        var publisher = host.Services.GetRequiredService<IPublisher>();
        await PublishAsync(publisher);

        long before = GC.GetTotalAllocatedBytes(precise: true);
        await PublishAsync(publisher);
        double each = (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / Events;
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.InRange(each, 0, _message.Bytes.Length + Overhead);
    }

    private async Task PublishAsync(IPublisher publisher)
    {
        int all = Volatile.Read(ref _handled) + Events;
        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < Events / Publishers; i++)
                await publisher.PublishAsync("load", _message).ConfigureAwait(false);
        })));
        while (Volatile.Read(ref _handled) < all)
            await Task.Yield();
    }
}
