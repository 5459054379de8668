using Weft.Flows;
using Weft.Options;

namespace Weft.Testing;

/// <summary>
/// The reference implementation of <see cref="IMessageLog"/>, in memory and for tests only. Each operation is done in full
/// under one lock before it returns, so the same calls give the same log. What it calls durable survives
/// <see cref="CrashAndReopen"/>, and nothing else does.
/// </summary>
public sealed class InMemoryMessageLog : IMessageLog
{
    private readonly InMemoryStore _store;
    private readonly Dictionary<string, InMemoryTopic> _topics = [];
    private bool _closed;

    /// <summary>Makes an empty log.</summary>
    /// <param name="clock">Stamps messages and cursors.</param>
    public InMemoryMessageLog(TimeProvider clock)
        : this(new InMemoryStore(), clock)
    {
    }

    private InMemoryMessageLog(InMemoryStore store, TimeProvider clock)
    {
        _store = store;
        Clock = clock;
    }

    /// <inheritdoc/>
    public LogCapabilities Capabilities { get; } = new(Durability.Sync, Replay: true, Transactions: true, Browse: true);

    /// <summary>
    /// Called before each commit of an append or a transaction, outside all locks. What it throws fails the commit, of which
    /// nothing is written then; until its task completes, the commit is pending and a crash drops it.
    /// </summary>
    public Func<CancellationToken, ValueTask>? BeforeCommit { get; set; }

    internal TimeProvider Clock { get; }

    internal InMemoryStore Store => _store;

    internal Lock Gate => _store.Gate;

    internal Dictionary<string, byte[]> Checkpoints => _store.Checkpoints;

    internal Dictionary<string, ScheduledMessage> Scheduled => _store.Scheduled;

    /// <summary>
    /// Ends this log as a crash would: transactions and appends that were not committed are gone, subscriptions are no longer
    /// open, waiters fail. Gives a log of the same content; this one and what came from it can no longer be used.
    /// </summary>
    /// <param name="powerFails">
    /// Whether the power fails as well: then <see cref="LogTransaction.Relaxed"/> commits are gone that no other commit has followed, as far as
    /// they would be on a disk.
    /// </param>
    public InMemoryMessageLog CrashAndReopen(bool powerFails = false)
    {
        Close();
        lock (Gate)
        {
            if (powerFails)
                _store.LosePower();
        }
        return new(_store, Clock) { BeforeCommit = BeforeCommit };
    }

    /// <inheritdoc/>
    public ValueTask<ILogTopic> OpenTopicAsync(string name, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (Gate)
        {
            CheckOpen();
            if (!_topics.TryGetValue(name, out var topic))
                _topics.Add(name, topic = new(this, _store.GetTopic(name)));
            return ValueTask.FromResult<ILogTopic>(topic);
        }
    }

    /// <inheritdoc/>
    public LogTransaction Begin()
    {
        lock (Gate)
        {
            CheckOpen();
        }
        return new InMemoryTransaction(this);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SubscriptionInfo>> ListSubscriptionsAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (Gate)
        {
            CheckOpen();
            return ValueTask.FromResult<IReadOnlyList<SubscriptionInfo>>([.. _store.Subscriptions.Values.Select(s => s.ToInfo())]);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveSubscriptionAsync(string name, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (Gate)
        {
            _store.Sync();
            return ValueTask.FromResult(FindClosed(name) is not null && _store.Subscriptions.Remove(name));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> SeekAsync(string name, SubscriptionStart start, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (Gate)
        {
            if (FindClosed(name) is not { } subscription)
                return ValueTask.FromResult(false);
            _store.Sync();
            subscription.Progress = new(new Cursor(subscription.Topic.FindStart(start), default));
            subscription.Mark = 0;
            subscription.UpdatedAt = Clock.GetUtcNow();
            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ParkedMessage>> ReadParkedAsync(string subscription, ParkedQuery query, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (Gate)
        {
            CheckOpen();
            return ValueTask.FromResult(_store.Subscriptions.TryGetValue(subscription, out var found) ? found.Query(query) : []);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ScheduledMessage>> ReadScheduledAsync(ScheduledQuery query, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (Gate)
        {
            CheckOpen();
            return ValueTask.FromResult(_store.Query(query));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> UnscheduleAsync(string token, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (Gate)
        {
            CheckOpen();
            _store.Sync();
            return ValueTask.FromResult(_store.Scheduled.Remove(token));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> HasPassedAsync(string subscription, long position, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (Gate)
        {
            CheckOpen();
            return ValueTask.FromResult(_store.Subscriptions.TryGetValue(subscription, out var found) && found.Progress.ToCursor().Contains(position));
        }
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> ReadCheckpointAsync(string name, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (Gate)
        {
            CheckOpen();
            return ValueTask.FromResult<ReadOnlyMemory<byte>>(Checkpoints.GetValueOrDefault(name, []));
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> PurgeDeadAsync(string subscription, DateTimeOffset before, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (Gate)
        {
            CheckOpen();
            _store.Sync();
            return ValueTask.FromResult(_store.Subscriptions.TryGetValue(subscription, out var found) ? found.PurgeDead(before) : 0L);
        }
    }

    /// <summary>Closes the log. Its content stays for <see cref="CrashAndReopen"/>; waiters fail.</summary>
    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    internal ILogSubscription Open(InMemoryTopic topic, string name, SubscriptionStart start)
    {
        lock (Gate)
        {
            CheckOpen();
            if (!_store.Subscriptions.TryGetValue(name, out var stored))
                _store.Subscriptions.Add(name, stored = new(name, topic.Stored, topic.Stored.FindStart(start), Clock.GetUtcNow()));
            if (stored.Topic != topic.Stored)
                throw InMemoryErrors.OfAnotherTopic(name, stored.Topic.Name, topic.Name);
            if (stored.Reader is not null)
                throw InMemoryErrors.IsOpen(name);
            return stored.Reader = new InMemorySubscription(this, topic, stored);
        }
    }

    internal ValueTask CommitPendingAsync(CancellationToken cancellation) => BeforeCommit?.Invoke(cancellation) ?? ValueTask.CompletedTask;

    internal void CheckOpen() => ObjectDisposedException.ThrowIf(_closed, this);

    internal long MinLow(StoredTopic topic, IReadOnlySet<string> orphans) =>
        _store.Subscriptions.Values.Where(s => s.Topic == topic && !orphans.Contains(s.Name)).Select(s => s.Progress.Low).DefaultIfEmpty(long.MaxValue).Min();

    private StoredSubscription? FindClosed(string name)
    {
        CheckOpen();
        var found = _store.Subscriptions.GetValueOrDefault(name);
        return found?.Reader is null ? found : throw InMemoryErrors.IsOpen(name);
    }

    private void Close()
    {
        lock (Gate)
        {
            if (_closed)
                return;
            _closed = true;
            foreach (var subscription in _store.Subscriptions.Values)
                subscription.Reader = null;
            foreach (var topic in _topics.Values)
                topic.FailWaiters(new ObjectDisposedException(nameof(InMemoryMessageLog)));
        }
    }
}
