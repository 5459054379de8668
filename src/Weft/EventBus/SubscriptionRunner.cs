using Weft.Flows;
using Weft.Messages;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>Keeps one subscription running: a flow for each shard of its topic, as far as they fall to this process.</summary>
internal sealed class SubscriptionRunner
{
    private readonly Topic _topic;
    private readonly FlowTelemetry _telemetry;
    private readonly ShardRunner[] _shards;

    public SubscriptionRunner(
        string name, SubscriptionOptions options, Topic topic, ITarget<Message> target, TimeProvider time, FlowTelemetry telemetry, RuleErrors ruleErrors, Condition? condition)
    {
        (Name, Options, _topic, _telemetry, RuleErrors, Condition) = (name, options, topic, telemetry, ruleErrors, condition);
        // Holds nothing to free: its wait handle is never made.
        var places = new SemaphoreSlim(options.Concurrency);
        _shards = [.. topic.Log.Shards.Select(shard => new ShardRunner(name, options, topic.Store, shard, target, places, time, telemetry))];
    }

    /// <summary>The durable name.</summary>
    public string Name { get; }

    /// <summary>Where it is kept.</summary>
    public IMessageLog Store => _topic.Store;

    /// <summary>What the subscription was told.</summary>
    public SubscriptionOptions Options { get; }

    /// <summary>Why nothing is delivered on one of the shards; null while all deliver.</summary>
    public string? HeldBack => _shards.Select(s => s.Gate.Reason).FirstOrDefault(r => r is not null);

    /// <summary>Whether an operator holds it back.</summary>
    public bool IsPaused => _shards[0].Gate.IsPaused;

    /// <summary>The last error that ended a flow as a whole; null while all run.</summary>
    public Exception? Error => _shards.Select(s => s.Error).FirstOrDefault(e => e is not null);

    /// <summary>Events for which <c>when</c> had no value.</summary>
    public RuleErrors RuleErrors { get; }

    /// <summary>Which events it gets; null for all.</summary>
    public Condition? Condition { get; }

    /// <summary>Deliveries done, to be tried again, and dead since the start.</summary>
    public (long Acknowledged, long Retried, long Dead) Counts => _telemetry.Counts;

    /// <summary>The running source of the shard that a position is of; null while this process does not read that shard.</summary>
    public LogSource? SourceOf(long position) => _shards[_topic.Log.ShardOf(position)].Source;

    /// <summary>How many events are neither handled nor parked on the shards that this process reads, and when the oldest was published.</summary>
    public async ValueTask<(long Count, DateTimeOffset? Oldest)> LagAsync(CancellationToken cancellation)
    {
        (long count, DateTimeOffset? oldest) = (0, null);
        foreach (var source in _shards.Select(s => s.Source).OfType<LogSource>())
        {
            var (more, at) = await source.LagAsync(cancellation).ConfigureAwait(false);
            count += more;
            oldest = !(oldest < at) ? at ?? oldest : oldest;
        }
        return (count, oldest);
    }

    /// <summary>Holds the subscription back until <see cref="Resume"/>.</summary>
    public void Pause()
    {
        foreach (var shard in _shards)
            shard.Gate.Pause();
    }

    /// <summary>Lets it go on.</summary>
    public void Resume()
    {
        foreach (var shard in _shards)
            shard.Gate.Resume();
    }

    /// <summary>Starts in the background.</summary>
    public void Start()
    {
        foreach (var shard in _shards)
            shard.Start();
    }

    /// <summary>Takes nothing more, lets deliveries under way finish for a while, stores what was settled and closes.</summary>
    public Task StopAsync(TimeSpan drain) => Task.WhenAll(_shards.Select(s => s.StopAsync(drain)));

    /// <summary>Closes the subscription, does something to it while nobody here reads it, and starts it again.</summary>
    public async Task RestartAsync(TimeSpan drain, Func<Task> between)
    {
        await StopAsync(drain).ConfigureAwait(false);
        try
        {
            await between().ConfigureAwait(false);
        }
        finally
        {
            Start();
        }
    }

    /// <summary>Reads <c>new</c>, <c>beginning</c> or a time.</summary>
    internal static SubscriptionStart StartOf(SubscriptionOptions options) => options.Start switch
    {
        "new" => SubscriptionStart.New,
        "beginning" => SubscriptionStart.Beginning,
        var time => new(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture)),
    };
}
