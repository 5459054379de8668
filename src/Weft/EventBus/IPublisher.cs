using Weft.Messages;

namespace Weft.EventBus;

/// <summary>Publishes events. Safe for use from many threads; callers that wait at the same time share a commit.</summary>
public interface IPublisher
{
    /// <summary>
    /// Stores an event. When this returns it is durable as its store promises and has its place among all others of the
    /// topic. When it throws, whether it was stored is unknown; publishing again with the same id is safe for subscribers
    /// that look at the id.
    /// </summary>
    /// <param name="topic">The name of the topic.</param>
    /// <param name="message">The event; its bytes must not change until this returns.</param>
    /// <param name="cancellation">Gives up waiting; the event may be stored all the same.</param>
    /// <returns>Its position in the topic, from 1.</returns>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    /// <exception cref="Flows.LogException">The store could not write.</exception>
    ValueTask<long> PublishAsync(string topic, Message message, CancellationToken cancellation = default);

    /// <summary>Stores several events together, in their order: all of them, or none.</summary>
    /// <inheritdoc cref="PublishAsync(string, Message, CancellationToken)"/>
    ValueTask PublishAsync(string topic, ReadOnlyMemory<Message> messages, CancellationToken cancellation = default);
}

/// <summary>There is no topic of that name.</summary>
public sealed class UnknownTopicException(string topic, IEnumerable<string> known)
    : Exception($"There is no topic '{topic}'. Topics: {string.Join(", ", known.Order(StringComparer.Ordinal))}. Add it under 'topics'.")
{
    /// <summary>The name that was asked for.</summary>
    public string Topic => topic;
}
