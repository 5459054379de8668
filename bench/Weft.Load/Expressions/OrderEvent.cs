using System.Text.Json.Serialization;

namespace Weft.Load.Expressions;

/// <summary>The event as classes.</summary>
public sealed record OrderEvent(string Id, string Source, string Type, OrderData Data);

/// <summary>Its data.</summary>
public sealed record OrderData(
    string Id, string Channel, long Priority, string Currency, OrderCustomer Customer, OrderShipping Shipping, OrderItem[] Items, string Note, string? Country, double Total);

/// <summary>Who has ordered.</summary>
public sealed record OrderCustomer(string Id, string Name, string Email, string Tier, long Since);

/// <summary>How it is sent.</summary>
public sealed record OrderShipping(string Method, string City, string Postcode, double Weight);

/// <summary>What was ordered.</summary>
public sealed record OrderItem(string Sku, string Name, long Qty, double Price);

/// <summary>Reads them without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(OrderEvent))]
internal sealed partial class OrderJson : JsonSerializerContext;
