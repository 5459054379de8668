using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weft.Calls;
using Weft.EventBus;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft;

/// <summary>Adds Weft to an app.</summary>
public static class WeftHostingExtensions
{
    /// <summary>
    /// Adds Weft: it starts and stops with the host. <see cref="IPublisher"/>, <see cref="EventFactory"/>, <see cref="IOutbox"/>, <see cref="IInbox"/>, <see cref="WeftPolicies"/> and <see cref="WeftRuntime"/> can be injected.
    /// </summary>
    /// <param name="builder">The app.</param>
    /// <param name="configure">Says what runs.</param>
    public static IHostApplicationBuilder AddWeft(this IHostApplicationBuilder builder, Action<WeftBuilder> configure)
    {
        builder.Services.AddWeft(configure);
        return builder;
    }

    /// <inheritdoc cref="AddWeft(IHostApplicationBuilder, Action{WeftBuilder})"/>
    /// <param name="services">The app's services.</param>
    /// <param name="configure">Says what runs.</param>
    public static IServiceCollection AddWeft(this IServiceCollection services, Action<WeftBuilder> configure)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ISecrets, Secrets>();
        services.TryAddSingleton<CallPipeline>();
        services.TryAddSingleton<ServiceClient>();
        services.TryAddSingleton<TargetFactory>();
        services.TryAddSingleton<BusAdmin>();

        // In the order in which they are put in place; they stop the other way round.
        services.AddPart<ServiceDirectory>();
        services.AddPart<EventBus.EventBus>();
        services.AddPart<Outboxes>();
        services.TryAddSingleton<IOutbox>(s => s.GetRequiredService<Outboxes>());
        services.TryAddSingleton<IInbox, Inbox>();
        services.TryAddSingleton<IPublisher>(s => s.GetRequiredService<EventBus.EventBus>());

        var weft = new WeftBuilder(services);
        configure(weft);
        services.AddSingleton(weft.Handlers);
        services.AddSingleton(s => new EventFactory(weft.Types, () => weft.Options.Name, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(_ => new PolicySource(weft.Options.Policies));
        services.AddPolicies();
        services.AddSingleton(s => new WeftRuntime(
            weft.Options, weft.Handlers.Names, s.GetServices<IWeftPart>(), s.GetRequiredService<TimeProvider>(),
            s.GetService<IHostApplicationLifetime>(), s.GetRequiredService<ILogger<WeftRuntime>>()));
        services.AddHostedService(s => s.GetRequiredService<WeftRuntime>());
        return services;
    }

    /// <summary>Adds a part of the runtime, once.</summary>
    internal static void AddPart<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(this IServiceCollection services)
        where T : class, IWeftPart
    {
        services.TryAddSingleton<T>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWeftPart, T>(s => s.GetRequiredService<T>()));
    }
}
