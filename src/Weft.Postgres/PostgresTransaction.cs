using Weft.Flows;
using Weft.Messages;
using Weft.Postgres.Writing;

namespace Weft.Postgres;

/// <summary>Collects changes, and has a writer make them in one of its transactions. Bytes are read at the commit.</summary>
internal sealed class PostgresTransaction(PostgresMessageLog log) : LogTransaction
{
    private readonly List<Change> _changes = [];
    private bool _disposed;

    public override object Store => log;

    public override void Append(ILogTopic topic, Message message, ReadOnlyMemory<byte> key, Once once = default)
    {
        var own = Own(topic);
        log.CheckSize(message, key);
        _changes.Add(new() { Shard = topic as PostgresShard is { } shard && own.AllShards.Count == 1 ? shard : own.ShardFor(key, once), Message = message, Key = key, Once = once });
    }

    public override void Schedule(ILogTopic topic, ScheduledMessage message)
    {
        var own = Own(topic);
        log.CheckSize(message.Message, message.Key);
        _changes.Add(new() { Topic = own, Scheduled = message });
    }

    public override void Release(ILogTopic topic, string token) => _changes.Add(new() { Topic = Own(topic), Release = token });

    public override void Checkpoint(string name, ReadOnlyMemory<byte> value, ReadOnlyMemory<byte> expected)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _changes.Add(new() { Checkpoint = name, Key = value, Expected = expected });
    }

    public override void Settle(ILogSubscription subscription, long position) => _changes.Add(new() { Subscription = Own(subscription), Position = position });

    public override void Park(ILogSubscription subscription, ParkedMessage message)
    {
        var own = Own(subscription);
        log.CheckSize(message.Message, message.Key, message.Notes.Length);
        _changes.Add(new() { Subscription = own, Parked = message });
    }

    public override void Unpark(ILogSubscription subscription, long position) => _changes.Add(new() { Subscription = Own(subscription), Position = position, Unparks = true });

    public override void Mark(ILogSubscription subscription, long upTo) => _changes.Add(new() { Subscription = Own(subscription), Position = upTo, Marks = true });

    protected override async ValueTask CommitCoreAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            if (_changes.Count > 0)
                await log.WriterOf(_changes).RunAsync(new WriteOperation(_changes, Relaxed && _changes.TrueForAll(MayBeTakenBack), cancellation)).ConfigureAwait(false);
        }
        finally
        {
            _changes.Clear();
        }
    }

    public override ValueTask DisposeAsync()
    {
        _disposed = true;
        return ValueTask.CompletedTask;
    }

    // A cursor is written whole each time, so a crash of the server that takes the last one back is made good by the next. A parked message is
    // written once, and a later cursor would pass it though it is gone.
    private static bool MayBeTakenBack(Change change) => change.Subscription is not null && change.Parked is null;

    private PostgresTopic Own(ILogTopic topic)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var own = topic as PostgresTopic ?? (topic as PostgresShard)?.Topic;
        return own?.Log == log ? own : throw new ArgumentException($"Topic '{topic.Name}' is of another log; open it from the log that began the transaction.", nameof(topic));
    }

    private PostgresSubscription Own(ILogSubscription subscription)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return subscription is PostgresSubscription own && own.Shard.Log == log
            ? own
            : throw new ArgumentException($"Subscription '{subscription.Name}' is of another log.", nameof(subscription));
    }
}
