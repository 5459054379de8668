using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.EventBus;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.Testing;

/// <summary>One life of a process: from a start to a stop or a crash.</summary>
internal sealed class HarnessProcess : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly ConcurrentDictionary<WatchedCall, bool> _calls = new();

    private HarnessProcess(ServiceProvider services) => _services = services;

    /// <summary>The app's services.</summary>
    public IServiceProvider Services => _services;

    /// <summary>Whether it has crashed.</summary>
    public bool IsDead { get; set; }

    /// <summary>Whether it takes work.</summary>
    public bool Runs => Runtime.IsReady;

    /// <summary>The topics and subscriptions.</summary>
    public EventBus.EventBus Bus => _services.GetRequiredService<EventBus.EventBus>();

    private WeftRuntime Runtime => _services.GetRequiredService<WeftRuntime>();

    /// <summary>Starts one.</summary>
    public static async Task<HarnessProcess> StartAsync(
        Action<WeftBuilder> weft, Action<IServiceCollection>? configure, HarnessStores stores, FakeServices fakes, HarnessRecord record, TimeProvider time, CancellationToken cancellation)
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILogFactory>(stores); // Comes first, so it is asked first.
        configure?.Invoke(services);
        services.AddSingleton(time).AddSingleton<ITransportSource>(fakes);
        services.TryAddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.TryAdd(ServiceDescriptor.Singleton(typeof(ILogger<>), typeof(Logger<>)));
        services.AddWeft(builder =>
        {
            weft(builder);
            if (builder.Options.Connections.Count == 0)
                builder.Connection("main", new ConnectionOptions { Sqlite = "memory" });
        });
        var process = new HarnessProcess(services.BuildServiceProvider());
        try
        {
            process._services.GetRequiredService<TargetFactory>().Around = (subscription, target) => new WatchedTarget(subscription, target, process, record, time);
            await process.Runtime.StartAsync(cancellation).ConfigureAwait(false);
            return process;
        }
        catch
        {
            await process.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A handler begins.</summary>
    public void Began(WatchedCall call) => _calls.TryAdd(call, true);

    /// <summary>A handler has ended.</summary>
    public void Ended(WatchedCall call) => _calls.TryRemove(call, out _);

    /// <summary>Whether one of its handlers runs.</summary>
    public bool Handles => !_calls.IsEmpty;

    /// <summary>Stops cleanly.</summary>
    public Task StopAsync(CancellationToken cancellation) => Runtime.StopAsync(cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
