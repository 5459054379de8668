using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Weft.AspNetCore.ApiGateway.Authentication;
using Weft.AspNetCore.ApiGateway.Batch;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>The routes and open topics in force.</summary>
internal sealed class Gateway(GatewayPipeline pipeline, RouteFactory routes, Authenticators authenticators, AccessLog log, IServiceProvider services, TimeProvider time) : IWeftPart, IDisposable
{
    private readonly AccessLog _log = log;
    private readonly Authenticators _authenticators = authenticators;

    /// <summary>What ASP.NET Core routes on.</summary>
    public GatewayEndpoints Endpoints { get; } = new();

    /// <summary>The routes in force, open topics included.</summary>
    public IReadOnlyList<GatewayRoute> Routes { get; private set; } = [];

    /// <inheritdoc/>
    public Task<IPreparedPart> PrepareAsync(WeftOptions next, CancellationToken cancellation)
    {
        var built = routes.Build(next, pipeline);
        List<Endpoint> endpoints = [.. built.Select(ToEndpoint)];
        if (next.Server.Batch is { } batch)
            endpoints.Add(new BatchEndpoint(batch, next.Server.MaxBody, Endpoints, services, time).ToEndpoint());
        return Task.FromResult<IPreparedPart>(new Prepared(this, built, endpoints, next.Server.Log.Access));
    }

    /// <summary>Nothing to end: the server lets its requests finish.</summary>
    public Task StopAsync(TimeSpan drain) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => Endpoints.Dispose();

    private RouteEndpoint ToEndpoint(GatewayRoute route)
    {
        RoutePattern pattern;
        try
        {
            pattern = RoutePatternFactory.Parse(route.Match.Path);
        }
        catch (RoutePatternException e)
        {
            throw new WeftConfigurationException($"routes.{route.Name}.match.path is '{route.Match.Path}': {e.Message}");
        }
        var endpoint = new RouteEndpointBuilder(context => pipeline.RunAsync(context, route), pattern, order: -route.Priority) { DisplayName = route.Name };
        if (route.Match.Methods.Count > 0)
            endpoint.Metadata.Add(new HttpMethodMetadata(route.Match.Methods, acceptCorsPreflight: route.Cors is not null));
        if (route.Match.Host is { } host)
            endpoint.Metadata.Add(new HostAttribute(host));
        endpoint.Metadata.Add(route);
        return (RouteEndpoint)endpoint.Build();
    }

    private sealed class Prepared(Gateway gateway, IReadOnlyList<GatewayRoute> routes, IReadOnlyList<Endpoint> endpoints, bool access) : IPreparedPart
    {
        public Task CommitAsync()
        {
            gateway.Routes = routes;
            gateway._authenticators.Commit(routes);
            gateway.Endpoints.Replace(endpoints);
            gateway._log.Enabled = access;
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => default;
    }
}
