using System.Collections.Frozen;
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

    /// <summary>All of them.</summary>
    public IReadOnlyList<Service> All => _byName.Values;

    /// <summary>The service of a name; null when there is none, or it is switched off.</summary>
    public Service? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The services that <paramref name="options"/> names. One that says the same as before is kept, with its connections and counters.</summary>
    public Services With(WeftOptions options, TimeProvider time) => new(options.Services
        .Where(pair => pair.Value.Enabled)
        .Select(pair => Find(pair.Key) is { } known && known.Options == pair.Value && _vars == options.Vars ? known : new Service(pair.Key, pair.Value, options.Vars, time))
        .ToFrozenDictionary(service => service.Name), options.Vars);
}
