using Microsoft.Extensions.Logging;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>The C# handlers that the host program registers, by name.</summary>
internal sealed class HandlerRegistry
{
    private readonly Dictionary<string, HandlerBuilder> _handlers = new(StringComparer.Ordinal);

    /// <summary>The names, for validation.</summary>
    public IReadOnlySet<string> Names => _handlers.Keys.ToHashSet(StringComparer.Ordinal);

    /// <summary>The exceptions of any handler that no later try can help.</summary>
    public List<Func<Exception, bool>> Hopeless { get; } = [];

    /// <summary>Registers a handler.</summary>
    /// <exception cref="ArgumentException">The name is taken, or the handler handles nothing.</exception>
    public void Add(string name, HandlerBuilder handler)
    {
        if (handler.Routes.Count == 0 && handler.Others is null)
            throw new ArgumentException($"The handler '{name}' handles nothing. Add .On<T>(…) or .OnAny(…).", nameof(handler));
        if (handler.IsStrict && handler.Others is not null)
            throw new ArgumentException($"The handler '{name}' is strict, and handles all types. Leave out .Strict() or .OnAny(…).", nameof(handler));
        if (!_handlers.TryAdd(name, handler))
            throw new ArgumentException($"A handler named '{name}' is registered already. Give each handler its own name.", nameof(name));
    }

    /// <summary>The handler of that name, ready for a subscription.</summary>
    /// <exception cref="WeftConfigurationException">There is none, or one of its types cannot be read.</exception>
    public BoundHandler Bind(string name, string subscription, EventFactory events, ILogger logger)
    {
        if (!_handlers.TryGetValue(name, out var handler))
            throw new WeftConfigurationException($"No handler named '{name}' is registered. Registered: {string.Join(", ", _handlers.Keys)}. Add .Handler(\"{name}\", …) where Weft is set up.");
        Func<Exception, bool>[] hopeless = [.. handler.Hopeless, .. Hopeless];
        if (handler is { Routes.Count: 0, Others: { } all })
            return new(all, hopeless);

        TypedRoute[] routes = [.. handler.Routes.Select(route => route(events))];
        if (routes.GroupBy(r => r.Type, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new WeftConfigurationException($"The handler '{name}' handles the type '{twice.Key}' {twice.Count()} times. Give each type of data its own logical name, by [EventType(\"…\")], and handle it once.");
        return new(new TypedDispatch(subscription, routes, handler, logger).HandleAsync, hopeless);
    }
}
