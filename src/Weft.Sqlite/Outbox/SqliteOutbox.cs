using Weft.EventBus;
using Weft.Options;
using Weft.Sqlite.Native;
using Weft.Sqlite.Storage;

namespace Weft.Sqlite.Outbox;

/// <summary>Opens outboxes in SQLite files.</summary>
internal sealed class SqliteOutboxFactory : IOutboxFactory
{
    public bool Handles(ConnectionOptions connection) => connection.Sqlite is not null;

    public ValueTask<IOutboxSource> OpenAsync(string name, ConnectionOptions connection, CancellationToken cancellation) =>
        ValueTask.FromResult<IOutboxSource>(SqliteOutbox.Open(connection.Sqlite!));
}

/// <summary>
/// The outbox in a SQLite database of the app. SQLite has one writer at a time, so rows are numbered in the order of commits. What the app has
/// set for its file, such as its journal, stays.
/// </summary>
internal sealed class SqliteOutbox : IOutboxSource
{
    // As long as the app's own connections wait by default.
    private static readonly TimeSpan s_busy = TimeSpan.FromSeconds(30);

    private const string Create = $"""
        begin immediate;
        create table if not exists {OutboxRow.Table}(
            n integer primary key autoincrement,
            id blob not null default (randomblob(16)),
            topic text not null, key text, dedupe text, due integer, event text not null,
            at integer not null default (cast((julianday('now') - 2440587.5) * 86400000 as integer)),
            error text);
        create index if not exists {OutboxRow.Table}_refused on {OutboxRow.Table}(n) where error is not null;
        create table if not exists {OutboxRow.Table}_identity(id blob not null);
        create table if not exists weft_inbox(
            subscription text not null, source text not null, id text not null, at integer not null, primary key(subscription, source, id)) without rowid;
        insert into {OutboxRow.Table}_identity select randomblob(16) where not exists (select 1 from {OutboxRow.Table}_identity);
        commit;
        """;

    private readonly Connection _connection;
    private readonly Statement _take;

    private SqliteOutbox(Connection connection)
    {
        _connection = connection;
        connection.Execute("pragma synchronous = full");
        if (connection.QueryInt64($"select count(*) from sqlite_schema where name in ('{OutboxRow.Table}', '{OutboxRow.Table}_identity', '{OutboxRow.Table}_refused', 'weft_inbox')") < 4)
            connection.Execute(Create);
        using var identity = connection.Prepare($"select hex(id) from {OutboxRow.Table}_identity");
        identity.Step();
        Identity = identity.Text(0);
        _take = connection.Prepare($"select n, id, topic, key, dedupe, due, event, due is null from {OutboxRow.Table} where error is null order by n limit ?1");
    }

    public static SqliteOutbox Open(string file)
    {
        string path = StorePath.Prepare(file, StorePath.NetworkKindOf);
        var connection = Connection.Open(path, vfs: null, s_busy);
        try
        {
            return new(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public string Identity { get; }

    public ValueTask<IOutboxBatch> TakeAsync(int limit, CancellationToken cancellation)
    {
        var batch = new Batch(_connection);
        _take.Bind(1, limit);
        while (_take.Step())
        {
            batch.Numbers.Add(_take.Int64(0));
            batch.Taken.Add((IdOf(_take.Bytes(1)), new(
                _take.Text(2), _take.Bytes(6).ToArray(), _take.TextOrNull(3), _take.TextOrNull(4), _take.Int64(7) != 0 ? null : _take.Int64(5))));
        }
        return ValueTask.FromResult<IOutboxBatch>(batch);
    }

    public ValueTask<OutboxFacts> LookAsync(CancellationToken cancellation)
    {
        using var oldest = _connection.Prepare($"select at from {OutboxRow.Table} where error is null order by n limit 1");
        DateTimeOffset? at = oldest.Step() ? DateTimeOffset.FromUnixTimeMilliseconds(oldest.Int64(0)) : null;
        return ValueTask.FromResult(new OutboxFacts(at, _connection.QueryInt64($"select count(*) from {OutboxRow.Table} where error is not null")));
    }

    public ValueTask<int> PurgeMarksAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        using var purge = _connection.Prepare("delete from weft_inbox where at < ?1");
        purge.Bind(1, before.ToUnixTimeMilliseconds()).Run();
        return ValueTask.FromResult(_connection.Changes);
    }

    public ValueTask<int> RetryRefusedAsync(CancellationToken cancellation)
    {
        _connection.Execute($"update {OutboxRow.Table} set error = null where error is not null");
        return ValueTask.FromResult(_connection.Changes);
    }

    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return default;
    }

    // Sixteen bytes, or what another program has put there.
    private static Guid IdOf(ReadOnlySpan<byte> id) => id.Length == 16 ? new(id)
        : Guid.TryParse(System.Text.Encoding.UTF8.GetString(id), out var text) ? text
        : new(System.Security.Cryptography.SHA256.HashData(id).AsSpan(0, 16));

    private sealed class Batch(Connection connection) : IOutboxBatch
    {
        public List<long> Numbers { get; } = [];

        public List<(Guid Id, OutboxRow Row)> Taken { get; } = [];

        public IReadOnlyList<(Guid Id, OutboxRow Row)> Rows => Taken;

        public ValueTask CompleteAsync(IReadOnlyList<Guid> published, IReadOnlyList<(Guid Id, string Why)> refused, CancellationToken cancellation)
        {
            var numbers = Taken.Zip(Numbers).ToLookup(r => r.First.Id, r => r.Second);
            long[] gone = [.. published.SelectMany(id => numbers[id]), .. Find(published.Where(id => !numbers.Contains(id)).ToHashSet())];
            using var delete = connection.Prepare($"delete from {OutboxRow.Table} where n = ?1");
            using var refuse = connection.Prepare($"update {OutboxRow.Table} set error = ?2 where n = ?1");
            connection.Execute("begin immediate");
            try
            {
                foreach (long number in gone)
                    delete.Bind(1, number).Run();
                foreach (var (id, why) in refused)
                {
                    foreach (long number in numbers[id])
                        refuse.Bind(1, number).Bind(2, why).Run();
                }
                connection.Execute("commit");
            }
            catch
            {
                if (connection.InTransaction)
                    connection.Execute("rollback");
                throw;
            }
            return default;
        }

        public ValueTask DisposeAsync() => default;

        // Rows of an earlier batch, after a crash. There is no index: all are looked at once.
        private List<long> Find(HashSet<Guid> ids)
        {
            var found = new List<long>();
            if (ids.Count == 0)
                return found;
            using var all = connection.Prepare($"select n, id from {OutboxRow.Table}");
            while (all.Step())
            {
                if (ids.Contains(IdOf(all.Bytes(1))))
                    found.Add(all.Int64(0));
            }
            return found;
        }
    }
}
