using System.Data.Common;

namespace Weft.EventBus;

/// <summary>Marks events in the app's own database.</summary>
internal sealed class Inbox(TimeProvider time) : IInbox
{
    /// <summary>The name of the table.</summary>
    public const string Table = "weft_inbox";

    /// <inheritdoc/>
    public async ValueTask<bool> TryMarkAsync(DbTransaction transaction, DeliveryContext delivery, CancellationToken cancellation = default)
    {
        // Both databases say by the count whether the row was there; neither fails the transaction for it.
        int made = await AppCommand.RunAsync(
            transaction,
            $"insert into {Table}(subscription, source, id, at) values (@subscription, @source, @id, @at) on conflict do nothing",
            cancellation,
            ("@subscription", delivery.Subscription), ("@source", delivery.Message.Source), ("@id", delivery.Message.Id), ("@at", time.GetUtcNow().ToUnixTimeMilliseconds())).ConfigureAwait(false);
        return made > 0;
    }
}
