using Microsoft.Extensions.DependencyInjection;
using Weft.EventBus;
using Weft.Messages;

namespace Weft.Tests.EventBus;

/// <summary>The services of a delivery: a scope of its own, made when it is asked for, disposed of when the handler is done.</summary>
public sealed class DeliveryScopeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_class_gets_what_it_asks_for_from_the_scope_of_each_delivery()
    {
        var calls = new Calls();
        await using var rig = await BusRig.StartAsync(
            weft => weft.Subscribe("billing", "orders", h => h.On<OrderPlaced, Billing>().On<OrderCancelled, Billing>()),
            services => services.AddSingleton(calls).AddScoped<Db>());
        await rig.Publisher.PublishAllAsync("orders", new object[] { new OrderPlaced("a", 1), new OrderCancelled("a") }, Cancellation);
        await rig.UntilDoneAsync("billing", 2);
        Assert.Equal(["placed a by 1", "disposed 1", "cancelled a by 2", "disposed 2"], calls.Said);
    }

    [Fact]
    public async Task The_scope_of_a_failed_try_is_disposed_of_too()
    {
        var calls = new Calls();
        await using var rig = await BusRig.StartAsync(
            weft => weft.Subscribe("billing", "orders", h => h.On<OrderPlaced>((_, delivery, _) =>
            {
                calls.Said.Add($"try {delivery.Attempt} by {delivery.Services.GetRequiredService<Db>().Number}");
                return delivery.Attempt < 3 ? throw new InvalidOperationException("busy") : default;
            })),
            services => services.AddSingleton(calls).AddScoped<Db>());
        await rig.Publisher.PublishAsync("orders", new OrderPlaced("a", 1), Cancellation);
        await rig.UntilDoneAsync("billing", 1);
        Assert.Equal(["try 1 by 1", "disposed 1", "try 2 by 2", "disposed 2", "try 3 by 3", "disposed 3"], calls.Said);
    }

    [Fact]
    public async Task A_handler_of_messages_has_the_scope_too_and_one_that_does_not_ask_has_none()
    {
        var calls = new Calls();
        var kept = new List<DeliveryContext>();
        await using var rig = await BusRig.StartAsync(
            weft => weft.Subscribe("raw", "orders", (message, delivery, _) =>
            {
                kept.Add(delivery);
                if (message.Id == "asks")
                    Assert.Same(delivery.Services.GetRequiredService<Db>(), delivery.Services.GetRequiredService<Db>());
                return default;
            }),
            services => services.AddSingleton(calls).AddScoped<Db>());
        await rig.Publisher.PublishAsync("orders", Message.Create("x", "/t", 1, id: "quiet"), Cancellation);
        await rig.Publisher.PublishAsync("orders", Message.Create("x", "/t", 1, id: "asks"), Cancellation);
        await rig.UntilDoneAsync("raw", 2);
        Assert.Equal(["disposed 1"], calls.Said);
        Assert.All(kept, over => Assert.Throws<ObjectDisposedException>(() => over.Services));
        Assert.Equal("raw: orders 2, try 1", kept[1].ToString());
    }

    private sealed class Calls
    {
        public List<string> Said { get; } = [];

        public int Made { get; set; }
    }

    private sealed class Db(Calls calls) : IAsyncDisposable
    {
        public int Number { get; } = ++calls.Made;

        public ValueTask DisposeAsync()
        {
            calls.Said.Add($"disposed {Number}");
            return default;
        }
    }

    private sealed class Billing(Db db, Calls calls) : IHandle<OrderPlaced>, IHandle<OrderCancelled>
    {
        public async ValueTask HandleAsync(OrderPlaced data, DeliveryContext delivery, CancellationToken cancellation)
        {
            await Task.Yield();
            calls.Said.Add($"placed {data.Id} by {db.Number}");
        }

        public ValueTask HandleAsync(OrderCancelled data, DeliveryContext delivery, CancellationToken cancellation)
        {
            calls.Said.Add($"cancelled {data.Id} by {db.Number}");
            return default;
        }
    }
}
