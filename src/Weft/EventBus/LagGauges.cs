using System.Diagnostics.Metrics;
using Weft.Diagnostics;
using Weft.Flows;

namespace Weft.EventBus;

/// <summary>
/// Shows how far subscriptions are behind. Nothing is counted while nobody reads the gauges: whoever reads them has the figures be brought up to
/// date for the next time, so they are as old as the last reading.
/// </summary>
internal sealed class LagGauges : IAsyncDisposable
{
    private readonly EventBus _bus;
    private readonly TimeProvider _time;
    private readonly AsyncSignal _read = new();
    private readonly BackgroundLoop _loop;
    private readonly IDisposable[] _shown;
    private IReadOnlyList<Lag> _lags = [];

    public LagGauges(EventBus bus, TimeProvider time)
    {
        (_bus, _time) = (bus, time);
        _shown =
        [
            WeftMeter.SubscriptionLag.Show(() => Read().Select(l => new Measurement<long>(l.Count, l.Tag))),
            WeftMeter.SubscriptionAge.Show(() => Read().Select(l => new Measurement<double>(l.Oldest is { } oldest ? Math.Max(0, (time.GetUtcNow() - oldest).TotalSeconds) : 0, l.Tag))),
            WeftMeter.Parked.Show(() => Read().SelectMany(l => new Measurement<long>[]
            {
                new(l.Retrying, l.Tag, new("state", "retry")), new(l.Behind, l.Tag, new("state", "behind")), new(l.Dead, l.Tag, new("state", "dead")),
            })),
        ];
        _loop = BackgroundLoop.Start("lag", RunAsync);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (var shown in _shown)
            shown.Dispose();
        return _loop.DisposeAsync();
    }

    private IReadOnlyList<Lag> Read()
    {
        _read.Set();
        return Volatile.Read(ref _lags);
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                Volatile.Write(ref _lags, await CountAsync(cancellation).ConfigureAwait(false));
            }
            catch (Exception e) when (e is LogException or ObjectDisposedException && !cancellation.IsCancellationRequested)
            {
                // The store has told its operator; the figures stay as they are.
            }
            await _read.WaitAsync(cancellation).ConfigureAwait(false);
            await Task.Delay(TimeSpan.FromSeconds(1), _time, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<Lag>> CountAsync(CancellationToken cancellation)
    {
        var lags = new List<Lag>();
        foreach (var ofStore in _bus.Subscriptions.Values.GroupBy(s => _bus.Topics[s.Options.From].Store))
        {
            var known = (await ofStore.Key.ListSubscriptionsAsync(cancellation).ConfigureAwait(false)).ToDictionary(s => s.Name, StringComparer.Ordinal);
            foreach (var runner in ofStore)
            {
                var (count, oldest) = await runner.LagAsync(cancellation).ConfigureAwait(false);
                known.TryGetValue(runner.Name, out var info);
                lags.Add(new(new("subscription", runner.Name), count, oldest, info?.Retrying ?? 0, info?.Behind ?? 0, info?.Dead ?? 0));
            }
        }
        return lags;
    }

    private sealed record Lag(KeyValuePair<string, object?> Tag, long Count, DateTimeOffset? Oldest, long Retrying, long Behind, long Dead);
}
