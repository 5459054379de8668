namespace Weft.ServiceRegistry.Health;

/// <summary>The probers of all services whose instances are asked. One call at a time.</summary>
internal sealed class HealthProbers(TimeProvider time, Random chance)
{
    private readonly Dictionary<string, HealthProber> _byName = new(StringComparer.Ordinal);

    /// <summary>Asks the instances of these services from now on, and of no others.</summary>
    public async Task FollowAsync(IReadOnlyList<Service> services)
    {
        var asked = services.Where(s => s.Options.Health.Active is not null && !s.IsStubbed).ToDictionary(s => s.Name);
        foreach (var gone in _byName.Keys.Except(asked.Keys).ToArray())
        {
            _byName.Remove(gone, out var prober);
            await prober!.DisposeAsync().ConfigureAwait(false);
        }
        foreach (var (name, service) in asked)
        {
            if (_byName.TryGetValue(name, out var prober))
                prober.Follow(service);
            else
                _byName.Add(name, new HealthProber(service, time, new Random(chance.Next())));
        }
    }
}
