using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weft.EventBus;
using Weft.Flows;
using Weft.Messages;

namespace Weft.Tests.EventBus;

/// <summary>A typed delivery allocates what the serializer allocates for the object, the scope if services are asked for, and nothing else.</summary>
public sealed class TypedAllocationTests
{
    private static readonly Message s_order = Message.Create("order.placed", "/t", new { id = "a", total = 7 });

    [Fact]
    public async Task A_delivery_that_needs_no_services_allocates_the_object_alone()
    {
        var json = (JsonTypeInfo<OrderPlaced>)Events().ShapeOf(typeof(OrderPlaced)).Json;
        long data = await Allocations.OfAsync(() => new ValueTask<OrderPlaced>(JsonSerializer.Deserialize(s_order.Data.Span, json)!));
        Assert.Equal(data, await OfDeliveryAsync(h => h.On<OrderPlaced>((_, _, _) => default)));
        Assert.Equal(0, await OfDeliveryAsync(h => h.On<OrderCancelled>((_, _, _) => default)));
        Assert.Equal(0, await OfDeliveryAsync(h => h.OnAny((_, _, _) => default)));
    }

    [Fact]
    public async Task One_that_asks_for_services_allocates_the_scope_beside_it()
    {
        using var services = Services();
        var scopes = services.GetRequiredService<IServiceScopeFactory>();
        long scope = await Allocations.OfAsync(async () =>
        {
            await using var made = scopes.CreateAsyncScope();
            return made.ServiceProvider.GetRequiredService<Db>();
        });
        Assert.InRange(await OfDeliveryAsync(h => h.OnAny((_, delivery, _) => delivery.Services.GetRequiredService<Db>().Save())), 1, scope);
    }

    private static EventFactory Events() => new(new EventTypes(), () => "test", new FakeTimeProvider());

    private static ServiceProvider Services() => new ServiceCollection().AddScoped<Db>().BuildServiceProvider();

    private static async Task<long> OfDeliveryAsync(Action<HandlerBuilder> configure)
    {
        using var services = Services();
        var builder = new HandlerBuilder(new ServiceCollection());
        configure(builder);
        var registry = new HandlerRegistry();
        registry.Add("billing", builder);
        var bound = registry.Bind("billing", "billing", Events(), NullLogger.Instance);
        var target = new HandlerTarget("billing", "orders", bound, services.GetRequiredService<IServiceScopeFactory>());
        var batch = new[] { new Delivery<Message>(s_order, 1, default, 1) };
        var outcomes = new Outcome[1];
        return await Allocations.OfAsync(async () =>
        {
            await target.WriteAsync(batch, outcomes, null, CancellationToken.None);
            return outcomes[0].Kind == OutcomeKind.Acknowledged;
        });
    }

    private sealed class Db
    {
        private int _saved;

        public ValueTask Save()
        {
            _saved++;
            return default;
        }
    }
}
