using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.AspNetCore.ApiGateway;
using Weft.AspNetCore.ApiGateway.Authentication;
using Weft.AspNetCore.ApiGateway.Limits;
using Weft.Calls;
using Weft.EventBus;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.AspNetCore.Tests.Rig;

/// <summary>A gateway on a real socket.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GatewayHost(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single());
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(30) };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public FakePublisher Publisher => (FakePublisher)_app.Services.GetRequiredService<IPublisher>();

    public LogLines Log => _app.Services.GetRequiredService<LogLines>();

    public ServiceDirectory Services => _app.Services.GetRequiredService<ServiceDirectory>();

    public ILimitCounters Limits => _app.Services.GetRequiredService<ILimitCounters>();

    public Gateway Gateway => _app.Services.GetRequiredService<Gateway>();

    public Authenticators Authenticators => _app.Services.GetRequiredService<Authenticators>();

    public static async Task<GatewayHost> StartAsync(
        WeftOptions options, TimeProvider? time = null, HttpProtocols protocols = HttpProtocols.Http1, ITransportSource? transports = null, HttpsConnectionAdapterOptions? tls = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(k => k.ConfigureEndpointDefaults(e => e.Protocols = protocols))
            // What only the end of a connection brings to light has to hang in a test, not to pass late.
            .ConfigureKestrel(k => k.Limits.KeepAliveTimeout = TimeSpan.FromHours(1)).ConfigureKestrel(StrictHttp.Configure).UseUrls("http://127.0.0.1:0");
        if (tls is not null)
            builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0, l => l.UseHttps(tls)));
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<LogLines>();
        builder.Services.AddSingleton<ILoggerProvider>(s => s.GetRequiredService<LogLines>());
        builder.Services.AddRouting();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        if (transports is not null)
            builder.Services.AddSingleton(transports);
        builder.Services.AddSingleton<ServiceDirectory>();
        builder.Services.AddSingleton<CallPipeline>();
        builder.Services.AddSingleton<IPublisher, FakePublisher>();
        builder.Services.AddSingleton<ISecrets, FakeSecrets>();
        builder.Services.AddWeftGateway();
        var app = builder.Build();
        app.UseWeftGateway();
        app.MapWeftGateway();
        await ApplyAsync(app, options);
        await app.StartAsync();
        return new GatewayHost(app);
    }

    /// <summary>A gateway with one route to one service.</summary>
    public static Task<GatewayHost> ForwardAsync(params Uri[] upstreams) => StartAsync(Forward(new RouteOptions(), upstreams));

    /// <summary>Options with one route to one service, whose instances are asked in turn, so that tests know which comes next; what the route leaves out is everything.</summary>
    public static WeftOptions Forward(RouteOptions route, params Uri[] upstreams) => new()
    {
        Defaults = new() { Auth = "none" },
        Server = new() { Log = new() { Access = true } },
        Services = OptionsMap.Create<ServiceOptions>([new("up", new() { Balance = new() { Algorithm = BalanceAlgorithm.RoundRobin }, Endpoints = [.. upstreams.Select(u => new EndpointOptions { Url = u.ToString() })] })]),
        Routes = OptionsMap.Create<RouteOptions>(
        [
            new("all", route with { Match = route.Match.Path == "" ? new() { Path = "/{**rest}" } : route.Match, Forward = new() { Service = "up" } }),
        ]),
    };

    public Task ApplyAsync(WeftOptions options) => ApplyAsync(_app, options);

    /// <summary>Sends bytes as they are and gives back everything until the server closes.</summary>
    public async Task<string> RawAsync(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(Address.Host, Address.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(System.Text.Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
        return await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private static async Task ApplyAsync(WebApplication app, WeftOptions options)
    {
        await using var services = await app.Services.GetRequiredService<ServiceDirectory>().PrepareAsync(options, default);
        await using var gateway = await app.Services.GetRequiredService<Gateway>().PrepareAsync(options, default);
        await services.CommitAsync();
        await gateway.CommitAsync();
    }
}
