using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;
using Weft.Postgres.Reading;
using Weft.Postgres.Sharing;
using Weft.Postgres.Storage;
using Weft.Postgres.Writing;

namespace Weft.Postgres;

/// <summary>
/// A message log on PostgreSQL that several processes share. A topic has shards, and the shard of a message follows from its key. Positions
/// within a shard follow the order of commits and have no gaps. A subscription is read shard by shard, each by one process at a time.
/// Safe for use from many threads.
/// </summary>
public sealed class PostgresMessageLog : IMessageLog
{
    private const int MaxMessage = 64 << 20, Appenders = 4;

    private readonly PostgresLogOptions _options;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<int, PostgresTopic> _topics = new();
    private readonly LogWriter _verdicts;
    private readonly LogWriter[] _appenders;
    private readonly Listener _listener;
    private readonly Teller _teller;
    private int _closing;

    private PostgresMessageLog(PostgresLogOptions options, Database database, TimeProvider clock, ILogger logger)
    {
        (_options, Database, _clock) = (options, database, clock);
        Capabilities = new LogCapabilities(options.Durability, Replay: true, Transactions: true, Browse: true);
        Subscriptions = new PostgresSubscriptions(this);
        // One for all that moves cursors, since what is settled is kept in memory beside; the others share the shards.
        _verdicts = new LogWriter("verdicts", database, options, clock, logger);
        _appenders = [.. Enumerable.Range(0, Math.Min(Appenders, options.Shards)).Select(i => new LogWriter($"append {i}", database, options, clock, logger))];
        _teller = new Teller(database, options, clock);
        Leases = new Leases(this, options, options.LeaseClock ?? clock, logger);
        Asking = new Asking(this, clock);
        _listener = new Listener(this, options, clock);
    }

    /// <inheritdoc/>
    public LogCapabilities Capabilities { get; }

    internal Database Database { get; }

    internal PostgresSubscriptions Subscriptions { get; }

    internal Leases Leases { get; }

    internal Asking Asking { get; }

    /// <summary>A shard has grown here: readers of this process see it at once, and others are told.</summary>
    internal void Grown(PostgresShard shard, long head)
    {
        shard.Publish(head);
        _teller.Tell(shard, head);
    }

    /// <summary>Whether what other processes append is heard at once.</summary>
    internal bool Hears => _listener.Hears;

    /// <summary>The time of what is written now, in ticks of UTC.</summary>
    internal long Now => _clock.GetUtcNow().UtcTicks;

    /// <summary>Opens a store, and creates it when the schema has none.</summary>
    /// <param name="url">As <c>postgres://user:password@host:5432/database?schema=weft</c>.</param>
    /// <param name="shards">How many shards a new topic has, 1 to 256.</param>
    /// <param name="durability">What an append that returned survives.</param>
    /// <param name="clock">Stamps messages and cursors.</param>
    /// <param name="logger">Told when the store begins to fail and when it works again.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="LogException">
    /// The URL cannot be used (WEFT3101), a newer Weft has written the store (3003), or the server cannot be reached or refuses (3103 to 3106).
    /// </exception>
    public static ValueTask<PostgresMessageLog> OpenAsync(
        string url, int shards, Durability durability, TimeProvider clock, ILogger? logger = null, CancellationToken cancellation = default) =>
        PostgresUrl.TryRead(url, out var options, out var problem)
            ? OpenAsync(options with { Shards = shards, Durability = durability }, clock, logger, cancellation)
            : throw PostgresErrors.BadUrl("NAME", problem);

    internal static async ValueTask<PostgresMessageLog> OpenAsync(PostgresLogOptions options, TimeProvider clock, ILogger? logger = null, CancellationToken cancellation = default)
    {
        var database = new Database(options);
        try
        {
            await Schema.PrepareAsync(database, cancellation).ConfigureAwait(false);
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        return new PostgresMessageLog(options, database, clock, logger ?? NullLogger.Instance);
    }

    /// <inheritdoc/>
    public async ValueTask<ILogTopic> OpenTopicAsync(string name, CancellationToken cancellation)
    {
        var topic = await OpenAsync(name, cancellation).ConfigureAwait(false);
        return topic.AllShards.Count == 1 ? topic.AllShards[0] : topic;
    }

    /// <inheritdoc/>
    public LogTransaction Begin()
    {
        Database.CheckOpen();
        return new PostgresTransaction(this);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SubscriptionInfo>> ListSubscriptionsAsync(CancellationToken cancellation) => Subscriptions.ListAsync(cancellation);

    /// <inheritdoc/>
    public ValueTask<bool> RemoveSubscriptionAsync(string name, CancellationToken cancellation) => Subscriptions.RemoveAsync(name, cancellation);

    /// <inheritdoc/>
    public ValueTask<bool> SeekAsync(string name, SubscriptionStart start, CancellationToken cancellation) => Subscriptions.SeekAsync(name, start, cancellation);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ParkedMessage>> ReadParkedAsync(string subscription, ParkedQuery query, CancellationToken cancellation) =>
        ParkedReading.ReadAsync(Database, subscription, query, cancellation);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ScheduledMessage>> ReadScheduledAsync(ScheduledQuery query, CancellationToken cancellation) =>
        ParkedReading.ReadScheduledAsync(Database, query, cancellation);

    /// <inheritdoc/>
    public async ValueTask<bool> UnscheduleAsync(string token, CancellationToken cancellation) =>
        await Database.ExecuteAsync($"delete from {Database.Schema}.timer where token = $1", cancellation, Arg.Of(token)).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public ValueTask<bool> HasPassedAsync(string subscription, long position, CancellationToken cancellation) =>
        Subscriptions.HasPassedAsync(subscription, position, cancellation);

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> ReadCheckpointAsync(string name, CancellationToken cancellation) => (await Database.QueryAsync(
        $"select value from {Database.Schema}.checkpoint where name = $1", row => row.GetFieldValue<byte[]>(0), cancellation, Arg.Of(name)).ConfigureAwait(false)).SingleOrDefault() ?? [];

    /// <inheritdoc/>
    public ValueTask<long> PurgeDeadAsync(string subscription, DateTimeOffset before, CancellationToken cancellation) =>
        Subscriptions.PurgeDeadAsync(subscription, before, cancellation);

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> AskAsync(string subscription, int shard, ReadOnlyMemory<byte> request, CancellationToken cancellation) =>
        Asking.AskAsync(subscription, shard, request, cancellation);

    /// <inheritdoc/>
    public void Answer(Func<string, ReadOnlyMemory<byte>, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> answer) => Asking.Begin(answer);

    /// <summary>Refuses what comes from now on, writes what was accepted, gives leases back and closes. Everybody who waits gets a result or an error.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closing, 1) != 0)
            return;
        await Asking.DisposeAsync().ConfigureAwait(false);
        foreach (var writer in _appenders.Append(_verdicts))
            await writer.DisposeAsync().ConfigureAwait(false);
        await Leases.DisposeAsync().ConfigureAwait(false);
        await CloseAsync().ConfigureAwait(false);
    }

    /// <summary>Ends as a process does that is killed: what was not committed is gone, and nobody is told.</summary>
    internal async ValueTask AbandonAsync()
    {
        Interlocked.Exchange(ref _closing, 1);
        await Asking.DisposeAsync().ConfigureAwait(false);
        await Leases.AbandonAsync().ConfigureAwait(false);
        await CloseAsync().ConfigureAwait(false);
        foreach (var writer in _appenders.Append(_verdicts))
            await writer.DisposeAsync().ConfigureAwait(false);
    }

    internal async ValueTask<PostgresTopic> OpenAsync(string name, CancellationToken cancellation)
    {
        var topic = await TopicStorage.OpenAsync(this, name, _options.Shards, cancellation).ConfigureAwait(false);
        topic = _topics.GetOrAdd(topic.Id, topic);
        foreach (var (shard, head) in await TopicStorage.HeadsAsync(Database, [topic.Id], cancellation).ConfigureAwait(false))
            Publish(topic.Id, shard.Number, head);
        return topic;
    }

    internal LogWriter WriterOf(PostgresShard shard) => _appenders[(uint)(shard.TopicId + shard.Shard) % (uint)_appenders.Length];

    internal LogWriter WriterOf(IReadOnlyList<Change> changes) =>
        changes.Any(c => c.Subscription is not null) || changes[0].Shard is not { } first ? _verdicts : WriterOf(first);

    internal void CheckSize(Message message, ReadOnlyMemory<byte> key, int notes = 0)
    {
        long size = (long)message.Bytes.Length + key.Length + notes;
        if (size > MaxMessage)
            throw PostgresErrors.TooBig(Database.Name, size, MaxMessage);
    }

    /// <summary>A shard has grown, here or elsewhere.</summary>
    internal void Publish(int topic, int shard, long head)
    {
        if (_topics.TryGetValue(topic, out var known) && shard < known.AllShards.Count)
            known.AllShards[shard].Publish(ShardPosition.Base(shard) + head);
    }

    /// <summary>Asks for the heads of all open topics. True when one has grown.</summary>
    internal async ValueTask<bool> LookAsync(CancellationToken cancellation)
    {
        int[] topics = [.. _topics.Keys];
        if (topics.Length == 0)
            return false;
        bool grown = false;
        foreach (var (shard, head) in await TopicStorage.HeadsAsync(Database, topics, cancellation).ConfigureAwait(false))
        {
            grown |= _topics[shard.Topic].AllShards[shard.Number] is var known && known.Head < known.Base + head;
            Publish(shard.Topic, shard.Number, head);
        }
        return grown;
    }

    private async ValueTask CloseAsync()
    {
        await Database.DisposeAsync().ConfigureAwait(false);
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _teller.DisposeAsync().ConfigureAwait(false);
        foreach (var shard in _topics.Values.SelectMany(t => t.AllShards))
            shard.Wake();
    }
}
