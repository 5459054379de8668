using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.AspNetCore.ApiGateway;
using Yarp.ReverseProxy.Configuration;

namespace Weft.Load;

/// <summary>The proxies that are compared, each in its own process on the same kind of host.</summary>
internal static class ProxyWorkers
{
    /// <summary>Where a proxy says how many bytes it has allocated so far.</summary>
    public const string AllocatedPath = "/bench/allocated";

    public static Task WeftAsync(string upstream, CancellationToken stop, string? policy = null) => WeftAsync(
        weft => weft
            .Service("up", new() { Endpoints = [new() { Url = upstream }], Policy = policy })
            .Route("all", new() { Match = new() { Path = "/{**rest}" }, Forward = new() { Service = "up" } }),
        stop);

    public static async Task WeftAsync(Action<WeftBuilder> configure, CancellationToken stop)
    {
        var builder = Host();
        builder.WebHost.ConfigureKestrel(StrictHttp.Configure);
        builder.Services.AddWeft(weft => configure(weft.UseGateway().Configure(o => o with { Defaults = new() { Auth = "none" } })));
        var app = builder.Build();
        app.UseWeftGateway();
        app.MapWeftGateway();
        await RunAsync(app, stop);
    }

    public static async Task YarpAsync(string upstream, CancellationToken stop)
    {
        var builder = Host();
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "up", Match = new() { Path = "/{**rest}" } }],
            [new ClusterConfig { ClusterId = "up", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = upstream } } }]);
        var app = builder.Build();
        app.MapReverseProxy();
        await RunAsync(app, stop);
    }

    private static WebApplicationBuilder Host()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddRouting();
        return builder;
    }

    private static async Task RunAsync(WebApplication app, CancellationToken stop)
    {
        app.MapGet(AllocatedPath, context => context.Response.WriteAsync(GC.GetTotalAllocatedBytes().ToString(CultureInfo.InvariantCulture)));
        await app.StartAsync(CancellationToken.None);
        Console.WriteLine(app.Urls.Single());
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await app.DisposeAsync();
    }
}
