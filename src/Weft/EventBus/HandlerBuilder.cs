using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Weft.EventBus;

/// <summary>
/// What a handler does with events of which types. An event goes to the one whose logical name is its CloudEvents <c>type</c>. One of another type
/// is not for this handler: it is done, and counted in the metric <c>weft.handler.skipped</c>, unless <see cref="OnAny"/> or <see cref="Strict"/>
/// says otherwise. Not thread-safe.
/// </summary>
public sealed class HandlerBuilder
{
    private readonly IServiceCollection _services;

    internal HandlerBuilder(IServiceCollection services) => _services = services;

    internal List<Func<EventFactory, TypedRoute>> Routes { get; } = [];

    internal List<Func<Exception, bool>> Hopeless { get; } = [];

    internal MessageHandler? Others { get; private set; }

    internal bool IsStrict { get; private set; }

    /// <summary>Handles the events of one type by a function.</summary>
    /// <typeparam name="T">The type of their data.</typeparam>
    public HandlerBuilder On<T>(TypedHandler<T> handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        Routes.Add(events => new TypedRoute<T>(events.ShapeOf(typeof(T)), handler));
        return this;
    }

    /// <summary>Handles the events of one type by a class, which is taken from the scope of each delivery; it is added to the services as scoped unless it is there.</summary>
    /// <typeparam name="T">The type of their data.</typeparam>
    /// <typeparam name="THandler">The class.</typeparam>
    public HandlerBuilder On<T, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where T : notnull
        where THandler : class, IHandle<T>
    {
        _services.TryAddScoped<THandler>();
        return On<T>(static (data, delivery, cancellation) => delivery.Services.GetRequiredService<THandler>().HandleAsync(data, delivery, cancellation));
    }

    /// <summary>Handles the events of all other types.</summary>
    public HandlerBuilder OnAny(MessageHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Others = Others is null ? handler : throw new InvalidOperationException("There is a handler of all other types already.");
        return this;
    }

    /// <summary>Makes an event a dead letter at once, with the reason <c>rejected</c>, when its handler throws this or what derives from it.</summary>
    public HandlerBuilder DeadLetterOn<TException>()
        where TException : Exception
    {
        Hopeless.Add(static e => e is TException);
        return this;
    }

    /// <summary>Makes an event of another type a dead letter, with the reason <c>wrong-type</c>, in place of passing over it.</summary>
    public HandlerBuilder Strict()
    {
        IsStrict = true;
        return this;
    }
}
