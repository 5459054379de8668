using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.EventBus;

namespace Weft;

#pragma warning disable CA1822 // What the source generator puts in the place of these methods needs the builder.
public sealed partial class WeftBuilder
{
    /// <summary>Adds a subscription of <paramref name="topic"/> that calls <paramref name="handler"/>, which gets the subscription's name.</summary>
    public WeftBuilder Subscribe(string name, string topic, MessageHandler handler) => Subscribe(name, topic, h => h.OnAny(handler));

    /// <summary>Adds a subscription of <paramref name="topic"/> with a handler of its name.</summary>
    /// <param name="name">The durable name of the subscription.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="handler">Says what is done with events of which types.</param>
    /// <exception cref="ArgumentException">The name is taken, or nothing is handled.</exception>
    public WeftBuilder Subscribe(string name, string topic, Action<HandlerBuilder> handler) =>
        Subscription(name, new() { From = topic, Handler = name }).Handler(name, handler);

    /// <summary>
    /// Adds a subscription of <paramref name="topic"/> that calls a lambda or method with the parameters that it asks for. The first, or the one with
    /// <see cref="EventDataAttribute"/>, is the event: its data, and then only events of that type are handled, or <see cref="Messages.Message"/> for all
    /// events as they are. <see cref="Messages.Message"/>, <see cref="DeliveryContext"/> and <see cref="CancellationToken"/> are those of the delivery;
    /// everything else comes from the services, from a scope for this delivery.
    /// </summary>
    /// <param name="name">The durable name of the subscription.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="handler">Returns nothing, a <see cref="Task"/> or a <see cref="ValueTask"/>.</param>
    /// <param name="more">Says more of the handler, such as which exceptions no later try can help.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    /// <exception cref="InvalidOperationException">The source generator of Weft did not compile this call.</exception>
    public WeftBuilder Subscribe(string name, string topic, Delegate handler, Action<HandlerBuilder>? more = null) => throw NotGenerated(name);

    /// <summary>Adds a subscription of <paramref name="topic"/> with a class that implements <see cref="IHandle{T}"/>, for each type that it handles.</summary>
    /// <param name="name">The durable name of the subscription.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="more">Says more of the handler, such as which exceptions no later try can help.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    /// <exception cref="InvalidOperationException">The source generator of Weft did not compile this call.</exception>
    public WeftBuilder Subscribe<THandler>(string name, string topic, Action<HandlerBuilder>? more = null)
        where THandler : class => throw NotGenerated(name);

    /// <summary>Registers the handler that subscriptions name in <c>handler</c>.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public WeftBuilder Handler(string name, MessageHandler handler) => Handler(name, h => h.OnAny(handler));

    /// <inheritdoc cref="Handler(string, MessageHandler)"/>
    /// <param name="name">The name.</param>
    /// <param name="handler">Says what is done with events of which types.</param>
    /// <exception cref="ArgumentException">The name is taken, or nothing is handled.</exception>
    public WeftBuilder Handler(string name, Action<HandlerBuilder> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var builder = new HandlerBuilder(Services);
        handler(builder);
        Handlers.Add(name, builder);
        return this;
    }

    /// <summary>Registers a lambda or method as the handler that subscriptions name in <c>handler</c>; see <see cref="Subscribe(string, string, Delegate, Action{HandlerBuilder})"/>.</summary>
    /// <param name="name">The name.</param>
    /// <param name="handler">Returns nothing, a <see cref="Task"/> or a <see cref="ValueTask"/>.</param>
    /// <param name="more">Says more of the handler, such as which exceptions no later try can help.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    /// <exception cref="InvalidOperationException">The source generator of Weft did not compile this call.</exception>
    public WeftBuilder Handler(string name, Delegate handler, Action<HandlerBuilder>? more = null) => throw NotGenerated(name);

    /// <summary>Registers a class that implements <see cref="IHandle{T}"/> as the handler that subscriptions name in <c>handler</c>.</summary>
    /// <param name="name">The name.</param>
    /// <param name="more">Says more of the handler, such as which exceptions no later try can help.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    /// <exception cref="InvalidOperationException">The source generator of Weft did not compile this call.</exception>
    public WeftBuilder Handler<THandler>(string name, Action<HandlerBuilder>? more = null)
        where THandler : class => throw NotGenerated(name);

    /// <summary>Makes an event a dead letter at once when any C# handler throws this or what derives from it: no later try can help.</summary>
    public WeftBuilder DeadLetterOn<TException>()
        where TException : Exception
    {
        Handlers.Hopeless.Add(static e => e is TException);
        return this;
    }

    /// <summary>Gives a type of data a logical name, in place of what its <see cref="EventTypeAttribute"/> or its name says.</summary>
    /// <param name="name">The CloudEvents type, such as <c>order.placed</c>.</param>
    public WeftBuilder EventType<T>(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Types.Name(typeof(T), name);
        return this;
    }

    /// <summary>
    /// Adds source-generated metadata of data. What the context says of naming does not count, as in ASP.NET Core: all events of a system are written
    /// in one way, in camel case unless the other form of this method says otherwise. The source generator adds the contexts of its own project by itself.
    /// </summary>
    /// <param name="context">Such as <c>ShopJson.Default</c>.</param>
    public WeftBuilder Json(JsonSerializerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Types.Add(context);
        return this;
    }

    /// <summary>Changes how the data of events is read and written. It begins with <see cref="JsonSerializerDefaults.Web"/>.</summary>
    /// <param name="change">Called once, before the first use.</param>
    public WeftBuilder Json(Action<JsonSerializerOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        Types.Change(change);
        return this;
    }

    private static InvalidOperationException NotGenerated(string name) => new(
        $"'{name}': the call that sets this handler up was not compiled by the source generator of Weft. Reference the package Weft in the project of the call, " +
        "which brings the generator and adds Weft.Generated to InterceptorsNamespaces; give a lambda, a method or a class by its own name, not through a variable of type Delegate " +
        "or a type parameter. Without the generator, say .Handler(name, h => h.On<T>(…)).");
}
