using Weft.Flows;

namespace Weft.AspNetCore.Endpoints;

/// <summary>
/// Whether the process takes work: it has started, it is not stopping, and every store can be read. The answer is kept for
/// a second, so that asking often costs the stores nothing.
/// </summary>
internal sealed class Health(WeftRuntime runtime, EventBus.EventBus bus, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private Task<PartView[]>? _stores;
    private long _asked;

    /// <summary>How the process is now.</summary>
    public async Task<HealthView> CheckAsync()
    {
        bool starting = runtime.Revision == 0;
        var self = new PartView("runtime", runtime.IsReady, runtime.IsReady ? null : starting ? "starting" : "stopping");
        PartView[] parts = runtime.IsReady ? [self, .. await StoresAsync().ConfigureAwait(false)] : [self];
        string status = starting ? "starting" : !runtime.IsReady ? "stopping" : parts.All(p => p.Ready) ? "ready" : "degraded";
        return new(status, runtime.Revision, runtime.PendingError, parts);
    }

    private Task<PartView[]> StoresAsync()
    {
        lock (_lock)
        {
            if (_stores is null || (_stores.IsCompleted && time.GetElapsedTime(_asked) >= Fresh))
                (_stores, _asked) = (LookAsync(), time.GetTimestamp());
            return _stores;
        }
    }

    private async Task<PartView[]> LookAsync()
    {
        var parts = new List<PartView>();
        foreach (var topics in bus.Topics.Values.GroupBy(t => t.Store))
        {
            string name = "connections." + (topics.First().Options.Store ?? runtime.Options.Connections.Keys.First());
            parts.Add(await LookAtAsync(name, topics.Key).ConfigureAwait(false));
        }
        return [.. parts];
    }

    private async Task<PartView> LookAtAsync(string name, IMessageLog store)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            await store.ListSubscriptionsAsync(patience.Token).ConfigureAwait(false);
            return new(name, true, null);
        }
        catch (LogException e)
        {
            return new(name, false, $"{e.Code}: {e.Message}");
        }
        catch (OperationCanceledException)
        {
            return new(name, false, "it did not answer within 5 s");
        }
        catch (Exception e)
        {
            // A reload or a stop may have closed it meanwhile. Whatever it is, it cannot be used.
            return new(name, false, e.Message);
        }
    }
}
