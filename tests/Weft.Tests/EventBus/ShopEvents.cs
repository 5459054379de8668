using System.Text.Json.Serialization;
using Weft.EventBus;

namespace Weft.Tests.EventBus;

// What the tests of typed handlers and typed publishing send.
[EventType("order.placed")]
public sealed record OrderPlaced(string Id, decimal Total);

public sealed record OrderCancelled(string Id);

public record Shipment(string Id);

public sealed record ExpressShipment(string Id, int Hours) : Shipment(Id);

public sealed record Changed<T>(T Before, T After);

public sealed class Refusing
{
    public Refusing(int amount) => Amount = amount >= 0 ? amount : throw new ArgumentOutOfRangeException(nameof(amount), "An amount is at least 0.");

    public int Amount { get; }
}

[JsonSerializable(typeof(OrderPlaced))]
[JsonSerializable(typeof(OrderCancelled))]
internal sealed partial class ShopJson : JsonSerializerContext;
