using Weft.Flows;
using Weft.Messages;

namespace Weft.Testing;

/// <summary>A topic of an open <see cref="InMemoryMessageLog"/>.</summary>
internal sealed class InMemoryTopic(InMemoryMessageLog log, StoredTopic stored) : ILogTopic
{
    private TaskCompletionSource _grown = NewSignal();

    public StoredTopic Stored { get; } = stored;

    public InMemoryMessageLog Log => log;

    public string Name => Stored.Name;

    public long Head
    {
        get
        {
            lock (log.Gate)
                return Stored.Head;
        }
    }

    public async ValueTask<long> AppendAsync(Message message, ReadOnlyMemory<byte> key, CancellationToken cancellation, Once once = default)
    {
        cancellation.ThrowIfCancellationRequested();
        await log.CommitPendingAsync(cancellation).ConfigureAwait(false);
        long position;
        lock (log.Gate)
        {
            log.CheckOpen();
            log.Store.Sync();
            position = Append(message, key, once);
        }
        log.Store.SayChanged();
        return position;
    }

    public ValueTask<int> ReadAsync(long after, Memory<LogEntry> into, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (log.Gate)
        {
            log.CheckOpen();
            return ValueTask.FromResult(Stored.Read(after, into.Span));
        }
    }

    public async ValueTask WaitAsync(long after, CancellationToken cancellation)
    {
        while (true)
        {
            Task grown;
            lock (log.Gate)
            {
                log.CheckOpen();
                if (Stored.Head > after)
                    return;
                grown = _grown.Task;
            }
            await grown.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    public ValueTask<ILogSubscription> OpenSubscriptionAsync(string name, SubscriptionStart start, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult(log.Open(this, name, start));
    }

    public ValueTask<long> TrimAsync(DateTimeOffset before, IReadOnlySet<string> orphans, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (log.Gate)
        {
            log.CheckOpen();
            return ValueTask.FromResult(Stored.Trim(before, log.MinLow(Stored, orphans), log.Clock.GetUtcNow()));
        }
    }

    /// <summary>Appends a copy and wakes who waits. Call it under the lock.</summary>
    public long Append(Message message, ReadOnlyMemory<byte> key, Once once = default)
    {
        var now = log.Clock.GetUtcNow();
        if (!once.Identity.IsEmpty && Stored.FindSeen(once, now) is > 0 and var seen)
            return seen;
        long position = Stored.Head + 1;
        if (!once.Identity.IsEmpty)
            Stored.Remember(once, position, now);
        Stored.Append(new(position, now, new(message.Bytes.ToArray()), key.ToArray()));
        _grown.SetResult();
        _grown = NewSignal();
        return position;
    }

    /// <summary>Ends all waits. Call it under the lock.</summary>
    public void FailWaiters(Exception reason)
    {
        _grown.SetException(reason);
        _ = _grown.Task.Exception; // Nobody may be waiting, and that is no unobserved failure.
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A subscription that somebody has open.</summary>
internal sealed class InMemorySubscription(InMemoryMessageLog log, InMemoryTopic topic, StoredSubscription stored) : ILogSubscription
{
    public string Name { get; } = stored.Name;

    public ILogTopic Topic => topic;

    public Cursor Opened { get; } = stored.Progress.ToCursor();

    public IReadOnlyList<ParkedKey> ParkedKeys { get; } = stored.ParkedKeys();

    public long UnderWay { get; } = stored.Mark;

    /// <summary>Its stored part, as long as this is what has it open. Call it under the lock.</summary>
    public StoredSubscription Stored => stored.Reader == this ? stored : throw InMemoryErrors.IsClosed(Name);

    public InMemoryMessageLog Log => log;

    public ValueTask DisposeAsync()
    {
        lock (log.Gate)
        {
            if (stored.Reader == this)
                stored.Reader = null;
        }
        return ValueTask.CompletedTask;
    }
}
