namespace Weft.EventBus;

/// <summary>
/// The logical name of a type of data: the CloudEvents <c>type</c> of its events. Without it that is the type's name without its namespace, and
/// then renaming the type changes what the events of the system are called.
/// </summary>
/// <param name="name">Such as <c>order.placed</c>; not empty.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface | AttributeTargets.Enum, Inherited = false)]
public sealed class EventTypeAttribute(string name) : Attribute
{
    /// <summary>The logical name.</summary>
    public string Name => name;
}

/// <summary>
/// Has <c>weft.AddHandlers()</c>, which the source generator writes, subscribe a class that implements <see cref="IHandle{T}"/>.
/// </summary>
/// <param name="topic">The topic.</param>
/// <param name="name">
/// The durable name of the subscription; null for the name of the class in lower case with hyphens (<c>OrderBilling</c>: <c>order-billing</c>),
/// and then renaming the class makes another subscription.
/// </param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class SubscribeAttribute(string topic, string? name = null) : Attribute
{
    /// <summary>The topic.</summary>
    public string Topic => topic;

    /// <summary>The durable name of the subscription; null for one made of the name of the class.</summary>
    public string? Name => name;
}

/// <summary>Marks the parameter of a handler that is the event's data, where it is not the first.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class EventDataAttribute : Attribute;
