using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Weft.AspNetCore.ApiGateway;
using Weft.AspNetCore.Endpoints;
using Weft.Diagnostics;
using Weft.EventBus;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.Server.Hosting;

/// <summary>The process that <c>weft run</c> starts: listeners, gateway, event bus, probes and admin API in one host.</summary>
internal sealed class WeftServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WeftServer(WebApplication app, Addresses addresses, string? tokenFile)
    {
        (_app, Addresses, TokenFile) = (app, addresses, tokenFile);
    }

    /// <summary>Where it listens.</summary>
    public Addresses Addresses { get; }

    /// <summary>The file of the token that Weft made; null when the configuration names tokens or there is no admin address.</summary>
    public string? TokenFile { get; }

    /// <summary>What runs.</summary>
    public WeftRuntime Runtime => _app.Services.GetRequiredService<WeftRuntime>();

    /// <summary>Logs of the process itself.</summary>
    public ILogger Logger => _app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Weft.Server");

    /// <summary>Puts the process together. Nothing runs and nothing listens before <see cref="StartAsync"/>.</summary>
    /// <exception cref="WeftConfigurationException">An address, certificate or token cannot be used.</exception>
    public static WeftServer Create(WeftOptions options, string mainFile, Terminal terminal)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        var addresses = new Addresses();

        AddLogging(builder.Logging, options.Server.Log);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Server.Drain);
        builder.Services.AddSingleton<IHostLifetime>(s => new SignalLifetime(s.GetRequiredService<IHostApplicationLifetime>(), options.Server.Drain, terminal));
        builder.Services.AddSingleton(s => new Farewell(ActivatorUtilities.CreateInstance<SocketTransportFactory>(s), s.GetRequiredService<TimeProvider>(), options));
        builder.Services.AddHostedService(s => s.GetRequiredService<Farewell>());
        builder.Services.AddWeft(weft => weft.UseSqlite().UsePostgres().UseGateway().Options = options);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<Health>();
        builder.Services.AddSingleton<AdminAudit>();
        builder.Services.AddSingleton<ConfigurationMetrics>();
        builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService(options.Name)).WithMetrics(metrics => metrics
            .AddMeter(WeftMeter.Name, "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
            .AddPrometheusExporter());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            StrictHttp.Configure(kestrel);
            kestrel.ConfigureEndpointDefaults(endpoint =>
            {
                var farewell = endpoint.ApplicationServices.GetRequiredService<Farewell>();
                endpoint.Use(next => connection => farewell.CountAsync(next, connection));
            });
            kestrel.Limits.MaxRequestBodySize = options.Server.MaxBody;
            addresses.Listen(kestrel, options.Server);
        });
        // The last one that is named is the one that binds.
        builder.Services.AddSingleton<IConnectionListenerFactory>(s => s.GetRequiredService<Farewell>());

        var app = builder.Build();
        string? tokenFile = options.Server.Admin is { Tokens.Count: 0 } ? AdminTokenFile.PathFor(mainFile) : null;
        app.Use(app.Services.GetRequiredService<Farewell>().InvokeAsync);
        Compose(app, options, tokenFile);
        app.Services.GetRequiredService<ConfigurationMetrics>();
        return new(app, addresses, tokenFile);
    }

    /// <summary>Starts everything. When this returns, requests are taken.</summary>
    public Task StartAsync(CancellationToken cancellation) => _app.StartAsync(cancellation);

    /// <summary>Waits for the signal to stop, then lets what is under way finish.</summary>
    public Task WaitForShutdownAsync() => _app.WaitForShutdownAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void Compose(WebApplication app, WeftOptions options, string? tokenFile)
    {
        var probes = Probes.Build(app.Services, app.Services.GetRequiredService<Health>(), metrics => metrics.UseOpenTelemetryPrometheusScrapingEndpoint());
        var admin = options.Server.Admin is { } asked ? BuildAdmin(app.Services, options, asked, tokenFile) : null;
        app.Use(next => context => Listener.Of(context) switch
        {
            ListenerKind.Probes => probes(context),
            ListenerKind.Admin => admin!(context),
            _ => next(context),
        });
        app.UseWeftGateway();
        app.UseRouting();
        app.MapWeft();
    }

    private static RequestDelegate BuildAdmin(IServiceProvider services, WeftOptions all, AdminOptions options, string? tokenFile)
    {
        var secrets = services.GetRequiredService<ISecrets>();
        var tokens = tokenFile is not null
            ? new AdminTokens([("local", AdminTokenFile.ReadOrCreate(tokenFile), AdminRights.Admin)])
            : new AdminTokens(options.Tokens.Select(t => (t.Token[(t.Token.LastIndexOf('/') + 1)..], secrets.Get(t.Token, all), t.Rights)));
        var audit = services.GetRequiredService<AdminAudit>();
        var api = new AdminApi(
            services.GetRequiredService<WeftRuntime>(), services.GetRequiredService<EventBus.EventBus>(), services.GetRequiredService<BusAdmin>(),
            new ServiceAdmin(services.GetRequiredService<ServiceDirectory>(), services.GetRequiredService<TimeProvider>()), services.GetRequiredService<Health>(), audit, Effective);
        return api.Build(services, new AdminGuard(tokens, new Uri(options.Listen.Url).Host, audit), services.GetRequiredService<ILoggerFactory>().CreateLogger("Weft.Admin"));
    }

    private static JsonElement Effective(WeftOptions options)
    {
        using var json = JsonDocument.Parse(OptionsJson.Write(options));
        return json.RootElement.Clone();
    }

    private static void AddLogging(ILoggingBuilder logging, LogOptions options)
    {
        logging.SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Yarp", LogLevel.Warning)
            // The command says itself what went wrong at the start.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        logging.AddConsole(console =>
        {
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            console.FormatterName = options.Format == LogFormat.Json ? ConsoleFormatterNames.Json : LogText.FormatterName;
        });
        logging.AddConsoleFormatter<LogText, ConsoleFormatterOptions>();
        logging.Services.Configure<JsonConsoleFormatterOptions>(json => (json.UseUtcTimestamp, json.TimestampFormat) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ"));
    }
}
