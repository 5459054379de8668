using Weft.Flows;
using Weft.Sqlite.Writing;

namespace Weft.Sqlite;

/// <summary>A subscription that somebody has open.</summary>
internal sealed class SqliteSubscription(SqliteTopic topic, string name, StoredSubscription stored) : ILogSubscription
{
    private volatile bool _closed;

    public string Name => name;

    public ILogTopic Topic => topic;

    public Cursor Opened => stored.Cursor;

    public IReadOnlyList<ParkedKey> ParkedKeys => stored.ParkedKeys;

    public long UnderWay => stored.UnderWay;

    internal long Id => stored.Id;

    internal SqliteMessageLog Log => topic.Log;

    /// <summary>Whether it was closed, and changes for it are refused.</summary>
    internal bool IsClosed => _closed;

    /// <summary>The writer's view of what is settled.</summary>
    internal Progress Progress { get; } = new(stored.Cursor);

    /// <summary>Whether the transaction that is being written has moved it; the writer's own mark.</summary>
    internal bool Moved { get; set; }

    public ValueTask DisposeAsync()
    {
        if (!_closed)
        {
            _closed = true;
            Log.OpenNames.Release(name);
        }
        return ValueTask.CompletedTask;
    }
}

/// <summary>What the store has of a subscription when it is opened.</summary>
internal sealed record StoredSubscription(long Id, long Topic, Cursor Cursor, IReadOnlyList<ParkedKey> ParkedKeys, long UnderWay);
