using Weft.Messages;

namespace Weft.EventBus;

/// <summary>Publishing objects: <see cref="IPublisher.Events"/> makes the events, and all that <see cref="IPublisher"/> says of them holds.</summary>
public static class TypedPublishing
{
    /// <summary>Publishes an object.</summary>
    /// <param name="publisher">The publisher.</param>
    /// <param name="topic">The name of the topic.</param>
    /// <param name="data">The object; its own type counts, not that of the variable.</param>
    /// <param name="cancellation">Gives up waiting; the event may be stored all the same.</param>
    /// <inheritdoc cref="IPublisher.PublishAsync(string, Message, CancellationToken)" path="/returns | /exception"/>
    public static ValueTask<long> PublishAsync<T>(this IPublisher publisher, string topic, T data, CancellationToken cancellation = default)
        where T : notnull => publisher.PublishAsync(topic, publisher.Events.Create(data), cancellation);

    /// <summary>Publishes an object with what the event says of itself, and what is said beside it.</summary>
    /// <param name="publisher">The publisher.</param>
    /// <param name="topic">The name of the topic.</param>
    /// <param name="data">The object; its own type counts, not that of the variable.</param>
    /// <param name="settings">What the event says of itself.</param>
    /// <param name="options">What is said beside it.</param>
    /// <param name="cancellation">Gives up waiting; the event may be stored all the same.</param>
    /// <inheritdoc cref="IPublisher.PublishAsync(string, Message, PublishSettings, CancellationToken)" path="/returns | /exception"/>
    public static ValueTask<long> PublishAsync<T>(
        this IPublisher publisher, string topic, T data, EventSettings settings, PublishSettings options = default, CancellationToken cancellation = default)
        where T : notnull => publisher.PublishAsync(topic, publisher.Events.Create(data, settings), options, cancellation);

    /// <summary>Publishes several objects together, in their order: all of them, or none.</summary>
    /// <param name="publisher">The publisher.</param>
    /// <param name="topic">The name of the topic.</param>
    /// <param name="data">The objects; they may be of several types.</param>
    /// <param name="cancellation">Gives up waiting; the events may be stored all the same.</param>
    /// <inheritdoc cref="IPublisher.PublishAsync(string, ReadOnlyMemory{Message}, CancellationToken)" path="/exception"/>
    public static ValueTask PublishAllAsync<T>(this IPublisher publisher, string topic, IEnumerable<T> data, CancellationToken cancellation = default)
        where T : notnull
    {
        var events = publisher.Events;
        return publisher.PublishAsync(topic, data.Select(one => events.Create(one)).ToArray(), cancellation);
    }

    /// <summary>Keeps an object and publishes it when its time has come.</summary>
    /// <param name="publisher">The publisher.</param>
    /// <param name="topic">The name of the topic.</param>
    /// <param name="data">The object; its own type counts, not that of the variable.</param>
    /// <param name="due">When. A time that is past publishes it at once.</param>
    /// <param name="token">By which it can be taken back; null for a new one.</param>
    /// <param name="cancellation">Gives up waiting; the event may be kept all the same.</param>
    /// <inheritdoc cref="IPublisher.ScheduleAsync(string, Message, DateTimeOffset, string?, CancellationToken)" path="/returns | /exception"/>
    public static ValueTask<string> ScheduleAsync<T>(
        this IPublisher publisher, string topic, T data, DateTimeOffset due, string? token = null, CancellationToken cancellation = default)
        where T : notnull => publisher.ScheduleAsync(topic, publisher.Events.Create(data), due, token, cancellation);
}
