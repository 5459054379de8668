using System.Data.Common;
using Weft.Messages;

namespace Weft.EventBus;

/// <summary>
/// Publishes events in a transaction of the app's own database: they leave when it commits, and never when it does not. They are written to the
/// table <c>weft_outbox</c> of that database, and a relay moves them to their topics, once each. Safe for use from many threads.
/// </summary>
/// <remarks>The pattern is Transactional Outbox (microservices.io). The database is named by a connection with <c>outbox: true</c>.</remarks>
public interface IOutbox
{
    /// <summary>Adds an event to a transaction.</summary>
    /// <remarks>
    /// The relay finds the event within some milliseconds of the commit. Events of one transaction, and of transactions of which one began after the
    /// other had committed, keep their order; <see cref="PublishSettings.Key"/> and the topic's key hold as for <see cref="IPublisher"/>.
    /// What can only be seen at the topic is not refused here: an event for a topic that is not there stays in the table, with the error beside it.
    /// </remarks>
    /// <param name="transaction">A transaction of the app's database, open; it stays the caller's.</param>
    /// <param name="topic">The name of the topic.</param>
    /// <param name="message">The event.</param>
    /// <param name="settings">What is said beside the event.</param>
    /// <param name="due">Not before when it is published; null for at once.</param>
    /// <param name="cancellation">Gives up; the transaction must be rolled back then.</param>
    /// <exception cref="DbException">The database refused it, such as when the table is not there.</exception>
    ValueTask AddAsync(
        DbTransaction transaction, string topic, Message message, PublishSettings settings = default, DateTimeOffset? due = null, CancellationToken cancellation = default);

    /// <summary>Makes the events of <see cref="OutboxExtensions"/>.</summary>
    EventFactory Events { get; }
}

/// <summary>Adding objects to an outbox.</summary>
public static class OutboxExtensions
{
    /// <summary>Adds an object to a transaction: <see cref="IOutbox.Events"/> makes the event, and all that <see cref="IOutbox.AddAsync"/> says holds.</summary>
    /// <param name="outbox">The outbox.</param>
    /// <param name="transaction">A transaction of the app's database, open; it stays the caller's.</param>
    /// <param name="topic">The name of the topic.</param>
    /// <param name="data">The object; its own type counts, not that of the variable.</param>
    /// <param name="settings">What the event says of itself.</param>
    /// <param name="cancellation">Gives up; the transaction must be rolled back then.</param>
    public static ValueTask AddAsync<T>(this IOutbox outbox, DbTransaction transaction, string topic, T data, EventSettings settings = default, CancellationToken cancellation = default)
        where T : notnull => outbox.AddAsync(transaction, topic, outbox.Events.Create(data, settings), cancellation: cancellation);
}
