using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.AspNetCore.Tests.Rig;

/// <summary>Two gateways before one service: one with the plaintext connections of its own, one with the framework's client in their place.</summary>
internal sealed class TwoPaths : IAsyncDisposable
{
    private TwoPaths(GatewayHost own, GatewayHost client) => (Own, Client) = (own, client);

    public GatewayHost Own { get; }

    public GatewayHost Client { get; }

    /// <summary>Starts both; nothing is repeated by either.</summary>
    public static async Task<TwoPaths> StartAsync(Uri upstream, RouteOptions? route = null)
    {
        var options = Options(upstream, route);
        return new(await GatewayHost.StartAsync(options), await GatewayHost.StartAsync(options, transports: new FrameworkClient()));
    }

    /// <summary>Options without repeats.</summary>
    public static WeftOptions Options(Uri upstream, RouteOptions? route = null)
    {
        var options = GatewayHost.Forward(route ?? new(), upstream);
        return options with { Services = OptionsMap.Create<ServiceOptions>([new("up", options.Services["up"] with { Policy = "none" })]) };
    }

    public async ValueTask DisposeAsync()
    {
        await Own.DisposeAsync();
        await Client.DisposeAsync();
    }

    private sealed class FrameworkClient : ITransportSource
    {
        public HttpMessageHandler Of(string service) => ServiceTransport.Create();
    }
}
