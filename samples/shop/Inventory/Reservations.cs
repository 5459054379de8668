using Weft.EventBus;

namespace Weft.Samples.Shop;

// region reservations
/// <summary>Takes stock for new orders and gives it back for cancelled ones.</summary>
[Subscribe("orders", "reserve")]
internal sealed class Reservations(StockDb db, IInbox inbox, IOutbox outbox) : IHandle<OrderCreated>, IHandle<OrderCancelled>
{
    public async ValueTask HandleAsync(OrderCreated data, DeliveryContext delivery, CancellationToken cancellation)
    {
        await using var connection = await db.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (!await inbox.TryMarkAsync(transaction, delivery, cancellation))
            return;                                                                  // it came before
        object answer = await StockDb.TakeAsync(transaction, data.OrderId, data.Item, data.Quantity)
            ? new StockReserved(data.OrderId)
            : new StockRejected(data.OrderId);
        await outbox.AddAsync(transaction, "stock", answer, new() { Subject = data.OrderId, PartitionKey = data.OrderId }, cancellation);
        await transaction.CommitAsync(cancellation);                                 // mark, stock and event
    }

    public async ValueTask HandleAsync(OrderCancelled data, DeliveryContext delivery, CancellationToken cancellation)
    {
        await using var connection = await db.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (!await inbox.TryMarkAsync(transaction, delivery, cancellation))
            return;
        await StockDb.GiveBackAsync(transaction, data.OrderId);
        await transaction.CommitAsync(cancellation);
    }
}
// endregion
