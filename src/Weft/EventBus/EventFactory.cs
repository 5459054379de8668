using System.Text.Json.Serialization.Metadata;
using Weft.Messages;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>
/// Makes events of objects and objects of events: the one place where the names of types and their JSON are known. The object's own type counts,
/// not that of the variable. Can be injected; safe for use from many threads.
/// </summary>
public sealed class EventFactory
{
    private readonly EventTypes _types;
    private readonly Func<string> _name;
    private readonly TimeProvider _time;

    internal EventFactory(EventTypes types, Func<string> name, TimeProvider time) => (_types, _name, _time) = (types, name, time);

    /// <summary>The logical name of a type of data: what was said where Weft is set up, else its <see cref="EventTypeAttribute"/>, else its name without namespace.</summary>
    /// <exception cref="WeftConfigurationException">The type cannot be the data of an event.</exception>
    public string TypeOf<T>() => _types.Of(typeof(T)).Name;

    /// <summary>
    /// Makes an event: <c>type</c> is the logical name, <c>source</c> the <c>name</c> of the system as <c>/NAME</c>, <c>id</c> a UUID version 7,
    /// <c>time</c> now, and the data JSON (<c>application/json</c>, in camel case unless Weft was told otherwise).
    /// </summary>
    /// <param name="data">The data.</param>
    /// <param name="settings">What the event says of itself in place of that, or beside it.</param>
    /// <exception cref="ArgumentException">A value breaks a rule of CloudEvents.</exception>
    /// <exception cref="WeftConfigurationException">The type cannot be the data of an event, or there is no JSON metadata for it.</exception>
    public Message Create<T>(T data, EventSettings settings = default)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(data);
        var shape = _types.Of(data.GetType());
        var now = _time.GetUtcNow();
        var builder = MessageBuilder.Rent();
        try
        {
            builder
                .Set("id", settings.Id ?? Guid.CreateVersion7(now).ToString())
                .Set("source", settings.Source ?? "/" + _name())
                .Set("type", shape.Name)
                .Set("subject", settings.Subject)
                .Set("time", settings.Time ?? now)
                .Set("partitionkey", settings.PartitionKey)
                .Set("datacontenttype", "application/json");
            return shape.Json is JsonTypeInfo<T> typed ? builder.BuildJson(data, typed) : builder.BuildJson(data, shape.Json);
        }
        finally
        {
            builder.Return();
        }
    }

    /// <summary>Reads the data of an event, whatever its type is called.</summary>
    /// <exception cref="UndeserialisableException">There is no data, it is not JSON, or it is not a <typeparamref name="T"/>.</exception>
    /// <exception cref="WeftConfigurationException">The type cannot be the data of an event, or there is no JSON metadata for it.</exception>
    public T Read<T>(Message message)
        where T : notnull => EventReading.Read(message, (JsonTypeInfo<T>)_types.Of(typeof(T)).Json);

    /// <summary>Name and metadata of a type.</summary>
    internal EventShape ShapeOf(Type type) => _types.Of(type);
}

/// <summary>What an event made of an object says of itself. What is null is made as <see cref="EventFactory.Create"/> says, or left out.</summary>
public readonly record struct EventSettings
{
    /// <summary>With <see cref="Source"/> unique per event.</summary>
    public string? Id { get; init; }

    /// <summary>A URI-reference: where it happened.</summary>
    public string? Source { get; init; }

    /// <summary>What it happened to, such as <c>order-17</c>.</summary>
    public string? Subject { get; init; }

    /// <summary>What must stay in order, where the topic's <c>key</c> is not something else.</summary>
    public string? PartitionKey { get; init; }

    /// <summary>When it happened.</summary>
    public DateTimeOffset? Time { get; init; }
}
