using System.Text.Json;
using Microsoft.Extensions.Logging;
using Weft.Diagnostics;
using Weft.Flows;

namespace Weft.EventBus;

/// <summary>
/// Which subscriptions an operator holds back. It is kept in their store, so it outlives a restart and holds for every process that shares the store;
/// the others hear of it within two seconds.
/// </summary>
internal sealed partial class Pauses : IAsyncDisposable
{
    private const string Checkpoint = "paused";
    private const int Moved = 3016;
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(2);

    private readonly EventBus _bus;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BackgroundLoop _loop;
    private bool _failing;

    public Pauses(EventBus bus, TimeProvider time, ILogger logger)
    {
        (_bus, _time, _logger) = (bus, time, logger);
        _loop = BackgroundLoop.Start("pauses", RunAsync);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    /// <summary>The subscriptions of a store that are held back.</summary>
    public static async Task<IReadOnlySet<string>> ReadAsync(IMessageLog store, CancellationToken cancellation) =>
        Names(await store.ReadCheckpointAsync(Checkpoint, cancellation).ConfigureAwait(false));

    /// <summary>Holds a subscription back, or no longer.</summary>
    public static async Task SetAsync(IMessageLog store, string subscription, bool isPaused, CancellationToken cancellation)
    {
        while (true)
        {
            var was = await store.ReadCheckpointAsync(Checkpoint, cancellation).ConfigureAwait(false);
            var names = Names(was);
            if (!(isPaused ? names.Add(subscription) : names.Remove(subscription)))
                return;
            var transaction = store.Begin();
            await using (transaction.ConfigureAwait(false))
            {
                transaction.Checkpoint(Checkpoint, JsonSerializer.SerializeToUtf8Bytes([.. names.Order(StringComparer.Ordinal)], PausesJson.Default.StringArray), was);
                try
                {
                    await transaction.CommitAsync(cancellation).ConfigureAwait(false);
                    return;
                }
                catch (LogException e) when (e.Code.Number == Moved)
                {
                    // Another operator was first.
                }
            }
        }
    }

    /// <summary>Has the subscriptions that run here do as the store says.</summary>
    public static void Apply(IReadOnlySet<string> paused, IEnumerable<SubscriptionRunner> runners)
    {
        foreach (var runner in runners)
        {
            bool isPaused = paused.Contains(runner.Name);
            if (isPaused && !runner.IsPaused)
                runner.Pause();
            else if (!isPaused && runner.IsPaused)
                runner.Resume();
        }
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(s_look, _time);
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            try
            {
                foreach (var ofStore in _bus.Subscriptions.Values.GroupBy(s => s.Store))
                    Apply(await ReadAsync(ofStore.Key, cancellation).ConfigureAwait(false), ofStore);
                _failing = false;
            }
            catch (Exception e) when (e is LogException or ObjectDisposedException && !cancellation.IsCancellationRequested)
            {
                if (!_failing)
                    LogFailed(_logger, e);
                _failing = true;
            }
        }
    }

    private static HashSet<string> Names(ReadOnlyMemory<byte> value) =>
        value.IsEmpty ? new(StringComparer.Ordinal) : new(JsonSerializer.Deserialize(value.Span, PausesJson.Default.StringArray)!, StringComparer.Ordinal);

    [LoggerMessage(4015, LogLevel.Warning, "Which subscriptions are paused could not be read; they stay as they are, and it is read again in 2 s.")]
    private static partial void LogFailed(ILogger logger, Exception e);
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class PausesJson : System.Text.Json.Serialization.JsonSerializerContext;
