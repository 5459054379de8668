using Weft.Flows;
using Weft.Messages;

namespace Weft.Testing;

/// <summary>A transaction: a list of what to do, done under the lock at commit.</summary>
internal sealed class InMemoryTransaction(InMemoryMessageLog log) : LogTransaction
{
    private readonly List<Action> _checks = [];
    private readonly List<Action> _changes = [];
    private readonly List<Action> _undos = [];
    private bool _appends;
    private bool _disposed;

    public override object Store => log;

    public override void Append(ILogTopic topic, Message message, ReadOnlyMemory<byte> key, Once once = default)
    {
        var own = Own(topic);
        _appends = true;
        _changes.Add(() => own.Append(message, key, once));
    }

    public override void Schedule(ILogTopic topic, ScheduledMessage message)
    {
        _ = Own(topic);
        _appends = true;
        _changes.Add(() => log.Scheduled[message.Token] = message with { Topic = topic.Name, Key = message.Key.ToArray(), Message = new(message.Message.Bytes.ToArray()) });
    }

    public override void Release(ILogTopic topic, string token)
    {
        var own = Own(topic);
        _appends = true;
        _changes.Add(() =>
        {
            if (log.Scheduled.Remove(token, out var message))
                own.Append(message.Message, message.Key);
        });
    }

    public override void Checkpoint(string name, ReadOnlyMemory<byte> value, ReadOnlyMemory<byte> expected)
    {
        _checks.Add(() =>
        {
            if (!log.Checkpoints.GetValueOrDefault(name, []).AsSpan().SequenceEqual(expected.Span))
                throw InMemoryErrors.CheckpointMoved(name);
        });
        _changes.Add(() => log.Checkpoints[name] = value.ToArray());
    }

    public override void Settle(ILogSubscription subscription, long position) => Change(subscription, position, stored =>
    {
        stored.Progress.Settle(position);
        stored.UpdatedAt = log.Clock.GetUtcNow();
    });

    public override void Park(ILogSubscription subscription, ParkedMessage message) =>
        Change(subscription, message.Position, stored => stored.Park(message with { Key = message.Key.ToArray(), Notes = message.Notes.ToArray(), Message = new(message.Message.Bytes.ToArray()) }));

    public override void Unpark(ILogSubscription subscription, long position) =>
        Change(subscription, position, stored => stored.Unpark(position));

    public override void Mark(ILogSubscription subscription, long upTo) =>
        Change(subscription, 0, stored => stored.Mark = upTo);

    protected override async ValueTask CommitCoreAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            cancellation.ThrowIfCancellationRequested();
            await log.CommitPendingAsync(cancellation).ConfigureAwait(false);
            lock (log.Gate)
            {
                log.CheckOpen();
                // All that can fail comes first: a change that failed half way could not be taken back.
                _checks.ForEach(check => check());
                if (!Relaxed || _appends)
                    log.Store.Sync();
                for (int i = 0; i < _changes.Count; i++)
                {
                    if (Relaxed && !_appends)
                        _undos[i]();
                    _changes[i]();
                }
            }
            log.Store.SayChanged();
        }
        finally
        {
            _checks.Clear();
            _changes.Clear();
            _undos.Clear();
            _appends = false;
        }
    }

    public override ValueTask DisposeAsync()
    {
        _disposed = true;
        return ValueTask.CompletedTask;
    }

    private InMemoryTopic Own(ILogTopic topic)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return topic is InMemoryTopic own && own.Log == log
            ? own
            : throw new ArgumentException($"Topic '{topic.Name}' is of another log; open it from the log that began the transaction.", nameof(topic));
    }

    private void Change(ILogSubscription subscription, long position, Action<StoredSubscription> change)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (subscription is not InMemorySubscription own || own.Log != log)
            throw new ArgumentException($"Subscription '{subscription.Name}' is of another log.", nameof(subscription));
        _checks.Add(() => _ = own.Stored);
        _undos.Add(() => log.Store.KeepUndo(own.Stored.UndoAt(position)));
        _changes.Add(() => change(own.Stored));
    }
}
