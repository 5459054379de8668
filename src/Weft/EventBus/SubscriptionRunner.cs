using Weft.Diagnostics;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>
/// Keeps one subscription running: opens it, runs its flow, and when that fails as a whole (a commit, the store) opens it
/// anew after a wait and goes on from what is stored.
/// </summary>
internal sealed class SubscriptionRunner
{
    private readonly Topic _topic;
    private readonly ITarget<Message> _target;
    private readonly TimeProvider _time;
    private readonly FlowTelemetry _telemetry;
    private readonly Lock _lock = new();
    private BackgroundLoop? _loop;
    private FlowRunner<Message>? _flow;
    private LogSource? _source;
    private TimeSpan? _drain;

    public SubscriptionRunner(
        string name, SubscriptionOptions options, Topic topic, ITarget<Message> target, TimeProvider time, FlowTelemetry telemetry, RuleErrors ruleErrors)
    {
        (Name, Options, _topic, _target, _time, _telemetry, RuleErrors) = (name, options, topic, target, time, telemetry, ruleErrors);
    }

    /// <summary>The durable name.</summary>
    public string Name { get; }

    /// <summary>What the subscription was told.</summary>
    public SubscriptionOptions Options { get; }

    /// <summary>Holds the flow back.</summary>
    public FlowGate Gate { get; } = new(new FlowSettings().Probe);

    /// <summary>The last error that ended the flow as a whole; null while it runs.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Events for which <c>when</c> had no value.</summary>
    public RuleErrors RuleErrors { get; }

    /// <summary>Deliveries done, to be tried again, and dead since the start.</summary>
    public (long Acknowledged, long Retried, long Dead) Counts => _telemetry.Counts;

    /// <summary>The running source; null while the subscription is not open.</summary>
    public LogSource? Source
    {
        get
        {
            lock (_lock)
                return _source;
        }
    }

    /// <summary>Starts in the background.</summary>
    public void Start() => _loop = BackgroundLoop.Start($"subscription {Name}", SuperviseAsync);

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

    /// <summary>Closes the subscription, does something to it while nobody reads it, and starts it again.</summary>
    public async Task RestartAsync(TimeSpan drain, Func<Task> between)
    {
        await StopAsync(drain).ConfigureAwait(false);
        try
        {
            await between().ConfigureAwait(false);
        }
        finally
        {
            _drain = null;
            Start();
        }
    }

    private async Task SuperviseAsync(CancellationToken stop)
    {
        var probe = new FlowSettings().Probe;
        int failures = 0;
        while (_drain is null)
        {
            long begun = _time.GetTimestamp();
            try
            {
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
                _telemetry.Failed(e);
                // A run that lasted was a good one: the next failure begins with the short wait again.
                failures = _time.GetElapsedTime(begun) > probe.Cap ? 1 : failures + 1;
                await Task.Delay(probe.Wait(failures, 0), _time, stop)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RunAsync(CancellationToken stop)
    {
        var subscription = await _topic.Log.OpenSubscriptionAsync(Name, StartOf(Options), stop).ConfigureAwait(false);
        var source = new LogSource(_topic.Store, subscription, Options.Ordered, _time);
        await using (source.ConfigureAwait(false))
        {
            using var flow = new FlowRunner<Message>(source, _target, SettingsOf(Options), Gate, _time, seed: Name.Length, _telemetry);
            lock (_lock)
            {
                if (_drain is not null)
                    return;
                (_source, _flow) = (source, flow);
            }
            try
            {
                Error = null;
                await flow.RunAsync().ConfigureAwait(false);
            }
            finally
            {
                lock (_lock)
                    (_source, _flow) = (null, null);
            }
        }
    }

    private static FlowSettings SettingsOf(SubscriptionOptions options) => new()
    {
        Lanes = options.Concurrency,
        Ordered = options.Ordered,
        Retry = new(options.Retry.Now, options.Retry.For, options.Retry.Base, options.Retry.Cap),
    };

    /// <summary>Reads <c>new</c>, <c>beginning</c> or a time.</summary>
    internal static SubscriptionStart StartOf(SubscriptionOptions options) => options.Start switch
    {
        "new" => SubscriptionStart.New,
        "beginning" => SubscriptionStart.Beginning,
        var time => new(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture)),
    };
}
