using Weft.Flows;
using Weft.Messages;
using Weft.Postgres.Reading;
using Weft.Postgres.Writing;

namespace Weft.Postgres;

/// <summary>A shard of a topic; of a topic with one shard, the topic itself.</summary>
internal sealed class PostgresShard(PostgresMessageLog log, PostgresTopic topic, int shard) : ILogTopic
{
    private long _head = ShardPosition.Base(shard);
    private TaskCompletionSource? _grown;

    /// <summary>What was appended here last.</summary>
    public Tail Tail { get; } = new();

    public string Name => topic.Name;

    public IReadOnlyList<ILogTopic> Shards => topic.Shards;

    public int Shard => shard;

    public int TopicId => topic.Id;

    public PostgresTopic Topic => topic;

    public PostgresMessageLog Log => log;

    /// <summary>The position before its first.</summary>
    public long Base { get; } = ShardPosition.Base(shard);

    /// <summary>An empty shard has no message, and says so as a topic does.</summary>
    public long Head => Volatile.Read(ref _head);

    public int ShardOf(long position) => topic.ShardOf(position);

    public async ValueTask<long> AppendAsync(Message message, ReadOnlyMemory<byte> key, CancellationToken cancellation, Once once = default)
    {
        log.CheckSize(message, key);
        var operation = new WriteOperation([new Change { Shard = this, Message = message, Key = key, Once = once }], relaxed: false, cancellation);
        return await log.WriterOf(this).RunAsync(operation).ConfigureAwait(false);
    }

    public ValueTask<int> ReadAsync(long after, Memory<LogEntry> into, CancellationToken cancellation)
    {
        log.Database.CheckOpen();
        long head = Head;
        if (after >= head || into.IsEmpty)
            return ValueTask.FromResult(0);
        int known = Tail.Read(after, head, into.Span);
        return known > 0 ? ValueTask.FromResult(known) : PageReading.ReadAsync(this, after, head, into, cancellation);
    }

    public async ValueTask WaitAsync(long after, CancellationToken cancellation)
    {
        while (Head <= after)
        {
            cancellation.ThrowIfCancellationRequested();
            log.Database.CheckOpen();
            var grown = Volatile.Read(ref _grown);
            if (grown is null)
            {
                var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                grown = Interlocked.CompareExchange(ref _grown, made, null) ?? made;
            }
            // Publishing and closing come before taking the signal, so one of the two sides sees the other.
            Interlocked.MemoryBarrier();
            if (Head <= after && !log.Database.IsClosed)
                await grown.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    public ValueTask CreateSubscriptionAsync(string name, SubscriptionStart start, CancellationToken cancellation) => topic.CreateSubscriptionAsync(name, start, cancellation);

    public ValueTask WaitForTurnAsync(string subscription, CancellationToken cancellation) => log.Leases.WaitForTurnAsync(this, subscription, cancellation);

    public ValueTask<ILogSubscription> OpenSubscriptionAsync(string name, SubscriptionStart start, CancellationToken cancellation) =>
        log.Subscriptions.OpenAsync(this, name, start, cancellation);

    public ValueTask<long> TrimAsync(DateTimeOffset before, IReadOnlySet<string> orphans, CancellationToken cancellation) =>
        topic.TrimAsync(before, orphans, cancellation);

    /// <summary>Lets readers see what was committed, here or elsewhere; news may come in any order.</summary>
    public void Publish(long head)
    {
        long known;
        while ((known = Volatile.Read(ref _head)) < head)
        {
            if (Interlocked.CompareExchange(ref _head, head, known) == known)
            {
                Wake();
                return;
            }
        }
    }

    /// <summary>Has those who wait look again.</summary>
    public void Wake() => Interlocked.Exchange(ref _grown, null)?.TrySetResult();
}
