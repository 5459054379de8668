using System.Text.Json.Serialization;
using Weft.EventBus;

namespace Weft.Samples.Handlers;

// region events
[EventType("order.placed")]
public sealed record OrderPlaced(string Id, string Customer, decimal Total);

[EventType("order.cancelled")]
public sealed record OrderCancelled(string Id);

[JsonSerializable(typeof(OrderPlaced))]
[JsonSerializable(typeof(OrderCancelled))]
internal sealed partial class ShopJson : JsonSerializerContext;
// endregion
