using Microsoft.Extensions.DependencyInjection;
using Weft.EventBus;
using Weft.Messages;

namespace Weft.Tests.EventBus;

/// <summary>Lambdas and methods as handlers, and classes by their name alone: what the source generator makes of them, running.</summary>
public sealed class DelegateHandlerTests
{
    private readonly List<string> _handled = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lambda_gets_what_it_asks_for()
    {
        await using var rig = await BusRig.StartAsync(
            weft => weft.Subscribe("billing", "orders", async (OrderPlaced order, ShopDb db, Message message, DeliveryContext delivery, CancellationToken cancellation) =>
            {
                await db.SaveAsync(order.Id, cancellation);
                _handled.Add($"{order.Id} {message.Type} {delivery.Attempt} {ReferenceEquals(db, delivery.Services.GetRequiredService<ShopDb>())}");
            }),
            services => services.AddScoped<ShopDb>());
        await rig.Publisher.PublishAsync("orders", new OrderPlaced("a", 1), Cancellation);
        await rig.UntilDoneAsync("billing", 1);
        Assert.Equal(["a order.placed 1 True"], _handled);
    }

    [Fact]
    public async Task Methods_and_variables_are_handlers_too()
    {
        Action<OrderPlaced> variable = order => _handled.Add($"variable {order.Id}");
        await using var rig = await BusRig.StartAsync(weft => weft
            .Subscribe("static", "orders", StaticHandler)
            .Subscribe("instance", "orders", InstanceHandlerAsync)
            .Subscribe("variable", "orders", variable)
            .Subscribe("any", "orders", (Message message, List<string> into) => into.Add($"any {message.Type}"))
            .Subscribe("marked", "orders", (List<string> into, [EventData] OrderPlaced order) => into.Add($"marked {order.Id}"))
            .Subscribe("optional", "orders", (OrderPlaced order, ShopDb? none, [FromKeyedServices("second")] List<string> second) => second.Add($"optional {order.Id} {none is null}")),
            services => services.AddSingleton(_handled).AddKeyedSingleton("second", _handled));
        foreach (string subscription in new[] { "static", "instance", "variable", "any", "marked", "optional" })
        {
            await rig.Publisher.PublishAsync("orders", new OrderPlaced("a", 1), Cancellation);
            await rig.UntilDoneAsync(subscription, 1);
        }
        await rig.UntilDoneAsync("static", 6);
        foreach (string said in new[] { "static a", "instance a", "variable a", "any order.placed", "marked a", "optional a True" })
            Assert.Contains(said, _handled);
    }

    [Fact]
    public async Task A_handler_that_a_subscription_names_can_be_a_lambda_or_a_class()
    {
        await using var rig = await BusRig.StartAsync(
            weft => weft
                .Handler("lambda", (OrderPlaced order) => _handled.Add($"lambda {order.Id}"))
                .Subscription("first", new() { From = "orders", Handler = "lambda" })
                .Handler<Invoicing>("class")
                .Subscription("second", new() { From = "orders", Handler = "class" }),
            services => services.AddSingleton(_handled));
        await rig.Publisher.PublishAllAsync("orders", new object[] { new OrderPlaced("a", 1), new OrderCancelled("a") }, Cancellation);
        await rig.UntilDoneAsync("first", 2);
        await rig.UntilDoneAsync("second", 2);
        Assert.Equal(["invoiced a", "lambda a", "withdrawn a"], _handled.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_said_beside_a_handler_counts()
    {
        await using var rig = await BusRig.StartAsync(
            weft => weft
                .Subscribe("lambda", "orders", (OrderPlaced _) => { throw new FormatException("no"); }, h => h.DeadLetterOn<FormatException>().Strict())
                .Subscribe<Invoicing>("class", "orders", h => h.On<Shipment>((_, _, _) => default).Strict()),
            services => services.AddSingleton(_handled));
        await rig.Publisher.PublishAllAsync("orders", new object[] { new OrderPlaced("a", 1), new Shipment("a") }, Cancellation);
        Assert.Equal(["rejected", "wrong-type"], (await rig.DeadAsync("lambda", 2)).Select(d => d.Reason));
        await rig.UntilDoneAsync("class", 2);
        Assert.Equal(["invoiced a"], _handled);
    }

    [Fact]
    public async Task AddHandlers_subscribes_what_has_the_attribute()
    {
        await using var rig = await BusRig.StartAsync(weft => weft.AddHandlers(), services => services.AddSingleton(_handled));
        await rig.Publisher.PublishAllAsync("orders", new object[] { new OrderPlaced("a", 1), new OrderCancelled("a") }, Cancellation);
        await rig.UntilDoneAsync("invoices", 2);
        await rig.UntilDoneAsync("order-mailing", 2);
        Assert.Equal(["invoiced a", "mailed a", "withdrawn a"], _handled.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_call_that_the_generator_did_not_compile_says_what_to_do()
    {
        // Not a call that can be seen: a method that is passed on.
        new ServiceCollection().AddWeft(weft =>
        {
            Func<string, string, Delegate, Action<HandlerBuilder>?, WeftBuilder> subscribe = weft.Subscribe;
            var error = Assert.Throws<InvalidOperationException>(() => subscribe("billing", "orders", (OrderPlaced _) => { }, null));
            Assert.Contains("Reference the package Weft in the project of the call", error.Message, StringComparison.Ordinal);
        });
    }

    private static void StaticHandler(OrderPlaced order, List<string> into) => into.Add($"static {order.Id}");

    private async ValueTask InstanceHandlerAsync(OrderPlaced order, CancellationToken cancellation)
    {
        await Task.Yield();
        cancellation.ThrowIfCancellationRequested();
        _handled.Add($"instance {order.Id}");
    }
}

internal sealed class ShopDb
{
    private readonly List<string> _saved = [];

    public Task SaveAsync(string id, CancellationToken cancellation)
    {
        _saved.Add(id);
        return Task.Delay(0, cancellation);
    }
}

[Subscribe("orders", "invoices")]
internal sealed class Invoicing(List<string> into) : IHandle<OrderPlaced>, IHandle<OrderCancelled>
{
    public ValueTask HandleAsync(OrderPlaced data, DeliveryContext delivery, CancellationToken cancellation)
    {
        lock (into)
            into.Add($"invoiced {data.Id}");
        return default;
    }

    public ValueTask HandleAsync(OrderCancelled data, DeliveryContext delivery, CancellationToken cancellation)
    {
        lock (into)
            into.Add($"withdrawn {data.Id}");
        return default;
    }
}

[Subscribe("orders")]
internal sealed class OrderMailing(List<string> into) : IHandle<OrderPlaced>
{
    public ValueTask HandleAsync(OrderPlaced data, DeliveryContext delivery, CancellationToken cancellation)
    {
        lock (into)
            into.Add($"mailed {data.Id}");
        return default;
    }
}
