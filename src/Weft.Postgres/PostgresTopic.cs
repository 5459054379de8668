using Weft.Flows;
using Weft.Messages;

namespace Weft.Postgres;

/// <summary>A topic of an open log: it takes messages, which go into the shard of their key. What reads goes to a shard.</summary>
internal sealed class PostgresTopic : ILogTopic
{
    private const int Run = 64;

    private readonly PostgresMessageLog _log;
    private readonly PostgresShard[] _shards;
    private int _next;

    public PostgresTopic(PostgresMessageLog log, int id, string name, int shards)
    {
        (_log, Id, Name) = (log, id, name);
        _shards = [.. Enumerable.Range(0, shards).Select(shard => new PostgresShard(log, this, shard))];
    }

    public string Name { get; }

    public int Id { get; }

    public PostgresMessageLog Log => _log;

    public IReadOnlyList<ILogTopic> Shards => _shards;

    public IReadOnlyList<PostgresShard> AllShards => _shards;

    public long Head => _shards.Sum(s => s.Head - s.Base);

    public int ShardOf(long position) => Math.Min(ShardPosition.Shard(position), _shards.Length - 1);

    /// <summary>Where a message goes. Those without a key go around in runs, so that a batch has few shards.</summary>
    public PostgresShard ShardFor(ReadOnlyMemory<byte> key, Once once)
    {
        if (_shards.Length == 1)
            return _shards[0];
        var hashed = key.IsEmpty ? once.Identity : key;
        return hashed.IsEmpty
            ? _shards[(uint)Interlocked.Increment(ref _next) / Run % (uint)_shards.Length]
            : _shards[ShardPosition.Of(hashed.Span, _shards.Length)];
    }

    public ValueTask<long> AppendAsync(Message message, ReadOnlyMemory<byte> key, CancellationToken cancellation, Once once = default) =>
        ShardFor(key, once).AppendAsync(message, key, cancellation, once);

    /// <summary>Shard by shard, for people who look: the order says nothing of what came first.</summary>
    public async ValueTask<int> ReadAsync(long after, Memory<LogEntry> into, CancellationToken cancellation)
    {
        int count = 0;
        for (int i = Math.Max(0, ShardOf(after)); i < _shards.Length && count == 0; i++)
            count = await _shards[i].ReadAsync(Math.Max(after, _shards[i].Base), into, cancellation).ConfigureAwait(false);
        return count;
    }

    public ValueTask WaitAsync(long after, CancellationToken cancellation) => throw ReadShards();

    public ValueTask<ILogSubscription> OpenSubscriptionAsync(string name, SubscriptionStart start, CancellationToken cancellation) => throw ReadShards();

    public async ValueTask CreateSubscriptionAsync(string name, SubscriptionStart start, CancellationToken cancellation) =>
        await _log.Subscriptions.CreateAsync(this, name, start, cancellation).ConfigureAwait(false);

    public ValueTask<long> TrimAsync(DateTimeOffset before, IReadOnlySet<string> orphans, CancellationToken cancellation) =>
        Trimming.RunAsync(this, before, orphans, cancellation);

    private InvalidOperationException ReadShards() => new($"Topic '{Name}' has {_shards.Length} shards, each in an order of its own. Read its {nameof(Shards)}.");
}
