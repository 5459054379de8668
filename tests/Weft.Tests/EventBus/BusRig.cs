using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Weft.EventBus;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;
using Weft.Testing;

namespace Weft.Tests.EventBus;

/// <summary>A whole bus with the topic <c>orders</c> on a log in memory.</summary>
internal sealed class BusRig : IAsyncDisposable
{
    private readonly InMemoryMessageLog _log;
    private readonly ServiceProvider _services;

    private BusRig(Action<WeftBuilder> configure, Action<IServiceCollection>? more)
    {
        _log = new(Time);
        var services = new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(Log))
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton<ILogFactory>(new OneLog(_log))
            .AddWeft(weft =>
            {
                configure(weft.Connection("main", new ConnectionOptions { Sqlite = "unused.db" }).Topic("orders"));
                weft.Configure(o => o with { Subscriptions = [.. o.Subscriptions.Select(s => KeyValuePair.Create(s.Key, s.Value with { Concurrency = 1 }))] });
            });
        more?.Invoke(services);
        _services = services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true });
    }

    public FakeTimeProvider Time { get; } = new(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public KeptLog Log { get; } = new();

    public IServiceProvider Services => _services;

    public IPublisher Publisher => _services.GetRequiredService<IPublisher>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<BusRig> StartAsync(Action<WeftBuilder> configure, Action<IServiceCollection>? more = null)
    {
        var rig = new BusRig(configure, more);
        await rig._services.GetRequiredService<WeftRuntime>().StartAsync(Cancellation);
        return rig;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.GetRequiredService<WeftRuntime>().StopAsync(Cancellation);
        await _services.DisposeAsync();
    }

    /// <summary>Waits until a subscription is done with so many events.</summary>
    public async Task UntilDoneAsync(string subscription, int count)
    {
        var runner = _services.GetRequiredService<Weft.EventBus.EventBus>().Subscriptions[subscription];
        while (runner.Counts.Acknowledged + runner.Counts.Dead < count)
        {
            Cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>The dead letters of a subscription, once there are so many.</summary>
    public async Task<IReadOnlyList<ParkedMessage>> DeadAsync(string subscription, int count)
    {
        while (true)
        {
            Cancellation.ThrowIfCancellationRequested();
            var dead = await _log.ReadParkedAsync(subscription, new ParkedQuery(ParkedState.Dead), Cancellation);
            if (dead.Count >= count)
                return dead;
            await Task.Yield();
        }
    }

    /// <summary>What is stored in a topic.</summary>
    public async Task<IReadOnlyList<Message>> StoredAsync(string topic = "orders")
    {
        var page = new LogEntry[100];
        int count = await (await _log.OpenTopicAsync(topic, Cancellation)).ReadAsync(0, page, Cancellation);
        return [.. page[..count].Select(e => e.Message)];
    }
}

/// <summary>Keeps what is logged.</summary>
internal sealed class KeptLog : ILoggerProvider
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(_lines);

    public void Dispose()
    {
    }

    private sealed class Logger(List<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines)
                lines.Add($"{eventId.Id} {formatter(state, exception)}");
        }
    }
}
