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
    /// <remarks>Can be called more than once: the policies of all calls are there, and those of <c>AddWeft</c> as they are at its start.</remarks>
    /// <param name="services">The app's services.</param>
    /// <param name="policies">The policies by name; <c>standard</c> and <c>none</c> are there without being named.</param>
    /// <exception cref="ArgumentException">A name was given before.</exception>
    public static IServiceCollection AddWeftResilience(this IServiceCollection services, params ReadOnlySpan<(string Name, PolicyOptions Policy)> policies)
    {
        ArgumentNullException.ThrowIfNull(services);
        var map = OptionsMap<PolicyOptions>.Empty;
        foreach (var (name, policy) in policies)
        {
            if (map.ContainsKey(name) || services.Any(s => s.ImplementationInstance is PolicySource source && source.Policies.ContainsKey(name)))
                throw new ArgumentException($"The policy '{name}' is defined twice. Give one of the two another name, or leave one out.", nameof(policies));
            map = map.With(name, policy);
        }
        services.AddSingleton(new PolicySource(map));
        return services.AddPolicies();
    }

    /// <summary>Adds what policies can be had from.</summary>
    internal static IServiceCollection AddPolicies(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(s => new WeftPolicies(
            PolicySource.Merge(s.GetServices<PolicySource>()), s.GetRequiredService<TimeProvider>(), s.GetService<ILogger<WeftPolicies>>()));
        return services;
    }
}
