using System.Net;
using Microsoft.AspNetCore.Http;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>The proxies whose word counts: for whom they forward, how long their caller waits, and that it repeats. What anybody else says of that is dropped.</summary>
internal sealed class TrustedProxies
{
    private readonly IPNetwork[] _networks;

    /// <param name="networks">Addresses and networks such as <c>10.0.0.0/8</c>.</param>
    public TrustedProxies(IEnumerable<string> networks) => _networks = [.. networks.Select(Parse)];

    /// <summary>Whether the one who sent a request is one of them.</summary>
    public bool Sent(HttpContext context) => _networks.Length > 0 && context.Connection.RemoteIpAddress is { } address && Has(address);

    /// <summary>Whether an address is one of theirs.</summary>
    public bool Has(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        foreach (var network in _networks)
        {
            if (network.Contains(address))
                return true;
        }
        return false;
    }

    private static IPNetwork Parse(string text) =>
        text.Contains('/', StringComparison.Ordinal) ? IPNetwork.Parse(text)
        : IPAddress.Parse(text) is var address ? new(address, address.GetAddressBytes().Length * 8) : default;
}
