using Weft.Messages;

namespace Weft.EventBus;

/// <summary>
/// Handles one event of a subscription. Returning is success. Throwing is a failed try: the event comes again as the
/// subscription's <c>retry</c> says, and no later event of its key is handled before. Throw
/// <see cref="DeadLetterException"/> when no later try can help. An event may come more than once; its id is the same.
/// </summary>
/// <param name="message">The event.</param>
/// <param name="context">Where it comes from and which try this is.</param>
/// <param name="cancellation">The process stops and its time to drain is over.</param>
public delegate ValueTask MessageHandler(Message message, DeliveryContext context, CancellationToken cancellation);

/// <summary>What a handler is told beside the event.</summary>
/// <param name="Services">The scope of this delivery.</param>
/// <param name="Subscription">The subscription's name.</param>
/// <param name="Topic">The topic's name.</param>
/// <param name="Position">The event's place in the topic, from 1.</param>
/// <param name="Attempt">Which try this is, from 1.</param>
public readonly record struct DeliveryContext(IServiceProvider Services, string Subscription, string Topic, long Position, int Attempt);

/// <summary>Thrown by a handler for an event that no later try can help: it becomes a dead letter at once.</summary>
/// <param name="reason">Why, for the person who will look at it.</param>
public sealed class DeadLetterException(string reason) : Exception(reason);
