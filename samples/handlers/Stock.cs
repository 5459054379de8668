using Weft.EventBus;

namespace Weft.Samples.Handlers;

// region class
[Subscribe("orders", "stock")]
internal sealed class Stock(ShopDb db) : IHandle<OrderPlaced>, IHandle<OrderCancelled>
{
    public async ValueTask HandleAsync(OrderPlaced data, DeliveryContext delivery, CancellationToken cancellation) =>
        await db.SaveAsync($"reserved for {data.Id}", cancellation);

    public async ValueTask HandleAsync(OrderCancelled data, DeliveryContext delivery, CancellationToken cancellation) =>
        await db.SaveAsync($"released from {data.Id}", cancellation);
}
// endregion
