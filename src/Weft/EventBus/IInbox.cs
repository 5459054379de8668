using System.Data.Common;

namespace Weft.EventBus;

/// <summary>
/// Has a handler do its work once for each event: the mark of the event and the effects of the handler are written in one transaction of the app's own
/// database, so both are there or neither. The marks are in the table <c>weft_inbox</c> of that database. Safe for use from many threads.
/// </summary>
/// <remarks>
/// The pattern is Idempotent Receiver (Hohpe and Woolf). Events are told apart by <c>source</c> and <c>id</c>, as CloudEvents asks, within a
/// subscription. The table is made in the databases that a connection with <c>outbox: true</c> names, and old marks are deleted there.
/// </remarks>
public interface IInbox
{
    /// <summary>Marks an event as handled, as part of a transaction.</summary>
    /// <remarks>Call it first, and do nothing when it says false. Of two handlers of one event at a time the second waits for the first.</remarks>
    /// <param name="transaction">A transaction of the app's database, open, in which the effects are written too; it stays the caller's.</param>
    /// <param name="delivery">What the handler was told.</param>
    /// <param name="cancellation">Gives up; the transaction must be rolled back then.</param>
    /// <returns>False when the event was handled before: the handler should return.</returns>
    /// <exception cref="DbException">The database refused it, such as when the table is not there.</exception>
    ValueTask<bool> TryMarkAsync(DbTransaction transaction, DeliveryContext delivery, CancellationToken cancellation = default);
}
