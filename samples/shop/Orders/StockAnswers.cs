using Microsoft.EntityFrameworkCore;
using Weft.EventBus;
using Weft.Messages;

namespace Weft.Samples.Shop;

// region answers
/// <summary>What the inventory says of an order decides it.</summary>
[Subscribe("stock", "decide")]
internal sealed class StockAnswers(OrdersDb db, EventFactory events) : IHandle<StockReserved>, IHandle<StockRejected>
{
    public ValueTask HandleAsync(StockReserved data, DeliveryContext delivery, CancellationToken cancellation) =>
        DecideAsync(data.OrderId, OrderState.Confirmed, events.Create(new OrderConfirmed(data.OrderId), About.Order(data.OrderId)), delivery, cancellation);

    public ValueTask HandleAsync(StockRejected data, DeliveryContext delivery, CancellationToken cancellation) =>
        DecideAsync(data.OrderId, OrderState.Rejected, events.Create(new OrderRejected(data.OrderId), About.Order(data.OrderId)), delivery, cancellation);

    private async ValueTask DecideAsync(string id, OrderState state, Message told, DeliveryContext delivery, CancellationToken cancellation)
    {
        if (!await db.TryMarkAsync(delivery, cancellation))
            return;                                                                  // it came before
        var order = await db.Orders.SingleAsync(o => o.Id == id, cancellation);
        if (order.State == OrderState.Pending)                                       // not cancelled meanwhile
        {
            order.State = state;
            db.Publish("orders", told);
        }
        await db.SaveChangesAsync(cancellation);                                     // mark, order and event
    }
}
// endregion
