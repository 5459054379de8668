using Weft.Flows;
using Weft.Messages;
using Weft.Sqlite.Native;
using Weft.Sqlite.Writing;

namespace Weft.Sqlite;

/// <summary>A topic of an open log.</summary>
internal sealed class SqliteTopic(SqliteMessageLog log, long id, string name, long head) : ILogTopic
{
    private long _head = head;
    private TaskCompletionSource? _grown;

    public string Name => name;

    public long Head => Volatile.Read(ref _head);

    internal long Id => id;

    internal SqliteMessageLog Log => log;

    /// <summary>The last position given, in the transaction that is being written; the writer's own.</summary>
    internal long Last { get; set; } = head;

    /// <summary>The writer's statement that appends, made at the first use.</summary>
    internal Statement? Insert { get; set; }

    public ValueTask<long> AppendAsync(Message message, ReadOnlyMemory<byte> key, CancellationToken cancellation, Once once = default)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<long>(cancellation);
        if (log.Oversize(message, key) is { } tooBig)
            return ValueTask.FromException<long>(tooBig);
        return log.Writer.RunAsync(AppendOperation.Rent(this, message, key, once), cancellation);
    }

    public ValueTask<int> ReadAsync(long after, Memory<LogEntry> into, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<int>(cancellation);
        long head = Head;
        if (after >= head || into.IsEmpty)
        {
            log.CheckOpen();
            return ValueTask.FromResult(0);
        }
        using var reader = log.Readers.Rent();
        return ValueTask.FromResult(reader.Value.ReadPage(id, after, head, into.Span));
    }

    public async ValueTask WaitAsync(long after, CancellationToken cancellation)
    {
        while (Head <= after)
        {
            cancellation.ThrowIfCancellationRequested();
            log.CheckOpen();
            var grown = Volatile.Read(ref _grown);
            if (grown is null)
            {
                var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                grown = Interlocked.CompareExchange(ref _grown, made, null) ?? made;
            }
            // Publishing and closing come before taking the signal, so one of the two sides sees the other.
            Interlocked.MemoryBarrier();
            if (Head <= after && !log.IsClosed)
                await grown.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    public ValueTask<ILogSubscription> OpenSubscriptionAsync(string name, SubscriptionStart start, CancellationToken cancellation) =>
        log.Subscriptions.OpenAsync(this, name, start, cancellation);

    public ValueTask<long> TrimAsync(DateTimeOffset before, IReadOnlySet<string> orphans, CancellationToken cancellation) =>
        Trimming.RunAsync(this, before, orphans, cancellation);

    /// <summary>Lets readers see what was committed. Called by the writer.</summary>
    internal void Publish()
    {
        Volatile.Write(ref _head, Last);
        Wake();
    }

    /// <summary>Has those who wait look again.</summary>
    internal void Wake() => Interlocked.Exchange(ref _grown, null)?.TrySetResult();
}
