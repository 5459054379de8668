using Weft.Diagnostics;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>
/// Keeps a subscription running on one shard: waits for its turn, opens it, runs its flow until the shard falls to another process, and when
/// that fails as a whole (a commit, the store) opens it anew after a wait and goes on from what is stored.
/// </summary>
internal sealed class ShardRunner(
    string name, SubscriptionOptions options, IMessageLog store, ILogTopic shard, ITarget<Message> target, SemaphoreSlim places, TimeProvider time, FlowTelemetry telemetry)
{
    // How long deliveries under way may take before another process goes on.
    private static readonly TimeSpan s_handOver = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private BackgroundLoop? _loop;
    private FlowRunner<Message>? _flow;
    private LogSource? _source;
    private TimeSpan? _drain;

    /// <summary>Holds the flow back.</summary>
    public FlowGate Gate { get; } = new(new FlowSettings().Probe);

    /// <summary>The last error that ended the flow as a whole; null while it runs.</summary>
    public Exception? Error { get; private set; }

    /// <summary>The running source; null while the subscription is not open here.</summary>
    public LogSource? Source
    {
        get
        {
            lock (_lock)
                return _source;
        }
    }

    /// <summary>Starts in the background, also after a stop.</summary>
    public void Start()
    {
        _drain = null;
        _loop = BackgroundLoop.Start($"subscription {name}", SuperviseAsync);
    }

    /// <summary>Takes nothing more, lets deliveries under way finish for a while, stores what was settled and closes.</summary>
    public async Task StopAsync(TimeSpan drain)
    {
        lock (_lock)
        {
            _drain = drain;
            _flow?.Stop(drain);
        }
        if (_loop is not null)
            await _loop.DisposeAsync().ConfigureAwait(false);
    }

    private async Task SuperviseAsync(CancellationToken stop)
    {
        var probe = new FlowSettings().Probe;
        int failures = 0;
        while (_drain is null)
        {
            long begun = time.GetTimestamp();
            try
            {
                await shard.WaitForTurnAsync(name, stop).ConfigureAwait(false);
                await RunAsync(stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Nothing is lost: what was not settled comes again from the log.
                Error = e;
                telemetry.Failed(e);
                // A run that lasted was a good one: the next failure begins with the short wait again.
                failures = time.GetElapsedTime(begun) > probe.Cap ? 1 : failures + 1;
                await Task.Delay(probe.Wait(failures, 0), time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RunAsync(CancellationToken stop)
    {
        var subscription = await shard.OpenSubscriptionAsync(name, SubscriptionRunner.StartOf(options), stop).ConfigureAwait(false);
        var source = new LogSource(store, subscription, SourceSettingsOf(options) with { OnDropped = telemetry.Dropped }, time);
        await using (source.ConfigureAwait(false))
        {
            // A log of one process never takes a shard away, and has one shard, which bounds itself.
            var guarded = subscription.Lost.CanBeCanceled ? new ShardTarget(target, places, subscription) : target;
            using var flow = new FlowRunner<Message>(source, guarded, SettingsOf(options), Gate, time, seed: name.Length, telemetry);
            lock (_lock)
            {
                if (_drain is not null)
                    return;
                (_source, _flow) = (source, flow);
            }
            using var leaving = subscription.Leaving.UnsafeRegister(static flow => ((FlowRunner<Message>)flow!).Stop(s_handOver), flow);
            using var lost = subscription.Lost.UnsafeRegister(static flow => ((FlowRunner<Message>)flow!).Stop(TimeSpan.Zero), flow);
            try
            {
                Error = null;
                await flow.RunAsync().ConfigureAwait(false);
            }
            catch (Exception) when (subscription.Lost.IsCancellationRequested)
            {
                // Another process has it; what was under way here comes again there.
            }
            finally
            {
                lock (_lock)
                    (_source, _flow) = (null, null);
            }
        }
    }

    // A push ends no process, whatever its event holds.
    private static LogSourceSettings SourceSettingsOf(SubscriptionOptions options) =>
        new() { Ordered = options.Ordered, Holds = options.Dead.Order == DeadLetterOrder.Hold, Crashes = options.Push is null ? options.Dead.Crashes : int.MaxValue };

    private static FlowSettings SettingsOf(SubscriptionOptions options) => new()
    {
        Lanes = options.Concurrency,
        Ordered = options.Ordered,
        Retry = new(options.Retry.Now, options.Retry.For, options.Retry.Base, options.Retry.Cap),
    };
}
