using Weft.Flows;
using Weft.Messages;
using Weft.Options;
using Weft.Sqlite.Native;
using Weft.Sqlite.Storage;

namespace Weft.Sqlite.Writing;

/// <summary>
/// The writing connection and the transaction on it. What a transaction changes in memory becomes visible after its commit,
/// and is taken back when that fails. For the writer's thread alone.
/// </summary>
internal sealed class WriteSession : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly Statement _begin, _commit, _rollback, _saveCursor, _mark, _park, _unpark, _findSeen, _remember, _schedule, _findTimer, _dropTimer;
    private readonly List<SqliteTopic> _grown = [];
    private readonly List<SqliteSubscription> _moved = [];

    private readonly bool _canSync;
    private bool _syncs;

    public WriteSession(Connection connection, string path, TimeProvider clock, Durability durability)
    {
        _syncs = _canSync = durability == Durability.Sync;
        Connection = connection;
        Path = path;
        _clock = clock;
        _begin = connection.Prepare("begin immediate");
        _commit = connection.Prepare("commit");
        _rollback = connection.Prepare("rollback");
        _saveCursor = connection.Prepare("update cursor set low = ?1, above = ?2, updated = ?3 where sub = ?4");
        _mark = connection.Prepare("update cursor set mark = ?1 where sub = ?2");
        _park = connection.Prepare("insert or replace into parked values(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
        _unpark = connection.Prepare("delete from parked where sub = ?1 and pos = ?2");
        _findSeen = connection.Prepare("select pos from seen where topic = ?1 and id = ?2 and until > ?3");
        _remember = connection.Prepare("insert or replace into seen values(?1, ?2, ?3, ?4)");
        _schedule = connection.Prepare("insert or replace into timer values(?1, ?2, ?3, ?4, ?5)");
        _findTimer = connection.Prepare("select key, event from timer where token = ?1");
        _dropTimer = connection.Prepare("delete from timer where token = ?1");
    }

    /// <summary>For operations that are rare enough to bring their own statements.</summary>
    public Connection Connection { get; }

    /// <summary>The database file.</summary>
    public string Path { get; }

    /// <summary>When the transaction began, in ticks of UTC: the time of everything in it.</summary>
    public long Now { get; private set; }

    /// <summary>Begins a transaction.</summary>
    /// <param name="sync">
    /// Whether the commit syncs, where the store was opened to. One that does syncs those before it too: the write-ahead log is
    /// one file, and a checkpoint syncs it before it copies from it.
    /// </param>
    public void Begin(bool sync)
    {
        if (_canSync && sync != _syncs)
        {
            Connection.Execute(sync ? "pragma synchronous = full\0"u8 : "pragma synchronous = normal\0"u8);
            _syncs = sync;
        }
        Now = _clock.GetUtcNow().UtcTicks;
        _begin.Run();
    }

    public void Commit()
    {
        SaveCursors();
        _commit.Run();
        foreach (var subscription in _moved)
            subscription.Progress.Keep();
        foreach (var topic in _grown)
            topic.Publish();
        Forget();
    }

    /// <summary>Takes everything back. Does not throw: what broke the transaction is being reported already.</summary>
    public void Rollback()
    {
        try
        {
            if (Connection.InTransaction)
                _rollback.Run();
        }
        catch (LogException)
        {
            // SQLite has ended the transaction, or ends it with the next one.
        }
        foreach (var subscription in _moved)
            subscription.Progress.Restore();
        foreach (var topic in _grown)
            topic.Last = topic.Head;
        Forget();
    }

    /// <summary>Appends a message, unless one of its identity is remembered, and gives its position or that of the other.</summary>
    public long Append(SqliteTopic topic, Message message, ReadOnlySpan<byte> key, Once once)
    {
        if (once.Identity.IsEmpty)
            return Append(topic, message, key);
        _findSeen.Bind(1, topic.Id).Bind(2, once.Identity.Span).Bind(3, Now);
        if (_findSeen.Step())
        {
            long seen = _findSeen.Int64(0);
            _findSeen.Reset();
            return seen;
        }
        long position = Append(topic, message, key);
        _remember.Bind(1, topic.Id).Bind(2, once.Identity.Span).Bind(3, Now + once.Window.Ticks).Bind(4, position).Run();
        return position;
    }

    /// <summary>Keeps a message until its time.</summary>
    public void Schedule(SqliteTopic topic, ScheduledMessage message) => _schedule
        .Bind(1, message.Token)
        .Bind(2, message.Due.UtcTicks)
        .Bind(3, topic.Id)
        .Bind(4, message.Key.Span)
        .Bind(5, message.Message.Bytes.Span)
        .Run();

    /// <summary>Appends a scheduled message if it is still there.</summary>
    public void Release(SqliteTopic topic, string token)
    {
        if (!_findTimer.Bind(1, token).Step())
            return;
        byte[] key = _findTimer.Bytes(0).ToArray(), message = _findTimer.Bytes(1).ToArray();
        _findTimer.Reset();
        Append(topic, new Message(message), key);
        _dropTimer.Bind(1, token).Run();
    }

    /// <summary>Appends a message and gives its position.</summary>
    public unsafe long Append(SqliteTopic topic, Message message, ReadOnlySpan<byte> key)
    {
        var insert = topic.Insert ??= Connection.Prepare($"insert into {Schema.LogTable(topic.Id)} values(?1, ?2, ?3, ?4)");
        long position = topic.Last + 1;
        var bytes = message.Bytes.Span;
        fixed (byte* keyStart = key, messageStart = bytes)
        {
            insert.Bind(1, position).Bind(2, Now)
                .BindInPlace(3, keyStart, key.Length)
                .BindInPlace(4, messageStart, bytes.Length)
                .Run();
        }
        if (topic.Last == topic.Head)
            _grown.Add(topic);
        topic.Last = position;
        return position;
    }

    /// <summary>Marks a position as settled. The cursor is written once, before the commit.</summary>
    public void Settle(SqliteSubscription subscription, long position)
    {
        if (!subscription.Moved)
        {
            subscription.Moved = true;
            _moved.Add(subscription);
        }
        subscription.Progress.Settle(position);
    }

    public void Park(SqliteSubscription subscription, ParkedMessage message) => _park
        .Bind(1, subscription.Id)
        .Bind(2, message.Position)
        .Bind(3, (long)message.State)
        .Bind(4, message.Key.Span)
        .Bind(5, message.Due.UtcTicks)
        .Bind(6, message.Attempts)
        .Bind(7, message.FirstAt.UtcTicks)
        .Bind(8, message.LastAt.UtcTicks)
        .Bind(9, message.Reason)
        .Bind(10, message.Detail)
        .Bind(11, message.Message.Bytes.Span)
        .Bind(12, message.Notes.Span)
        .Run();

    public void Unpark(SqliteSubscription subscription, long position) => _unpark.Bind(1, subscription.Id).Bind(2, position).Run();

    /// <summary>Notes up to where messages may be worked on; 0 for nowhere.</summary>
    public void Mark(SqliteSubscription subscription, long upTo) => _mark.Bind(1, upTo).Bind(2, subscription.Id).Run();

    /// <summary>How far one is that feeds the log from outside; empty for never said.</summary>
    public byte[] ReadCheckpoint(string name)
    {
        using var find = Connection.Prepare("select value from checkpoint where name = ?1");
        return find.Bind(1, name).Step() ? find.Bytes(0).ToArray() : [];
    }

    /// <summary>Sets how far one is that feeds the log from outside.</summary>
    public void Checkpoint(string name, ReadOnlySpan<byte> value)
    {
        using var set = Connection.Prepare("insert or replace into checkpoint values(?1, ?2)");
        set.Bind(1, name).Bind(2, value).Run();
    }

    /// <summary>Writes the cursors that have moved in this transaction. An operation that reads or sets one calls it before.</summary>
    public void SaveCursors()
    {
        foreach (var subscription in _moved)
        {
            var progress = subscription.Progress;
            _saveCursor.Bind(1, progress.Low).Bind(2, progress.Write()).Bind(3, Now).Bind(4, subscription.Id).Run();
        }
    }

    public void Dispose() => Connection.Dispose();

    private void Forget()
    {
        foreach (var subscription in _moved)
            subscription.Moved = false;
        _moved.Clear();
        _grown.Clear();
    }
}
