using Microsoft.Extensions.DependencyInjection;
using Weft.EventBus;
using Weft.Options;

namespace Weft;

/// <summary>
/// Sets Weft up in C#. It makes the same <see cref="WeftOptions"/> as a <c>weft.yaml</c>, and adds what only code can
/// give: handlers, by name. Not thread-safe.
/// </summary>
public sealed partial class WeftBuilder
{
    internal WeftBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the app.</summary>
    public IServiceCollection Services { get; }

    /// <summary>What was said so far.</summary>
    public WeftOptions Options { get; set; } = new();

    internal HandlerRegistry Handlers { get; } = new();

    internal EventTypes Types { get; } = new();

    /// <summary>Changes the options by a function, for what has no verb of its own.</summary>
    public WeftBuilder Configure(Func<WeftOptions, WeftOptions> change)
    {
        Options = change(Options);
        return this;
    }

    /// <summary>Adds a store or database, as <c>connections.NAME</c>.</summary>
    public WeftBuilder Connection(string name, ConnectionOptions connection) =>
        Configure(o => o with { Connections = o.Connections.With(name, connection) });

    /// <summary>Has the table <c>weft_outbox</c> of a connection's database be relayed, as <c>connections.NAME.outbox</c>: see <see cref="IOutbox"/>.</summary>
    /// <exception cref="ArgumentException">There is no such connection yet.</exception>
    public WeftBuilder Outbox(string connection) => Options.Connections.TryGetValue(connection, out var known)
        ? Connection(connection, known with { Outbox = true })
        : throw new ArgumentException($"There is no connection '{connection}'. Connections: {string.Join(", ", Options.Connections.Keys)}. Add it with .Connection(\"{connection}\", …) before.", nameof(connection));

    /// <summary>Adds a service, as <c>services.NAME</c>.</summary>
    public WeftBuilder Service(string name, ServiceOptions service) =>
        Configure(o => o with { Services = o.Services.With(name, service) });

    /// <summary>Adds a route, as <c>routes.NAME</c>.</summary>
    public WeftBuilder Route(string name, RouteOptions route) =>
        Configure(o => o with { Routes = o.Routes.With(name, route) });

    /// <summary>Adds a topic, as <c>topics.NAME</c>.</summary>
    public WeftBuilder Topic(string name, TopicOptions? topic = null) =>
        Configure(o => o with { Topics = o.Topics.With(name, topic ?? new()) });

    /// <summary>Adds a subscription, as <c>subscriptions.NAME</c>.</summary>
    public WeftBuilder Subscription(string name, SubscriptionOptions subscription) =>
        Configure(o => o with { Subscriptions = o.Subscriptions.With(name, subscription) });
}
