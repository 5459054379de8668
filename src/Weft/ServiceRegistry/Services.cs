using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Weft.Options;

namespace Weft.ServiceRegistry;

/// <summary>The services of one revision of the configuration. Immutable.</summary>
internal sealed class Services
{
    private readonly FrozenDictionary<string, Service> _byName;

    private readonly OptionsMap<string> _vars;

    private Services(FrozenDictionary<string, Service> byName, OptionsMap<string> vars) => (_byName, _vars) = (byName, vars);

    /// <summary>No services.</summary>
    public static Services None { get; } = new(FrozenDictionary<string, Service>.Empty, []);

    /// <summary>Values that expressions may read.</summary>
    public OptionsMap<string> Vars => _vars;

    /// <summary>All of them.</summary>
    public IReadOnlyList<Service> All => _byName.Values;

    /// <summary>The service of a name; null when there is none, or it is switched off.</summary>
    public Service? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>
    /// The services that <paramref name="options"/> names. One that says the same as before is kept; one that changed keeps the connections and what was learned about
    /// the instances that are still there.
    /// </summary>
    public Services With(WeftOptions options, TimeProvider time, Random chance, ILogger log, ITransportSource? transports = null) => new(options.Services
        .Where(pair => pair.Value.Enabled)
        .Select(pair => Next(pair.Key, pair.Value, options, time, chance, log, transports))
        .ToFrozenDictionary(service => service.Name), options.Vars);

    private Service Next(string name, ServiceOptions service, WeftOptions options, TimeProvider time, Random chance, ILogger log, ITransportSource? transports)
    {
        var (known, policy) = (Find(name), options.PolicyOf(service.Policy));
        service = service with { Balance = service.Balance with { Zone = service.Balance.Zone ?? options.Server.Zone } };
        return known is not null && known.Options == service && known.Policy == policy && _vars == options.Vars
            ? known
            : new Service(name, service, policy, options.Vars, time, chance, log, known, transports);
    }
}
