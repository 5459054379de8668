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

/// <summary>Handles one event by its data. The same holds as for <see cref="MessageHandler"/>.</summary>
/// <typeparam name="T">The type of the data.</typeparam>
/// <param name="data">The data.</param>
/// <param name="delivery">The event, where it comes from and which try this is.</param>
/// <param name="cancellation">The process stops and its time to drain is over.</param>
public delegate ValueTask TypedHandler<in T>(T data, DeliveryContext delivery, CancellationToken cancellation);

/// <summary>Handles events by their data, as a class. The same holds as for <see cref="MessageHandler"/>; one object handles one delivery.</summary>
/// <typeparam name="T">The type of the data. A class may handle several: each event goes to the one whose logical name is its type.</typeparam>
public interface IHandle<in T>
{
    /// <summary>Handles one event.</summary>
    /// <param name="data">The data.</param>
    /// <param name="delivery">The event, where it comes from and which try this is.</param>
    /// <param name="cancellation">The process stops and its time to drain is over.</param>
    ValueTask HandleAsync(T data, DeliveryContext delivery, CancellationToken cancellation);
}

/// <summary>Thrown by a handler for an event that no later try can help: it becomes a dead letter at once.</summary>
/// <param name="reason">Why, for the person who will look at it.</param>
public sealed class DeadLetterException(string reason) : Exception(reason);

/// <summary>The data of an event is not what its reader expects. A handler that lets it pass makes the event a dead letter at once, with the reason <c>undeserialisable</c>.</summary>
/// <param name="message">What is wrong, where, and what was expected.</param>
/// <param name="inner">What the reader said.</param>
public sealed class UndeserialisableException(string message, Exception? inner = null) : Exception(message, inner);
