using Microsoft.Extensions.Logging;
using Weft.Diagnostics;
using Weft.Flows;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>Once a minute: drops what every subscription has passed and nobody keeps, and dead letters that are too old.</summary>
internal sealed partial class Housekeeping : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly EventBus _bus;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BackgroundLoop _loop;

    public Housekeeping(EventBus bus, TimeProvider time, ILogger logger)
    {
        (_bus, _time, _logger) = (bus, time, logger);
        _loop = BackgroundLoop.Start("housekeeping", RunAsync);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    /// <summary>One round.</summary>
    internal async Task TidyAsync(CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        foreach (var store in _bus.Topics.Values.Select(t => t.Store).Distinct())
        {
            var known = await store.ListSubscriptionsAsync(cancellation).ConfigureAwait(false);
            var orphans = known.Where(s => !_bus.Named.Contains(s.Name)).ToArray();
            foreach (var topic in _bus.Topics.Values.Where(t => t.Store == store))
            {
                var keep = topic.Options.Keep;
                foreach (var orphan in orphans.Where(o => o.Topic == topic.Name && o.Low < o.Head))
                    LogOrphan(_logger, orphan.Name, topic.Name, orphan.Head - orphan.Low, keep.For);
                var holdNothing = keep.Behind == KeepBehind.Drop ? known : orphans;
                await topic.Log.TrimAsync(now - keep.For, holdNothing.Select(o => o.Name).ToHashSet(), cancellation).ConfigureAwait(false);
            }
            foreach (var subscription in _bus.Subscriptions.Values)
            {
                // A dead letter that holds up its key stays until somebody decides.
                if (subscription.Options.Dead.Order != DeadLetterOrder.Hold && known.Any(s => s.Name == subscription.Name && s.Dead > 0))
                    await store.PurgeDeadAsync(subscription.Name, now - subscription.Options.Dead.Keep, cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Every, _time);
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            try
            {
                await TidyAsync(cancellation).ConfigureAwait(false);
            }
            catch (LogException e)
            {
                LogFailed(_logger, e);
            }
        }
    }

    [LoggerMessage(4010, LogLevel.Warning, "Subscription {Subscription} is in the store and in no file; {Count} events of topic {Topic} that it has not read are dropped once they are older than {Keep}. Name it in the file again, or remove it with 'weft subscriptions remove {Subscription}'.")]
    private static partial void LogOrphan(ILogger logger, string subscription, string topic, long count, TimeSpan keep);

    [LoggerMessage(4011, LogLevel.Error, "Tidying the store failed; it is tried again in a minute.")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
