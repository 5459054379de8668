using Microsoft.Extensions.Logging;
using Weft.Diagnostics;
using Weft.Flows;

namespace Weft.EventBus;

/// <summary>Publishes scheduled events when their time has come, the earliest first.</summary>
internal sealed partial class Schedule : IAsyncDisposable
{
    private const int Page = 256;

    // Another process may schedule in the same store, and the clock may be set.
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(5);

    private readonly EventBus _bus;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AsyncSignal _wake = new();
    private readonly ITimer _timer;
    private readonly BackgroundLoop _loop;
    private bool _failing;

    public Schedule(EventBus bus, TimeProvider time, ILogger logger)
    {
        (_bus, _time, _logger) = (bus, time, logger);
        _timer = time.CreateTimer(static wake => ((AsyncSignal)wake!).Set(), _wake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _loop = BackgroundLoop.Start("schedule", RunAsync);
    }

    /// <summary>Has it look again: there is something new.</summary>
    public void Wake() => _wake.Set();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _loop.DisposeAsync().ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var next = s_look;
            foreach (var topic in _bus.Topics.Values)
            {
                var due = await PublishDueAsync(topic, cancellation).ConfigureAwait(false) - _time.GetUtcNow();
                if (due < next)
                    next = due;
            }
            _timer.Change(next > TimeSpan.Zero ? next : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            await _wake.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Publishes what is due and says when the next is.</summary>
    private async Task<DateTimeOffset> PublishDueAsync(Topic topic, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var first = await topic.Store.ReadScheduledAsync(new(topic.Name, Limit: Page), cancellation).ConfigureAwait(false);
                var now = _time.GetUtcNow();
                int due = first.TakeWhile(m => m.Due <= now).Count();
                if (due > 0)
                    await ReleaseAsync(topic, first.Take(due), cancellation).ConfigureAwait(false);
                if (_failing)
                    LogWorking(_logger);
                _failing = false;
                if (due < Page)
                    return due < first.Count ? first[due].Due : DateTimeOffset.MaxValue;
            }
        }
        catch (Exception e) when (e is LogException or ObjectDisposedException && !cancellation.IsCancellationRequested)
        {
            if (!_failing)
                LogFailed(_logger, e);
            _failing = true;
            return DateTimeOffset.MaxValue;
        }
    }

    private static async Task ReleaseAsync(Topic topic, IEnumerable<ScheduledMessage> messages, CancellationToken cancellation)
    {
        var transaction = topic.Store.Begin();
        await using (transaction.ConfigureAwait(false))
        {
            int count = 0;
            foreach (var message in messages)
            {
                transaction.Release(topic.Log, message.Token);
                count++;
            }
            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
            topic.Telemetry.Published(count);
        }
    }

    [LoggerMessage(4012, LogLevel.Error, "Scheduled events could not be published; they stay in the store, and it is tried again every 5 s.")]
    private static partial void LogFailed(ILogger logger, Exception e);

    [LoggerMessage(4013, LogLevel.Information, "Scheduled events are published again.")]
    private static partial void LogWorking(ILogger logger);
}
