using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;
using Weft.Sqlite.Native;
using Weft.Sqlite.Reading;
using Weft.Sqlite.Storage;
using Weft.Sqlite.Writing;

namespace Weft.Sqlite;

/// <summary>
/// A message log in one SQLite file, for one process. Publishers share commits: an append returns once the commit that holds
/// it is durable. Positions of a topic follow the order of commits and have no gaps. Safe for use from many threads.
/// </summary>
public sealed class SqliteMessageLog : IMessageLog
{
    private readonly StoreLock? _claim;
    private readonly WriteSession _session;
    private readonly ConcurrentDictionary<long, SqliteTopic> _topics = new();
    private readonly int _maxBytes;
    private int _closed;

    private SqliteMessageLog(SqliteLogOptions options, string path, StoreLock? claim, Connection connection, TimeProvider clock, ILogger? logger)
    {
        _claim = claim;
        _maxBytes = connection.MaxRowBytes - 64; // What a row has besides key and message.
        _session = new WriteSession(connection, path, clock, options.Durability);
        Capabilities = new LogCapabilities(options.Durability, Replay: true, Transactions: true, Browse: true);
        Readers = new ReaderPool(() => Connection.Open(path, options.Vfs, options.BusyTimeout));
        Subscriptions = new SqliteSubscriptions(this);
        LoadTopics(connection);
        Writer = LogWriter.Start(_session, logger ?? NullLogger.Instance, options.Steps);
    }

    /// <summary>Opens a store, and creates it when the file is not there. Blocks while it reads and recovers the file.</summary>
    /// <param name="path">The database file; directories on the way are created. Everything in it is taken literally.</param>
    /// <param name="durability">What an append that returned survives.</param>
    /// <param name="clock">Stamps messages and cursors.</param>
    /// <param name="logger">Told when writing begins to fail and when it works again.</param>
    /// <exception cref="LogException">
    /// Another process has it (WEFT3001), it is no Weft store (3002) or a newer one (3003), it is on a network file system
    /// (3004), or it cannot be opened, read or written (3005 to 3010).
    /// </exception>
    public static SqliteMessageLog Open(string path, Durability durability, TimeProvider clock, ILogger? logger = null) =>
        Open(new SqliteLogOptions { Path = path, Durability = durability }, clock, logger);

    internal static SqliteMessageLog Open(SqliteLogOptions options, TimeProvider clock, ILogger? logger = null)
    {
        // Another file system of SQLite has paths of its own, which mean nothing to this operating system.
        string path = options.Vfs is null ? StorePath.Prepare(options.Path, StorePath.NetworkKindOf) : options.Path;
        var claim = options.Vfs is null ? StoreLock.Take(path) : null;
        Connection? connection = null;
        try
        {
            connection = Connection.Open(path, options.Vfs, options.BusyTimeout);
            Schema.Prepare(connection, path);
            Schema.Tune(connection, options.Durability);
            return new SqliteMessageLog(options, path, claim, connection, clock, logger);
        }
        catch
        {
            connection?.Dispose();
            claim?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public LogCapabilities Capabilities { get; }

    internal LogWriter Writer { get; }

    internal ReaderPool Readers { get; }

    internal SqliteSubscriptions Subscriptions { get; }

    internal OpenNames OpenNames { get; } = new();

    internal bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <inheritdoc/>
    public async ValueTask<ILogTopic> OpenTopicAsync(string name, CancellationToken cancellation)
    {
        long id = await Writer.RunAsync(session =>
        {
            using var insert = session.Connection.Prepare("insert or ignore into topic(name) values(?1)");
            insert.Bind(1, name).Run();
            using var find = session.Connection.Prepare("select id from topic where name = ?1");
            find.Bind(1, name).Step();
            long found = find.Int64(0);
            session.Connection.Execute(Schema.CreateLog(found));
            return found;
        }, cancellation).ConfigureAwait(false);
        return _topics.GetOrAdd(id, static (id, made) => new SqliteTopic(made.Log, id, made.Name, head: 0), (Log: this, Name: name));
    }

    /// <inheritdoc/>
    public LogTransaction Begin()
    {
        CheckOpen();
        return new SqliteTransaction(this);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SubscriptionInfo>> ListSubscriptionsAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Subscriptions.List());
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveSubscriptionAsync(string name, CancellationToken cancellation) => Subscriptions.RemoveAsync(name, cancellation);

    /// <inheritdoc/>
    public ValueTask<bool> SeekAsync(string name, SubscriptionStart start, CancellationToken cancellation) =>
        Subscriptions.SeekAsync(name, start, cancellation);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ParkedMessage>> ReadParkedAsync(string subscription, ParkedQuery query, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var reader = Readers.Rent();
        return ValueTask.FromResult(ParkedReading.Read(reader.Value.Connection, subscription, query));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ScheduledMessage>> ReadScheduledAsync(ScheduledQuery query, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var reader = Readers.Rent();
        return ValueTask.FromResult(ScheduledReading.Read(reader.Value.Connection, query, id => TopicOf(id).Name));
    }

    /// <inheritdoc/>
    public async ValueTask<bool> UnscheduleAsync(string token, CancellationToken cancellation) => await Writer.RunAsync(session =>
    {
        using var drop = session.Connection.Prepare("delete from timer where token = ?1");
        drop.Bind(1, token).Run();
        return session.Connection.Changes;
    }, cancellation).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public ValueTask<bool> HasPassedAsync(string subscription, long position, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Subscriptions.HasPassed(subscription, position));
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> ReadCheckpointAsync(string name, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var reader = Readers.Rent();
        using var find = reader.Value.Connection.Prepare("select value from checkpoint where name = ?1");
        return ValueTask.FromResult<ReadOnlyMemory<byte>>(find.Bind(1, name).Step() ? find.Bytes(0).ToArray() : []);
    }

    /// <inheritdoc/>
    public ValueTask<long> PurgeDeadAsync(string subscription, DateTimeOffset before, CancellationToken cancellation) =>
        Subscriptions.PurgeDeadAsync(subscription, before, cancellation);

    /// <summary>
    /// Refuses what comes from now on, writes what was accepted, moves it into the database file and lets the store go.
    /// Everybody who waits gets a result or an error.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        bool first = Interlocked.Exchange(ref _closed, 1) == 0;
        await Writer.CloseAsync().ConfigureAwait(false);
        if (!first)
            return;
        foreach (var topic in _topics.Values)
            topic.Wake();
        Readers.Dispose();
        _session.Dispose();
        _claim?.Dispose();
    }

    internal void CheckOpen() => ObjectDisposedException.ThrowIf(IsClosed, this);

    /// <summary>The error for a message that no row can hold; null for one that fits.</summary>
    internal LogException? Oversize(Message message, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> notes = default)
    {
        long size = (long)message.Bytes.Length + key.Length + notes.Length;
        return size > _maxBytes ? SqliteErrors.TooBig(_session.Path, size, _maxBytes) : null;
    }

    internal SqliteTopic TopicOf(long id) => _topics[id];

    private void LoadTopics(Connection connection)
    {
        using var topics = connection.Prepare("select id, name, trimmed from topic");
        while (topics.Step())
        {
            long id = topics.Int64(0);
            long last = connection.QueryInt64($"select max(pos) from {Schema.LogTable(id)}");
            _topics[id] = new SqliteTopic(this, id, topics.Text(1), Math.Max(last, topics.Int64(2)));
        }
    }
}
