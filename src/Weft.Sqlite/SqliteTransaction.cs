using System.Runtime.CompilerServices;
using Weft.Flows;
using Weft.Messages;
using Weft.Sqlite.Writing;

namespace Weft.Sqlite;

/// <summary>Collects changes, and has the writer make them in one of its commits. Bytes are read at the commit, without a copy.</summary>
internal sealed class SqliteTransaction(SqliteMessageLog log) : LogTransaction
{
    private readonly TransactionOperation _operation = new();
    private bool _disposed;

    public override object Store => log;

    public override void Append(ILogTopic topic, Message message, ReadOnlyMemory<byte> key, Once once = default)
    {
        var own = Own(topic);
        CheckSize(message, key, notes: default);
        _operation.Append(own, message, key, once);
    }

    public override void Schedule(ILogTopic topic, ScheduledMessage message)
    {
        var own = Own(topic);
        CheckSize(message.Message, message.Key, notes: default);
        _operation.Schedule(own, message);
    }

    public override void Release(ILogTopic topic, string token) => _operation.Release(Own(topic), token);

    public override void Checkpoint(string name, ReadOnlyMemory<byte> value, ReadOnlyMemory<byte> expected)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _operation.Checkpoint(name, value, expected);
    }

    public override void Settle(ILogSubscription subscription, long position) => _operation.Settle(Own(subscription), position);

    public override void Park(ILogSubscription subscription, ParkedMessage message)
    {
        var own = Own(subscription);
        CheckSize(message.Message, message.Key, message.Notes);
        _operation.Park(own, message);
    }

    public override void Unpark(ILogSubscription subscription, long position) => _operation.Unpark(Own(subscription), position);

    public override void Mark(ILogSubscription subscription, long upTo) => _operation.Mark(Own(subscription), upTo);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    protected override async ValueTask CommitCoreAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            _operation.Relaxed = Relaxed;
            if (!_operation.IsEmpty)
                await log.Writer.RunAsync(_operation, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _operation.Clear();
        }
    }

    public override ValueTask DisposeAsync()
    {
        _disposed = true;
        return ValueTask.CompletedTask;
    }

    private void CheckSize(Message message, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> notes)
    {
        if (log.Oversize(message, key, notes) is { } tooBig)
            throw tooBig;
    }

    private SqliteTopic Own(ILogTopic topic)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return topic is SqliteTopic own && own.Log == log
            ? own
            : throw new ArgumentException($"Topic '{topic.Name}' is of another log; open it from the log that began the transaction.", nameof(topic));
    }

    private SqliteSubscription Own(ILogSubscription subscription)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return subscription is SqliteSubscription own && own.Log == log
            ? own
            : throw new ArgumentException($"Subscription '{subscription.Name}' is of another log.", nameof(subscription));
    }
}
