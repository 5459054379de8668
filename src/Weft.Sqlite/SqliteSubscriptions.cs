using Weft.Flows;
using Weft.Sqlite.Native;
using Weft.Sqlite.Reading;
using Weft.Sqlite.Storage;
using Weft.Sqlite.Writing;

namespace Weft.Sqlite;

/// <summary>The subscriptions of a log: opening, listing, moving, removing.</summary>
internal sealed class SqliteSubscriptions(SqliteMessageLog log)
{
    /// <summary>Opens a subscription, and creates it when it is new.</summary>
    public async ValueTask<ILogSubscription> OpenAsync(SqliteTopic topic, string name, SubscriptionStart start, CancellationToken cancellation)
    {
        log.OpenNames.Take(name);
        try
        {
            long? from = FindStart(topic, start);
            StoredSubscription? stored = null;
            await log.Writer.RunAsync(session => (stored = GetOrCreate(session, topic, name, from)).Id, cancellation).ConfigureAwait(false);
            return new SqliteSubscription(topic, name, stored!);
        }
        catch
        {
            log.OpenNames.Release(name);
            throw;
        }
    }

    /// <summary>Moves a subscription that is not open.</summary>
    public ValueTask<bool> SeekAsync(string name, SubscriptionStart start, CancellationToken cancellation)
    {
        return ChangeAsync(name, Seek, cancellation);

        void Seek(WriteSession session, long id, SqliteTopic topic)
        {
            using var move = session.Connection.Prepare("update cursor set low = ?1, above = null, updated = ?2, mark = 0 where sub = ?3");
            move.Bind(1, FindStart(topic, start) ?? topic.Last).Bind(2, session.Now).Bind(3, id).Run();
        }
    }

    /// <summary>Forgets a subscription that is not open.</summary>
    public ValueTask<bool> RemoveAsync(string name, CancellationToken cancellation)
    {
        return ChangeAsync(name, Remove, cancellation);

        static void Remove(WriteSession session, long id, SqliteTopic topic) =>
            session.Connection.Execute($"delete from parked where sub = {id}; delete from cursor where sub = {id}; delete from sub where id = {id}");
    }

    /// <summary>Drops old dead letters.</summary>
    public ValueTask<long> PurgeDeadAsync(string name, DateTimeOffset before, CancellationToken cancellation) => log.Writer.RunAsync(session =>
    {
        using var purge = session.Connection.Prepare($"""
            delete from parked where sub = (select id from sub where name = ?1) and state = {(int)ParkedState.Dead} and last_at < ?2
            """);
        purge.Bind(1, name).Bind(2, before.UtcTicks).Run();
        return session.Connection.Changes;
    }, cancellation);

    /// <summary>Whether a subscription is past a position.</summary>
    public bool HasPassed(string name, long position)
    {
        using var reader = log.Readers.Rent();
        using var statement = reader.Value.Connection.Prepare("select low, above from cursor where sub = (select id from sub where name = ?1)");
        statement.Bind(1, name);
        return statement.Step() && new Cursor(statement.Int64(0), statement.Bytes(1).ToArray()).Contains(position);
    }

    /// <summary>All that the store knows, by name.</summary>
    public IReadOnlyList<SubscriptionInfo> List()
    {
        using var reader = log.Readers.Rent();
        using var statement = reader.Value.Connection.Prepare($"""
            select sub.name, sub.topic, low, updated, {Count(ParkedState.Retry)}, {Count(ParkedState.Behind)}, {Count(ParkedState.Dead)}
            from sub join cursor on cursor.sub = sub.id order by sub.name
            """);
        var found = new List<SubscriptionInfo>();
        while (statement.Step())
        {
            var topic = log.TopicOf(statement.Int64(1));
            found.Add(new SubscriptionInfo(statement.Text(0), topic.Name, statement.Int64(2), topic.Head,
                statement.Int64(4), statement.Int64(5), statement.Int64(6), new DateTimeOffset(statement.Int64(3), TimeSpan.Zero)));
        }
        return found;

        static string Count(ParkedState state) => $"(select count(*) from parked where parked.sub = cursor.sub and state = {(int)state})";
    }

    private async ValueTask<bool> ChangeAsync(string name, Action<WriteSession, long, SqliteTopic> change, CancellationToken cancellation)
    {
        log.OpenNames.Take(name);
        try
        {
            return await log.Writer.RunAsync(session =>
            {
                session.SaveCursors();
                if (Find(session.Connection, name) is not { } found)
                    return 0;
                change(session, found.Id, log.TopicOf(found.Topic));
                return 1;
            }, cancellation).ConfigureAwait(false) == 1;
        }
        finally
        {
            log.OpenNames.Release(name);
        }
    }

    private static StoredSubscription GetOrCreate(WriteSession session, SqliteTopic topic, string name, long? from)
    {
        session.SaveCursors();
        if (Find(session.Connection, name) is { } found)
        {
            if (found.Topic != topic.Id)
                throw new RefusedException(SqliteErrors.SubscriptionOfAnotherTopic(name, topic.Log.TopicOf(found.Topic).Name, topic.Name));
            return found;
        }
        var cursor = new Cursor(from ?? topic.Last, default);
        using var insert = session.Connection.Prepare("insert into sub(name, topic) values(?1, ?2)");
        insert.Bind(1, name).Bind(2, topic.Id).Run();
        long id = session.Connection.QueryInt64("select last_insert_rowid()");
        using var begin = session.Connection.Prepare("insert into cursor(sub, low, updated) values(?1, ?2, ?3)");
        begin.Bind(1, id).Bind(2, cursor.Low).Bind(3, session.Now).Run();
        return new StoredSubscription(id, topic.Id, cursor, [], UnderWay: 0);
    }

    private static StoredSubscription? Find(Connection connection, string name)
    {
        using var find = connection.Prepare("select id, topic, low, above, mark from sub join cursor on cursor.sub = sub.id where name = ?1");
        find.Bind(1, name);
        if (!find.Step())
            return null;
        long id = find.Int64(0);
        return new StoredSubscription(id, find.Int64(1), new Cursor(find.Int64(2), find.Bytes(3).ToArray()), ParkedReading.ReadKeys(connection, id), find.Int64(4));
    }

    // The position before the first message appended at or after a time that is still stored; null for the end. Positions and times go the
    // same way, so halving finds it without reading the log.
    private long? FindStart(SqliteTopic topic, SubscriptionStart start)
    {
        if (start.At is not { } at)
            return null;
        using var reader = log.Readers.Rent();
        using var statement = reader.Value.Connection.Prepare($"select pos, at from {Schema.LogTable(topic.Id)} where pos >= ?1 order by pos limit 1");
        // From the first stored message on: what was trimmed would be a gap that the reader walks through.
        statement.Bind(1, 1);
        long low = statement.Step() ? statement.Int64(0) : topic.Head + 1;
        long high = topic.Head + 1;
        statement.Reset();
        while (low < high)
        {
            long middle = low + ((high - low) / 2);
            statement.Bind(1, middle);
            bool later = !statement.Step() || statement.Int64(1) >= at.UtcTicks;
            long position = statement.Int64(0);
            statement.Reset();
            if (later)
                high = middle;
            else
                low = position + 1;
        }
        return low - 1;
    }
}
