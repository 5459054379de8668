using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.Calls;

/// <summary>What is known about each authority (scheme, host and port) that requests go to under one policy: each is a service of one instance.</summary>
internal sealed class AuthorityServices(PolicyOptions policy, TimeProvider time, ILogger log, Random chance)
{
    /// <summary>How many are told apart; those beyond share one.</summary>
    public const int Max = 1000;

    private static readonly Uri s_others = new("http://others.invalid");

    private readonly ConcurrentDictionary<string, Service> _byAuthority = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _making = new();

    /// <summary>The policy of all of them.</summary>
    public PolicyOptions Policy => policy;

    /// <summary>All that were called so far.</summary>
    public IEnumerable<Service> All => _byAuthority.Values;

    /// <summary>The pipeline that they share.</summary>
    public CallPipeline Calls { get; } = new(time);

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>The present time, for dates in answers.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Scheme, host and port, without user and password: it is written to logs, labels and errors.</summary>
    public static string NameOf(Uri address) => address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    /// <summary>The service for an address.</summary>
    public Service Of(Uri address)
    {
        var authority = NameOf(address);
        if (_byAuthority.TryGetValue(authority, out var known))
            return known;
        lock (_making)
        {
            // Addresses may come from outside: what is kept for them must have an end.
            var at = _byAuthority.Count < Max ? new Uri(authority) : s_others;
            authority = NameOf(at);
            return _byAuthority.GetOrAdd(authority, name => new Service(
                name, new() { Endpoints = [new() { Url = at.OriginalString }] }, policy, [], time, chance, log));
        }
    }
}
