using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.AspNetCore.Endpoints;
using Weft.EventBus;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;
using Weft.ServiceRegistry;
using Weft.Testing;

namespace Weft.AspNetCore.Tests.Endpoints;

/// <summary>The admin API over an event bus in memory whose one subscription refuses everything, so that all events die.</summary>
internal sealed class AdminRig : IAsyncDisposable
{
    public const string ReadToken = "read-token-0123456789";
    public const string OperateToken = "operate-token-0123456789";
    public const string AdminToken = "admin-token-0123456789";

    private readonly ServiceProvider _services;
    private readonly RequestDelegate _admin;

    private AdminRig(ServiceProvider services, string listenHost)
    {
        _services = services;
        var audit = new AdminAudit(new ListLoggers(Audit));
        var tokens = new AdminTokens([("viewer", ReadToken, AdminRights.Read), ("operator", OperateToken, AdminRights.Operate), ("root", AdminToken, AdminRights.Admin)]);
        Bus = services.GetRequiredService<EventBus.EventBus>();
        Runtime = services.GetRequiredService<WeftRuntime>();
        Health = new Health(Runtime, Bus, TimeProvider.System);
        _admin = new AdminApi(Runtime, Bus, services.GetRequiredService<BusAdmin>(), new ServiceAdmin(services.GetRequiredService<ServiceDirectory>(), TimeProvider.System), Health, audit, o => JsonSerializer.SerializeToElement(o.Name))
            .Build(services, new AdminGuard(tokens, listenHost, audit), NullLogger.Instance);
    }

    public List<string> Audit { get; } = [];

    public EventBus.EventBus Bus { get; }

    public WeftRuntime Runtime { get; }

    public Health Health { get; }

    public IServiceProvider Services => _services;

    public static async Task<AdminRig> StartAsync(string listenHost = "127.0.0.1", bool start = true, Action<WeftBuilder>? more = null, MessageHandler? invoice = null)
    {
        var services = new ServiceCollection();
        services.AddLogging().AddMetrics().AddRouting();
        services.AddSingleton(new DiagnosticListener("tests"));
        services.AddSingleton<ILogFactory, InMemoryFactory>();
        services.AddWeft(weft =>
        {
            weft.Connection("main", new() { Sqlite = "never-opened.db" })
                .Topic("orders", new() { Key = "event.subject" })
                .Subscribe("invoice", "orders", invoice ?? ((_, _, _) => throw new DeadLetterException("no invoice without a customer")));
            more?.Invoke(weft);
        });
        var rig = new AdminRig(services.BuildServiceProvider(), listenHost);
        if (start)
            await rig.Runtime.StartAsync(default);
        return rig;
    }

    /// <summary>Publishes events and waits until they are dead letters.</summary>
    public async Task DieAsync(params Message[] messages)
    {
        foreach (var message in messages)
            await Bus.PublishAsync("orders", message);
        await AreDeadAsync(messages.Length);
    }

    /// <summary>Waits until there are so many dead letters.</summary>
    public async Task AreDeadAsync(int count)
    {
        var admin = _services.GetRequiredService<BusAdmin>();
        while ((await admin.ListAsync(default)).Single(s => s.Info.Name == "invoice").Info.Dead < count)
            await Task.Yield();
    }

    /// <summary>Sends a request and gives the bytes that come, also of an answer that only <paramref name="end"/> ends.</summary>
    public async Task StreamAsync(string path, Stream into, CancellationToken end, string? token = ReadToken)
    {
        var context = new DefaultHttpContext { RequestServices = _services, RequestAborted = end };
        context.Request.Method = "GET";
        context.Request.Scheme = "http";
        context.Request.Host = new("127.0.0.1:9090");
        context.Request.Path = path;
        if (token is not null)
            context.Request.Headers.Authorization = "Bearer " + token;
        context.Response.Body = into;
        await _admin(context);
    }

    public Task<(int Status, JsonElement Body)> GetAsync(string path, string? token = ReadToken) => SendAsync("GET", path, token);

    public Task<(int Status, JsonElement Body)> PostAsync(string path, string? body, string? token = OperateToken) => SendAsync("POST", path, token, body);

    public async Task<(int Status, JsonElement Body)> SendAsync(
        string method, string path, string? token, string? body = null, string host = "127.0.0.1:9090", string? origin = null)
    {
        var context = new DefaultHttpContext { RequestServices = _services };
        int query = path.IndexOf('?', StringComparison.Ordinal);
        context.Request.Method = method;
        context.Request.Scheme = "http";
        context.Request.Host = new(host);
        context.Request.Path = query < 0 ? path : path[..query];
        context.Request.QueryString = query < 0 ? default : new(path[query..]);
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body ?? ""));
        var answer = new MemoryStream();
        context.Response.Body = answer;
        if (token is not null)
            context.Request.Headers.Authorization = "Bearer " + token;
        if (origin is not null)
            context.Request.Headers.Origin = origin;
        await _admin(context);
        await context.Response.CompleteAsync();
        return (context.Response.StatusCode, answer.Length == 0 ? default : JsonDocument.Parse(answer.ToArray()).RootElement.Clone());
    }

    public async ValueTask DisposeAsync()
    {
        await Runtime.StopAsync(default);
        await _services.DisposeAsync();
    }

    private sealed class InMemoryFactory(TimeProvider time) : ILogFactory
    {
        public bool Handles(ConnectionOptions connection) => true;

        public ValueTask<IMessageLog> OpenAsync(string name, ConnectionOptions connection, CancellationToken cancellation) => new(new InMemoryMessageLog(time));
    }

    private sealed class ListLoggers(List<string> lines) : ILoggerFactory, ILogger
    {
        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add(formatter(state, exception));
    }
}
