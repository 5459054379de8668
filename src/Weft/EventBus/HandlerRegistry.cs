using Weft.Options;

namespace Weft.EventBus;

/// <summary>The C# handlers that the host program registers, by name.</summary>
internal sealed class HandlerRegistry
{
    private readonly Dictionary<string, MessageHandler> _handlers = new(StringComparer.Ordinal);

    /// <summary>The names, for validation.</summary>
    public IReadOnlySet<string> Names => _handlers.Keys.ToHashSet(StringComparer.Ordinal);

    /// <summary>Registers a handler.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, MessageHandler handler)
    {
        if (!_handlers.TryAdd(name, handler))
            throw new ArgumentException($"A handler named '{name}' is registered already. Give each handler its own name.", nameof(name));
    }

    /// <summary>The handler of that name.</summary>
    public MessageHandler Find(string name) => _handlers.TryGetValue(name, out var handler)
        ? handler
        : throw new WeftConfigurationException($"No handler named '{name}' is registered. Registered: {string.Join(", ", _handlers.Keys)}. Add .Handler(\"{name}\", …) where Weft is set up.");
}
