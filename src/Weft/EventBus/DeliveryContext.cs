using Weft.Messages;

namespace Weft.EventBus;

/// <summary>What a handler is told beside the event. Good until the handler has returned.</summary>
public readonly record struct DeliveryContext
{
    private readonly object _services;
    private readonly int _use;

    /// <summary>Makes one, for the test of a handler.</summary>
    /// <param name="services">See <see cref="Services"/>.</param>
    /// <param name="subscription">See <see cref="Subscription"/>.</param>
    /// <param name="topic">See <see cref="Topic"/>.</param>
    /// <param name="position">See <see cref="Position"/>.</param>
    /// <param name="attempt">See <see cref="Attempt"/>.</param>
    /// <param name="message">See <see cref="Message"/>.</param>
    public DeliveryContext(IServiceProvider services, string subscription, string topic, long position, int attempt, Message message = default)
        : this((object)services, 0, subscription, topic, position, attempt, message)
    {
    }

    internal DeliveryContext(DeliveryServices services, string subscription, string topic, long position, int attempt, Message message)
        : this(services, services.Use, subscription, topic, position, attempt, message)
    {
    }

    private DeliveryContext(object services, int use, string subscription, string topic, long position, int attempt, Message message) =>
        (_services, _use, Subscription, Topic, Position, Attempt, Message) = (services, use, subscription, topic, position, attempt, message);

    /// <summary>The scope of this delivery: made when it is first asked for, disposed when the handler has returned or thrown.</summary>
    /// <exception cref="ObjectDisposedException">The delivery is over.</exception>
    public IServiceProvider Services => _services is DeliveryServices lazy ? lazy.Open(_use) : (IServiceProvider)_services;

    /// <summary>The subscription's name.</summary>
    public string Subscription { get; }

    /// <summary>The topic's name.</summary>
    public string Topic { get; }

    /// <summary>The event's place in the topic, from 1.</summary>
    public long Position { get; }

    /// <summary>Which try this is, from 1.</summary>
    public int Attempt { get; }

    /// <summary>The event itself.</summary>
    public Message Message { get; }

    /// <summary>The subscription, the place and the try. It makes no scope.</summary>
    public override string ToString() => $"{Subscription}: {Topic} {Position}, try {Attempt}";
}
