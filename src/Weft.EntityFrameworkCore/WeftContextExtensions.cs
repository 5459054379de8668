using Microsoft.EntityFrameworkCore;
using Weft.EntityFrameworkCore;
using Weft.EventBus;
using Weft.Messages;

namespace Weft;

/// <summary>Outbox and inbox in a context.</summary>
public static class WeftContextExtensions
{
    /// <summary>
    /// Adds an event to a context: it is published when <c>SaveChanges</c> commits, and never when it does not. Order, key and time are as
    /// <see cref="IOutbox.AddAsync"/> says.
    /// </summary>
    /// <param name="context">A context whose model has <see cref="WeftModelExtensions.UseWeftOutbox"/>.</param>
    /// <param name="topic">The name of the topic.</param>
    /// <param name="message">The event.</param>
    /// <param name="settings">What is said beside the event.</param>
    /// <param name="due">Not before when it is published; null for at once.</param>
    /// <exception cref="InvalidOperationException">The model has no outbox.</exception>
    public static void Publish(this DbContext context, string topic, Message message, PublishSettings settings = default, DateTimeOffset? due = null)
    {
        CheckModel(context);
        var row = OutboxRow.Of(topic, message, settings, due);
        context.Add(new OutboxEntry
        {
            Id = Guid.CreateVersion7(),
            Topic = row.Topic,
            Key = row.Key,
            Dedupe = row.Dedupe,
            Due = row.Due,
            Event = System.Text.Encoding.UTF8.GetString(row.Event.Span),
        });
    }

    /// <summary>
    /// Marks an event as handled when <c>SaveChanges</c> commits, together with the effects that are saved by it: see <see cref="IInbox"/>. Call it first, and
    /// do nothing when it says false. When another handles the event at the same time, <c>SaveChanges</c> of one of them fails, and its next try finds the mark.
    /// </summary>
    /// <param name="context">A context whose model has <see cref="WeftModelExtensions.UseWeftOutbox"/>.</param>
    /// <param name="delivery">What the handler was told.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>False when the event was handled before: the handler should return.</returns>
    /// <exception cref="InvalidOperationException">The model has no inbox.</exception>
    public static async ValueTask<bool> TryMarkAsync(this DbContext context, DeliveryContext delivery, CancellationToken cancellation = default)
    {
        CheckModel(context);
        var (subscription, source, id) = (delivery.Subscription, delivery.Message.Source, delivery.Message.Id);
        if (await context.Set<InboxEntry>().AnyAsync(e => e.Subscription == subscription && e.Source == source && e.Id == id, cancellation).ConfigureAwait(false))
            return false;
        var time = delivery.Services.GetService(typeof(TimeProvider)) as TimeProvider ?? TimeProvider.System;
        context.Add(new InboxEntry { Subscription = subscription, Source = source, Id = id, At = time.GetUtcNow().ToUnixTimeMilliseconds() });
        return true;
    }

    private static void CheckModel(DbContext context)
    {
        if (context.Model.FindEntityType(typeof(OutboxEntry)) is null)
            throw new InvalidOperationException($"The model of {context.GetType().Name} has no outbox. Call modelBuilder.UseWeftOutbox(Database) in its OnModelCreating.");
    }
}
