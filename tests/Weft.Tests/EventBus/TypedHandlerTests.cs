using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Weft.EventBus;
using Weft.Messages;
using Weft.Options;

namespace Weft.Tests.EventBus;

/// <summary>Handlers that take data, set up by hand: what comes to them, and what becomes of what does not.</summary>
public sealed class TypedHandlerTests
{
    private readonly List<string> _handled = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_event_goes_to_what_handles_its_type()
    {
        await using var rig = await BusRig.StartAsync(weft => weft.Subscribe("billing", "orders", h => h
            .On<OrderPlaced>((order, delivery, _) => Note($"placed {order.Id} {order.Total} {delivery.Message.Type} {delivery.Position} {delivery.Attempt}"))
            .On<OrderCancelled>((order, _, _) => Note($"cancelled {order.Id}"))));
        await rig.Publisher.PublishAsync("orders", new OrderPlaced("a", 7.5m), Cancellation);
        await rig.Publisher.PublishAsync("orders", new OrderCancelled("a"), Cancellation);
        await rig.UntilDoneAsync("billing", 2);
        Assert.Equal(["placed a 7.5 order.placed 1 1", "cancelled a"], _handled);
    }

    [Fact]
    public async Task An_event_of_another_type_is_done_counted_and_said_once()
    {
        long skipped = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "weft.handler.skipped")
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => skipped += tags.ToArray().Contains(new("flow", "others-are-counted")) ? value : 0);
        listener.Start();

        await using var rig = await BusRig.StartAsync(weft => weft.Subscribe("others-are-counted", "orders", h => h.On<OrderPlaced>((order, _, _) => Note(order.Id))));
        await rig.Publisher.PublishAllAsync("orders", new object[] { new OrderCancelled("x"), new OrderCancelled("y"), new OrderPlaced("z", 1) }, Cancellation);
        await rig.UntilDoneAsync("others-are-counted", 3);
        Assert.Equal(["z"], _handled);
        Assert.Equal(2, skipped);
        string line = Assert.Single(rig.Log.Lines, l => l.StartsWith("4030 ", StringComparison.Ordinal));
        Assert.Contains("'OrderCancelled' and the handler takes order.placed", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_strict_handler_takes_no_event_of_another_type()
    {
        await using var rig = await BusRig.StartAsync(weft => weft.Subscribe("billing", "orders", h => h.On<OrderPlaced>((_, _, _) => default).Strict()));
        await rig.Publisher.PublishAsync("orders", new OrderCancelled("x"), Cancellation);
        var dead = Assert.Single(await rig.DeadAsync("billing", 1));
        Assert.Equal(("wrong-type", "The event's type is 'OrderCancelled'; the handler is strict and takes order.placed."), (dead.Reason, dead.Detail));
    }

    [Fact]
    public async Task What_handles_any_type_gets_the_others()
    {
        await using var rig = await BusRig.StartAsync(weft => weft.Subscribe("billing", "orders", h => h
            .On<OrderPlaced>((_, _, _) => Note("placed"))
            .OnAny((message, _, _) => Note(message.Type))));
        await rig.Publisher.PublishAllAsync("orders", new object[] { new OrderCancelled("x"), new OrderPlaced("z", 1) }, Cancellation);
        await rig.UntilDoneAsync("billing", 2);
        Assert.Equal(["OrderCancelled", "placed"], _handled);
    }

    [Theory]
    [InlineData("{\"id\":\"a\",\n \"total\":\"much\"}", "application/json", "The data is no OrderPlaced: The JSON value could not be converted to Weft.Tests.EventBus.OrderPlaced. At $.total, line 2, byte 16.")]
    [InlineData("{\"id\":", "application/json", "The data is no OrderPlaced: ")]
    [InlineData("null", "application/json", "The data is null; expected is OrderPlaced.")]
    [InlineData("<order/>", "application/xml", "The data is 'application/xml'; expected is OrderPlaced as JSON in UTF-8.")]
    [InlineData("{}", "application/json; charset=utf-16", "The data is 'application/json; charset=utf-16'; expected is OrderPlaced as JSON in UTF-8.")]
    public async Task Data_that_cannot_be_read_is_dead_at_once(string data, string contentType, string detail)
    {
        await using var rig = await BusRig.StartAsync(weft => weft.Subscribe("billing", "orders", h => h.On<OrderPlaced>((_, _, _) => Note("never"))));
        await rig.Publisher.PublishAsync("orders", Message.CreateBytes("order.placed", "/test", System.Text.Encoding.UTF8.GetBytes(data), contentType), Cancellation);
        var dead = Assert.Single(await rig.DeadAsync("billing", 1));
        Assert.Equal(("undeserialisable", 1), (dead.Reason, dead.Attempts));
        Assert.Equal(detail, dead.Detail![..Math.Min(detail.Length, dead.Detail!.Length)]);
        Assert.Empty(_handled);
    }

    [Fact]
    public async Task An_event_without_data_and_one_whose_type_refuses_it_are_dead_at_once()
    {
        await using var rig = await BusRig.StartAsync(weft => weft.Subscribe("billing", "orders", h => h.On<Refusing>((_, _, _) => default)));
        await rig.Publisher.PublishAsync("orders", new MessageBuilder().Set("id", "1").Set("source", "/t").Set("type", "Refusing").Build(), Cancellation);
        await rig.Publisher.PublishAsync("orders", Message.Create("Refusing", "/t", new { amount = -1 }), Cancellation);
        var dead = await rig.DeadAsync("billing", 2);
        Assert.Equal(["undeserialisable", "undeserialisable"], dead.Select(d => d.Reason));
        Assert.Equal("There is no data; expected is Refusing as JSON.", dead[0].Detail);
        Assert.Contains("ArgumentOutOfRangeException: An amount is at least 0.", dead[1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_without_a_content_type_is_read_as_JSON()
    {
        await using var rig = await BusRig.StartAsync(weft => weft.Subscribe("billing", "orders", h => h.On<OrderPlaced>((order, _, _) => Note(order.Id))));
        await rig.Publisher.PublishAsync("orders", new MessageBuilder().Set("id", "1").Set("source", "/t").Set("type", "order.placed").BuildBytes("""{"id":"a","total":1}"""u8), Cancellation);
        await rig.UntilDoneAsync("billing", 1);
        Assert.Equal(["a"], _handled);
    }

    [Fact]
    public async Task An_exception_is_another_try_unless_it_is_said_to_be_hopeless()
    {
        int tries = 0;
        await using var rig = await BusRig.StartAsync(weft => weft
            .DeadLetterOn<NotSupportedException>()
            .Subscribe("billing", "orders", h => h
                .DeadLetterOn<ArgumentException>()
                .On<OrderPlaced>((order, _, _) => order.Id switch
                {
                    "derived" => throw new ArgumentNullException(nameof(order)),
                    "everywhere" => throw new NotSupportedException("no"),
                    "said" => throw new DeadLetterException("no such customer"),
                    _ => ++tries < 3 ? throw new InvalidOperationException("busy") : Note($"try {tries}"),
                })));
        await rig.Publisher.PublishAllAsync("orders", [new OrderPlaced("derived", 1), new OrderPlaced("everywhere", 1), new OrderPlaced("said", 1), new OrderPlaced("busy", 1)], Cancellation);
        await rig.UntilDoneAsync("billing", 4);
        var dead = await rig.DeadAsync("billing", 3);
        Assert.All(dead, d => Assert.Equal(("rejected", 1), (d.Reason, d.Attempts)));
        Assert.Equal(["NotSupportedException: no", "no such customer"], dead.Skip(1).Select(d => d.Detail));
        Assert.Equal(["try 3"], _handled);
    }

    [Fact]
    public async Task A_mistake_is_found_at_the_start()
    {
        Assert.Contains("handles nothing", Throws<ArgumentException>(w => w.Subscribe("a", "orders", _ => { })), StringComparison.Ordinal);
        Assert.Contains("strict", Throws<ArgumentException>(w => w.Handler("a", h => h.OnAny((_, _, _) => default).Strict())), StringComparison.Ordinal);
        Assert.Contains("registered already", Throws<ArgumentException>(w => w.Handler("a", (_, _, _) => default).Handler("a", (_, _, _) => default)), StringComparison.Ordinal);
        var twice = await Assert.ThrowsAsync<WeftConfigurationException>(() => BusRig.StartAsync(w => w.Subscribe("a", "orders", h => h.On<OrderPlaced>((_, _, _) => default).On<OrderPlaced>((_, _, _) => default))));
        Assert.Contains("handles the type 'order.placed' 2 times", twice.Message, StringComparison.Ordinal);
        var nameless = await Assert.ThrowsAsync<WeftConfigurationException>(() => BusRig.StartAsync(w => w.Subscribe("a", "orders", h => h.On<List<string>>((_, _, _) => default))));
        Assert.Contains("has no name that could be the type of an event", nameless.Message, StringComparison.Ordinal);
    }

    private static string Throws<T>(Action<WeftBuilder> configure)
        where T : Exception => Assert.Throws<T>(() => new ServiceCollection().AddWeft(configure)).Message;

    private ValueTask Note(string what)
    {
        _handled.Add(what);
        return default;
    }
}
