using Npgsql;
using Weft.EventBus;
using Weft.Options;
using Weft.Postgres.Storage;

namespace Weft.Postgres.Outbox;

/// <summary>Opens outboxes in PostgreSQL databases.</summary>
internal sealed class PostgresOutboxFactory(TimeProvider clock) : IOutboxFactory
{
    public bool Handles(ConnectionOptions connection) => connection.Postgres is not null;

    public async ValueTask<IOutboxSource> OpenAsync(string name, ConnectionOptions connection, CancellationToken cancellation) =>
        PostgresUrl.TryRead(connection.Postgres!, out var options, out var problem)
            ? await PostgresOutbox.OpenAsync(options, clock, cancellation).ConfigureAwait(false)
            : throw PostgresErrors.BadUrl(name, problem);
}

/// <summary>
/// The outbox in a PostgreSQL database of the app. Rows are taken, published and deleted under a lock of one transaction, which works through
/// a pooler too. Whatever is committed and there is taken in the order of its numbers, so a transaction that commits late loses nothing and holds
/// nothing up, and one that began after another had committed comes after it.
/// </summary>
internal sealed class PostgresOutbox : IOutboxSource
{
    // The app's transactions may be long, and an operator may have mended a row: now and then all rows are looked at.
    private static readonly TimeSpan s_all = TimeSpan.FromSeconds(10);

    private readonly Database _database;
    private readonly TimeProvider _clock;
    private string _floor = "0";
    private long _lookedAtAll;

    private PostgresOutbox(Database database, string identity, TimeProvider clock) => (_database, Identity, _clock) = (database, identity, clock);

    public string Identity { get; }

    public static async ValueTask<PostgresOutbox> OpenAsync(PostgresLogOptions options, TimeProvider clock, CancellationToken cancellation)
    {
        var database = new Database(options);
        try
        {
            var found = await database.QueryAsync($"select to_regclass('{OutboxRow.Table}') is not null and to_regclass('{OutboxRow.Table}_identity') is not null and to_regclass('{OutboxRow.Table}_refused') is not null and to_regclass('weft_inbox') is not null", row => row.GetBoolean(0), cancellation).ConfigureAwait(false);
            if (!found[0])
                await database.ExecuteAsync(Create, cancellation).ConfigureAwait(false);
            var identity = await database.QueryAsync($"select id from {OutboxRow.Table}_identity", row => row.GetGuid(0), cancellation).ConfigureAwait(false);
            return new(database, identity[0].ToString("N"), clock);
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // One block is one transaction; processes that start at once wait for each other.
    private const string Create = $"""
        do $$ begin
            perform pg_advisory_xact_lock(hashtext('{OutboxRow.Table}'));
            create table if not exists {OutboxRow.Table}(
                n bigint generated always as identity primary key,
                id uuid not null default gen_random_uuid(),
                x xid8 not null default pg_current_xact_id(),
                topic text not null, key text, dedupe text, due bigint, event text not null,
                at timestamptz not null default now(),
                error text);
            create index if not exists {OutboxRow.Table}_x on {OutboxRow.Table}(x, n);
            create index if not exists {OutboxRow.Table}_refused on {OutboxRow.Table}(n) where error is not null;
            create table if not exists {OutboxRow.Table}_identity(id uuid not null default gen_random_uuid());
            create table if not exists weft_inbox(
                subscription text not null, source text not null, id text not null, at bigint not null, primary key(subscription, source, id));
            insert into {OutboxRow.Table}_identity select gen_random_uuid() where not exists (select 1 from {OutboxRow.Table}_identity);
        end $$
        """;

    public async ValueTask<IOutboxBatch> TakeAsync(int limit, CancellationToken cancellation)
    {
        if (_lookedAtAll == 0 || _clock.GetElapsedTime(_lookedAtAll) > s_all)
            (_floor, _lookedAtAll) = ("0", _clock.GetTimestamp());
        try
        {
            var connection = await _database.OpenAsync(cancellation).ConfigureAwait(false);
            var batch = new Batch(this, connection);
            try
            {
                await batch.ReadAsync(limit, cancellation).ConfigureAwait(false);
                return batch;
            }
            catch
            {
                await batch.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            throw PostgresErrors.Of(_database.Name, e);
        }
    }

    public async ValueTask<OutboxFacts> LookAsync(CancellationToken cancellation) => (await _database.QueryAsync(
        $"select (select at from {OutboxRow.Table} where error is null order by n limit 1), (select count(*) from {OutboxRow.Table} where error is not null)",
        row => new OutboxFacts(row.IsDBNull(0) ? null : row.GetFieldValue<DateTimeOffset>(0), row.GetInt64(1)), cancellation).ConfigureAwait(false))[0];

    public async ValueTask<int> PurgeMarksAsync(DateTimeOffset before, CancellationToken cancellation) =>
        await _database.ExecuteAsync("delete from weft_inbox where at < $1", cancellation, Arg.Of(before.ToUnixTimeMilliseconds())).ConfigureAwait(false);

    public async ValueTask<int> RetryRefusedAsync(CancellationToken cancellation)
    {
        _floor = "0";
        return await _database.ExecuteAsync($"update {OutboxRow.Table} set error = null where error is not null", cancellation).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private sealed class Batch(PostgresOutbox outbox, NpgsqlConnection connection) : IOutboxBatch
    {
        private readonly List<(Guid Id, OutboxRow Row)> _rows = [];
        private readonly List<long> _numbers = []; // Of the rows, in their order.
        private NpgsqlTransaction? _transaction;
        private string? _xmin;

        public IReadOnlyList<(Guid Id, OutboxRow Row)> Rows => _rows;

        public async Task ReadAsync(int limit, CancellationToken cancellation)
        {
            _transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
            var command = new NpgsqlBatch(connection, _transaction);
            await using (command.ConfigureAwait(false))
            {
                // The snapshot's xmin before the rows: of transactions below it none is under way any more, so the rows show all of theirs.
                command.BatchCommands.Add(new($"select pg_try_advisory_xact_lock(hashtextextended($1, 0)), pg_snapshot_xmin(pg_current_snapshot())::text") { Parameters = { Arg.Of($"{OutboxRow.Table} {outbox.Identity}") } });
                command.BatchCommands.Add(new($"""
                    select id, topic, key, dedupe, due, event, n from {OutboxRow.Table}
                    where error is null and x >= $1::text::xid8 order by n limit $2
                    """) { Parameters = { Arg.Of(outbox._floor), Arg.Of(limit) } });
                var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    await reader.ReadAsync(cancellation).ConfigureAwait(false);
                    bool mine = reader.GetBoolean(0);
                    string xmin = reader.GetString(1);
                    await reader.NextResultAsync(cancellation).ConfigureAwait(false);
                    while (mine && await reader.ReadAsync(cancellation).ConfigureAwait(false))
                    {
                        _numbers.Add(reader.GetInt64(6));
                        _rows.Add((reader.GetGuid(0), new(
                            reader.GetString(1), System.Text.Encoding.UTF8.GetBytes(reader.GetString(5)), Text(2), Text(3), reader.IsDBNull(4) ? null : reader.GetInt64(4))));
                    }
                    if (mine && _rows.Count < limit)
                        _xmin = xmin;

                    string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
                }
            }
            if (_rows.Count == 0)
                Exhausted();
        }

        public async ValueTask CompleteAsync(IReadOnlyList<Guid> published, IReadOnlyList<(Guid Id, string Why)> refused, CancellationToken cancellation)
        {
            var command = new NpgsqlBatch(connection, _transaction);
            await using (command.ConfigureAwait(false))
            {
                // By number, which has an index; only what another relay published is found by its id alone, once when this one begins.
                var numbers = _rows.Zip(_numbers).ToLookup(r => r.First.Id, r => r.Second);
                long[] taken = [.. published.SelectMany(id => numbers[id])];
                Guid[] others = [.. published.Where(id => !numbers.Contains(id))];
                (long N, string Why)[] bad = [.. refused.SelectMany(r => numbers[r.Id].Select(n => (n, r.Why)))];
                command.BatchCommands.Add(new($"delete from {OutboxRow.Table} where n = any($1)") { Parameters = { Arg.Of(taken) } });
                if (others.Length > 0)
                    command.BatchCommands.Add(new($"delete from {OutboxRow.Table} where id = any($1)") { Parameters = { Arg.Of(others) } });
                command.BatchCommands.Add(new($"update {OutboxRow.Table} o set error = r.why from unnest($1, $2) r(n, why) where o.n = r.n")
                {
                    Parameters = { Arg.Of(bad.Select(r => r.N).ToArray()), Arg.Of(bad.Select(r => r.Why).ToArray()) },
                });
                await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            }
            await _transaction!.CommitAsync(cancellation).ConfigureAwait(false);
            // A relay that learns what another has published completes that alone, and takes the rest anew.
            if (_rows.Select(r => r.Id).Except(published).Except(refused.Select(r => r.Id)).Any())
                return;
            Exhausted();
        }

        public async ValueTask DisposeAsync()
        {
            if (_transaction is not null)
                await _transaction.DisposeAsync().ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
        }

        // All that was there is dealt with: nothing below has to be looked at again.
        private void Exhausted() => outbox._floor = _xmin ?? outbox._floor;
    }
}
