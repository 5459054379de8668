using Weft.Messages;

namespace Weft.EventBus;

/// <summary>Publishes events. Safe for use from many threads; callers that wait at the same time share a commit.</summary>
public interface IPublisher
{
    /// <summary>Makes events of objects, for <see cref="TypedPublishing"/>.</summary>
    EventFactory Events { get; }

    /// <summary>
    /// Stores an event. When this returns it is durable as its store promises and has its place among all others of the
    /// topic. When it throws, whether it was stored is unknown; publishing again with the same id is safe within the topic's
    /// <c>dedupe</c>, and beyond it for subscribers that look at the id.
    /// </summary>
    /// <param name="topic">The name of the topic.</param>
    /// <param name="message">The event; its bytes must not change until this returns.</param>
    /// <param name="cancellation">Gives up waiting; the event may be stored all the same.</param>
    /// <returns>Its position in the topic, from 1; that of the first, when the topic remembers that it was published before.</returns>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    /// <exception cref="Flows.LogException">The store could not write.</exception>
    ValueTask<long> PublishAsync(string topic, Message message, CancellationToken cancellation = default);

    /// <summary>Stores an event with a key or an identity of the publisher's choice; otherwise as the shorter form.</summary>
    /// <param name="topic">The name of the topic.</param>
    /// <param name="message">The event; its bytes must not change until this returns.</param>
    /// <param name="options">What is said beside the event.</param>
    /// <param name="cancellation">Gives up waiting; the event may be stored all the same.</param>
    /// <exception cref="ArgumentException">There is a <see cref="PublishSettings.DedupeId"/>, and the topic has no <c>dedupe</c>.</exception>
    ValueTask<long> PublishAsync(string topic, Message message, PublishSettings options, CancellationToken cancellation = default);

    /// <summary>Stores several events together, in their order: all of them, or none.</summary>
    /// <inheritdoc cref="PublishAsync(string, Message, CancellationToken)"/>
    ValueTask PublishAsync(string topic, ReadOnlyMemory<Message> messages, CancellationToken cancellation = default);

    /// <summary>
    /// Keeps an event and publishes it when its time has come, also when the process was not running then: not before
    /// <paramref name="due"/>, and among events that are due at once in the order of their times. When this returns it is as durable as
    /// a published one.
    /// </summary>
    /// <param name="topic">The name of the topic.</param>
    /// <param name="message">The event; its bytes must not change until this returns.</param>
    /// <param name="due">When. A time that is past publishes it at once.</param>
    /// <param name="token">
    /// By which it can be taken back; the one that was scheduled with the same token before is replaced. 1 to 200 characters, unique among the
    /// topics of a store; null for a new one.
    /// </param>
    /// <param name="cancellation">Gives up waiting; the event may be kept all the same.</param>
    /// <returns>The token.</returns>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    /// <exception cref="Flows.LogException">The store could not write.</exception>
    ValueTask<string> ScheduleAsync(string topic, Message message, DateTimeOffset due, string? token = null, CancellationToken cancellation = default);

    /// <summary>Takes a scheduled event back.</summary>
    /// <param name="topic">The name of its topic.</param>
    /// <param name="token">What <see cref="ScheduleAsync"/> returned.</param>
    /// <param name="cancellation">Gives up waiting; it may be taken back all the same.</param>
    /// <returns>False when there is none: it was published or taken back before.</returns>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    ValueTask<bool> UnscheduleAsync(string topic, string token, CancellationToken cancellation = default);
}

/// <summary>What a publisher can say beside the event.</summary>
public readonly record struct PublishSettings
{
    /// <summary>What the event must share with others to be delivered in order, in place of what the topic's <c>key</c> makes of it; empty for no order.</summary>
    public string? Key { get; init; }

    /// <summary>What the event is remembered by within the topic's <c>dedupe</c>, in place of <c>source</c> and <c>id</c>.</summary>
    public string? DedupeId { get; init; }
}

/// <summary>There is no topic of that name.</summary>
public sealed class UnknownTopicException(string topic, IEnumerable<string> known)
    : Exception($"There is no topic '{topic}'. Topics: {string.Join(", ", known.Order(StringComparer.Ordinal))}. Add it under 'topics'.")
{
    /// <summary>The name that was asked for.</summary>
    public string Topic => topic;
}
