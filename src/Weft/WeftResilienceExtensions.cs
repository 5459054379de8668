using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Weft.Calls;
using Weft.Options;

namespace Weft;

/// <summary>Adds Weft's resilience policies to an app that need not use anything else of Weft.</summary>
public static class WeftResilienceExtensions
{
    /// <summary>
    /// Adds <see cref="WeftPolicies"/>, from which handlers for <see cref="HttpClient"/> and pipelines of Polly can be had by the name of a policy.
    /// </summary>
    /// <param name="services">The app's services.</param>
    /// <param name="policies">The policies by name; <c>standard</c> and <c>none</c> are there without being named.</param>
    public static IServiceCollection AddWeftResilience(this IServiceCollection services, params ReadOnlySpan<(string Name, PolicyOptions Policy)> policies)
    {
        ArgumentNullException.ThrowIfNull(services);
        var map = OptionsMap<PolicyOptions>.Empty;
        foreach (var (name, policy) in policies)
            map = map.With(name, policy);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(s => new WeftPolicies(map, s.GetRequiredService<TimeProvider>(), s.GetService<ILogger<WeftPolicies>>()));
        return services;
    }
}
