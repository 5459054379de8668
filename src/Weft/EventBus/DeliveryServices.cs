using Microsoft.Extensions.DependencyInjection;

namespace Weft.EventBus;

/// <summary>
/// The scope of one delivery after another: made when a handler asks for it, so that one who does not pays nothing. What is left of an earlier
/// delivery gets an error, never the scope of a later one.
/// </summary>
/// <remarks>Safe for use from many threads, as a handler may have several.</remarks>
internal sealed class DeliveryServices(IServiceScopeFactory scopes)
{
    private readonly Lock _lock = new();
    private AsyncServiceScope? _scope;

    /// <summary>Which delivery this is.</summary>
    public int Use { get; private set; }

    /// <summary>The services of that delivery.</summary>
    /// <exception cref="ObjectDisposedException">It is over.</exception>
    public IServiceProvider Open(int use)
    {
        lock (_lock)
        {
            if (use != Use)
                throw new ObjectDisposedException(nameof(DeliveryContext), "The delivery is over, and its services with it. Await in the handler what needs them, or make a scope of your own.");
            return (_scope ??= scopes.CreateAsyncScope()).ServiceProvider;
        }
    }

    /// <summary>Ends the delivery, and disposes of what was made for it.</summary>
    public ValueTask CloseAsync()
    {
        AsyncServiceScope? made;
        lock (_lock)
        {
            Use++;
            (made, _scope) = (_scope, null);
        }
        return made?.DisposeAsync() ?? default;
    }
}
