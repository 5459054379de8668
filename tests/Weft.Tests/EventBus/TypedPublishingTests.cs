using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Weft.EventBus;
using Weft.Messages;
using Weft.Options;

namespace Weft.Tests.EventBus;

/// <summary>What becomes of an object that is published.</summary>
public sealed class TypedPublishingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_object_becomes_a_whole_event()
    {
        await using var rig = await BusRig.StartAsync(weft => weft.Configure(o => o with { Name = "web-shop" }));
        Assert.Equal(1, await rig.Publisher.PublishAsync("orders", new OrderPlaced("a", 7.50m), Cancellation));
        var stored = Assert.Single(await rig.StoredAsync());
        Assert.Equal(("order.placed", "/web-shop", "application/json", rig.Time.GetUtcNow()), (stored.Type, stored.Source, stored.DataContentType, stored.Time));
        Assert.Equal((7, Encoding.UTF8.GetString(stored.Data.Span)), (Guid.Parse(stored.Id).Version, """{"id":"a","total":7.50}"""));
        Assert.Equal(new OrderPlaced("a", 7.50m), rig.Services.GetRequiredService<EventFactory>().Read<OrderPlaced>(stored));
    }

    [Fact]
    public async Task What_the_publisher_says_of_it_counts()
    {
        await using var rig = await BusRig.StartAsync(weft => weft.Topic("remembering", new TopicOptions { Dedupe = TimeSpan.FromMinutes(10) }));
        var settings = new EventSettings { Id = "1", Source = "/other", Subject = "order-a", PartitionKey = "customer-7", Time = DateTimeOffset.UnixEpoch };
        await rig.Publisher.PublishAsync("remembering", new OrderPlaced("a", 1), settings, new() { DedupeId = "a" }, Cancellation);
        await rig.Publisher.PublishAsync("remembering", new OrderPlaced("a", 1), settings, new() { DedupeId = "a" }, Cancellation);
        var stored = Assert.Single(await rig.StoredAsync("remembering"));
        Assert.Equal(("1", "/other", "order-a", "customer-7", DateTimeOffset.UnixEpoch), (stored.Id, stored.Source, stored.Subject, stored.PartitionKey, stored.Time));
    }

    [Fact]
    public async Task The_type_of_the_object_counts_and_not_that_of_the_variable()
    {
        await using var rig = await BusRig.StartAsync(_ => { });
        Shipment shipment = new ExpressShipment("a", 3);
        await rig.Publisher.PublishAsync("orders", shipment, Cancellation);
        await rig.Publisher.PublishAllAsync("orders", [shipment, new Shipment("b")], Cancellation);
        var stored = await rig.StoredAsync();
        Assert.Equal(["ExpressShipment", "ExpressShipment", "Shipment"], stored.Select(m => m.Type));
        Assert.Equal("""{"hours":3,"id":"a"}""", Encoding.UTF8.GetString(stored[0].Data.Span));
    }

    [Fact]
    public async Task Several_are_stored_together_or_not_at_all()
    {
        await using var rig = await BusRig.StartAsync(_ => { });
        await Assert.ThrowsAsync<WeftConfigurationException>(() => rig.Publisher.PublishAllAsync("orders", new object[] { new Shipment("b"), new { no = 1 } }, Cancellation).AsTask());
        Assert.Empty(await rig.StoredAsync());
    }

    [Fact]
    public async Task An_object_can_be_scheduled()
    {
        await using var rig = await BusRig.StartAsync(_ => { });
        string token = await rig.Publisher.ScheduleAsync("orders", new OrderPlaced("a", 1), rig.Time.GetUtcNow().AddHours(1), "reminder", Cancellation);
        Assert.Equal("reminder", token);
        Assert.True(await rig.Publisher.UnscheduleAsync("orders", token, Cancellation));
    }

    [Fact]
    public async Task What_has_no_name_is_refused_and_can_be_given_one()
    {
        await using var rig = await BusRig.StartAsync(weft => weft.EventType<Changed<string>>("name.changed").EventType<Shipment>("shipped"));
        var events = rig.Publisher.Events;
        Assert.Equal(("name.changed", "shipped", "order.placed", "OrderCancelled"), (events.TypeOf<Changed<string>>(), events.TypeOf<Shipment>(), events.TypeOf<OrderPlaced>(), events.TypeOf<OrderCancelled>()));
        foreach (object nameless in new object[] { new { total = 1 }, "text", 7, new[] { new Shipment("a") }, new List<Shipment>(), new Changed<int>(1, 2), default(JsonElement) })
            Assert.Contains("has no name that could be the type of an event", Assert.Throws<WeftConfigurationException>(() => events.Create(nameless)).Message, StringComparison.Ordinal);
        Assert.Contains("is an event, not the data of one", Assert.Throws<WeftConfigurationException>(() => events.Create(new List<Message>())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metadata_and_naming_can_be_given()
    {
        await using var rig = await BusRig.StartAsync(weft => weft.Json(ShopJson.Default).Json(o => o.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseUpper));
        Assert.Equal("""{"ID":"a"}""", Encoding.UTF8.GetString(rig.Publisher.Events.Create(new OrderCancelled("a")).Data.Span));
        Assert.Equal(new OrderCancelled("a"), rig.Publisher.Events.Read<OrderCancelled>(rig.Publisher.Events.Create(new OrderCancelled("a"))));
    }

    [Fact]
    public async Task What_source_generated_metadata_does_not_know_is_refused_where_there_is_no_reflection()
    {
        await using var rig = await BusRig.StartAsync(weft => weft.Json(o => o.TypeInfoResolverChain.RemoveAt(o.TypeInfoResolverChain.Count - 1)).Json(ShopJson.Default));
        rig.Publisher.Events.Create(new OrderPlaced("a", 1));
        var error = Assert.Throws<WeftConfigurationException>(() => rig.Publisher.Events.Create(new Shipment("a")));
        Assert.Contains("Add [JsonSerializable(typeof(Shipment))]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_object_is_handled_for_marks_what_is_published_meanwhile()
    {
        await using var rig = await BusRig.StartAsync(weft => weft.Topic("invoices").Subscribe("billing", "orders", h => h.On<OrderPlaced>(
            async (order, delivery, cancellation) => await delivery.Services.GetRequiredService<IPublisher>().PublishAsync("invoices", new Shipment(order.Id), cancellation))));
        await rig.Publisher.PublishAsync("orders", new OrderPlaced("a", 1), new EventSettings { Id = "cause" }, cancellation: Cancellation);
        await rig.UntilDoneAsync("billing", 1);
        Assert.True(Assert.Single(await rig.StoredAsync("invoices")).TryGet("causationid"u8, out var cause));
        Assert.Equal("cause"u8, cause);
    }
}
