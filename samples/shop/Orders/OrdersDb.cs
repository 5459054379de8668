using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;

namespace Weft.Samples.Shop;

/// <summary>The database of this service, its outbox and its inbox among its tables.</summary>
internal sealed class OrdersDb(DbContextOptions<OrdersDb> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    // region model
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.UseWeftOutbox(Database);
        modelBuilder.Entity<Order>().Property(o => o.State).HasConversion<string>()
            .IsConcurrencyToken(); // An answer of the stock and a cancellation may meet: the second is tried again.
    }
    // endregion
}

internal sealed class Order
{
    public required string Id { get; init; }

    public required string Item { get; init; }

    public required int Quantity { get; init; }

    public OrderState State { get; set; }
}

[JsonConverter(typeof(JsonStringEnumConverter<OrderState>))]
internal enum OrderState
{
    Pending,
    Confirmed,
    Rejected,
    Cancelled,
}

/// <summary>The body of <c>POST /orders</c>. The caller gives the id, so that asking again orders nothing twice.</summary>
internal sealed record NewOrder(string Id, string Item, int Quantity);
