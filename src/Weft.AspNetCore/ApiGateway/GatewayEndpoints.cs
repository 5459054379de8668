using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>The gateway's endpoints of the revision in force. A reload replaces all of them at once; requests under way keep theirs.</summary>
internal sealed class GatewayEndpoints : EndpointDataSource, IDisposable
{
    private CancellationTokenSource _changed = new();
    private IReadOnlyList<Endpoint> _endpoints = [];

    /// <inheritdoc/>
    public override IReadOnlyList<Endpoint> Endpoints => Volatile.Read(ref _endpoints);

    /// <inheritdoc/>
    public override IChangeToken GetChangeToken() => new CancellationChangeToken(Volatile.Read(ref _changed).Token);

    /// <summary>Puts other endpoints in place.</summary>
    public void Replace(IReadOnlyList<Endpoint> endpoints)
    {
        Volatile.Write(ref _endpoints, endpoints);
        // Armed anew before it is told: whoever is told asks for the next token at once.
        var told = Interlocked.Exchange(ref _changed, new CancellationTokenSource());
        told.Cancel();
        told.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _changed.Dispose();
}
