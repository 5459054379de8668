namespace Weft.Samples.Shop;

// What the services tell each other. Each has its own copy of what it needs where they live in repositories of their own.

/// <summary>Of the topic <c>orders</c>.</summary>
public sealed record OrderCreated(string OrderId, string Item, int Quantity);

/// <inheritdoc cref="OrderCreated"/>
public sealed record OrderConfirmed(string OrderId);

/// <inheritdoc cref="OrderCreated"/>
public sealed record OrderRejected(string OrderId);

/// <inheritdoc cref="OrderCreated"/>
public sealed record OrderCancelled(string OrderId);

/// <summary>Of the topic <c>stock</c>.</summary>
public sealed record StockReserved(string OrderId);

/// <inheritdoc cref="StockReserved"/>
public sealed record StockRejected(string OrderId);
