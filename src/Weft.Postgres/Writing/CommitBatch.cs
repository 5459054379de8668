using System.Runtime.InteropServices;
using System.Text;
using Npgsql;
using Weft.Flows;
using Weft.Postgres.Storage;

namespace Weft.Postgres.Writing;

/// <summary>
/// Some operations as one transaction in one round trip. Locks are taken in one order by everybody: cursors, parked and scheduled
/// messages, shards; each by its key.
/// </summary>
internal sealed class CommitBatch
{
    private readonly string _schema;
    private readonly long _now;
    private readonly bool _relaxed;
    private readonly SortedDictionary<(int Topic, int Shard), List<(WriteOperation Operation, Change Change)>> _appends = [];
    private readonly SortedDictionary<(int Sub, int Shard), PostgresSubscription> _subscriptions = [];
    private readonly Dictionary<(int Sub, long Position), Change> _parked = [];
    private readonly Dictionary<string, Change> _scheduled = [];
    private readonly SortedDictionary<int, (PostgresTopic Topic, SortedSet<string> Tokens)> _releases = [];
    private readonly HashSet<PostgresSubscription> _moved = [];
    private readonly Dictionary<PostgresSubscription, long> _marks = [];
    private readonly List<Change> _checkpoints = [];
    private readonly List<NpgsqlBatchCommand> _commands = [];
    private readonly List<Action<NpgsqlDataReader>> _reads = [];
    private readonly List<(PostgresShard Shard, long Head)> _grown = [];
    private readonly List<(PostgresShard Shard, long First, List<(WriteOperation Operation, Change Change)> Appends)> _appended = [];

    public CommitBatch(string schema, IReadOnlyList<WriteOperation> operations, long now, bool relaxed)
    {
        (_schema, _now, _relaxed) = (schema, now, relaxed);
        foreach (var operation in operations)
        {
            foreach (var change in operation.Changes)
                Add(operation, change);
        }
    }

    /// <summary>Whose progress it changes.</summary>
    public IReadOnlyCollection<PostgresSubscription> Subscriptions => _subscriptions.Values;

    /// <summary>Writes it. When this returns it is committed, and readers here see it.</summary>
    public async Task RunAsync(NpgsqlConnection connection)
    {
        Build();
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            foreach (var command in _commands)
                batch.BatchCommands.Add(command);
            var reader = await batch.ExecuteReaderAsync().ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                int at = 0;
                do
                {
                    while (await reader.ReadAsync().ConfigureAwait(false))
                        _reads[at](reader);
                    at++;
                }
                while (await reader.NextResultAsync().ConfigureAwait(false));
            }
        }
        foreach (var subscription in _subscriptions.Values)
            subscription.Progress.Keep();
        foreach (var (shard, first, appends) in _appended)
            shard.Tail.Add(first, new(_now, TimeSpan.Zero), [.. appends.Select(a => (a.Change.Key, a.Change.Message))]);
        foreach (var (shard, head) in _grown)
            shard.Log.Grown(shard, head);
    }

    /// <summary>The transaction has failed: what is settled is what was before.</summary>
    public void TakeBack()
    {
        foreach (var subscription in _subscriptions.Values)
            subscription.Progress.Restore();
    }

    private void Add(WriteOperation operation, in Change change)
    {
        if (change.Shard is { } shard)
        {
            if (!_appends.TryGetValue((shard.TopicId, shard.Shard), out var list))
                _appends.Add((shard.TopicId, shard.Shard), list = []);
            list.Add((operation, change));
        }
        else if (change.Checkpoint is not null)
        {
            _checkpoints.Add(change);
        }
        else if (change.Scheduled is { } scheduled)
        {
            _scheduled[scheduled.Token] = change;
        }
        else if (change.Release is { } token)
        {
            if (!_releases.TryGetValue(change.Topic!.Id, out var release))
                _releases.Add(change.Topic.Id, release = (change.Topic, new(StringComparer.Ordinal)));
            release.Tokens.Add(token);
        }
        else if (change.Subscription is { } subscription)
        {
            _subscriptions[(subscription.Id, subscription.Shard.Shard)] = subscription;
            if (change.Parked is not null || change.Unparks)
            {
                _parked[(subscription.Id, change.Parked?.Position ?? change.Position)] = change;
            }
            else if (change.Marks)
            {
                _marks[subscription] = change.Position;
            }
            else
            {
                _moved.Add(subscription);
                subscription.Progress.Settle(change.Position);
            }
        }
    }

    private void Build()
    {
        if (_relaxed)
            Query("select set_config('synchronous_commit', 'off', true)", static _ => { });
        foreach (var subscription in _subscriptions.Values)
            Fence(subscription);
        Unpark();
        Park();
        Schedule();
        foreach (var change in _checkpoints.OrderBy(c => c.Checkpoint, StringComparer.Ordinal))
            Query($"select {_schema}.set_checkpoint($1, $2, $3)", static _ => { }, Arg.Of(change.Checkpoint!), Arg.Of(Bytes(change.Key)), Arg.Of(Bytes(change.Expected)));
        foreach (var appends in _appends.Values)
            Append(appends);
        foreach (var (topic, tokens) in _releases.Values)
        {
            Query($"select {_schema}.release($1, $2, $3)", reader => Grown(topic, reader.GetFieldValue<long[]>(0)),
                Arg.Of(topic.Id), Arg.Of(tokens.ToArray()), Arg.Of(_now));
        }
    }

    private void Fence(PostgresSubscription subscription)
    {
        bool moved = _moved.Contains(subscription);
        var cursor = moved ? subscription.Progress.ToWrite() : default;
        Query($"select {_schema}.fence($1, $2, $3, $4, $5, $6, $7)", static _ => { },
            Arg.Of(subscription.Id), Arg.Of(subscription.Shard.Shard), Arg.Of(subscription.Epoch),
            Nullable(moved ? cursor.Low - subscription.Shard.Base : null), Arg.Of(cursor.Above), Nullable(moved ? _now : null), Nullable(_marks.TryGetValue(subscription, out long mark) ? mark : null));
    }

    private void Unpark()
    {
        Change[] gone = [.. _parked.Values.Where(c => c.Parked is null)];
        if (gone.Length == 0)
            return;
        Command($"delete from {_schema}.parked where (sub, pos) in (select * from unnest($1, $2))",
            Arg.Of(gone.Select(c => c.Subscription!.Id).ToArray()), Arg.Of(gone.Select(c => c.Position).ToArray()));
    }

    private void Park()
    {
        (PostgresSubscription Of, ParkedMessage Row)[] rows = [.. _parked.Values.Where(c => c.Parked is not null).Select(c => (c.Subscription!, c.Parked!))];
        if (rows.Length == 0)
            return;
        Command($"""
            insert into {_schema}.parked select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            on conflict (sub, pos) do update set state = excluded.state, key = excluded.key, due = excluded.due, attempts = excluded.attempts,
                first_at = excluded.first_at, last_at = excluded.last_at, reason = excluded.reason, detail = excluded.detail, event = excluded.event, notes = excluded.notes
            """,
            Arg.Of(rows.Select(r => r.Of.Id).ToArray()), Arg.Of(rows.Select(r => r.Of.Shard.Shard).ToArray()), Arg.Of(rows.Select(r => r.Row.Position).ToArray()),
            Arg.Of(rows.Select(r => (short)r.Row.State).ToArray()), Arg.Of(rows.Select(r => Bytes(r.Row.Key)).ToArray()), Arg.Of(rows.Select(r => r.Row.Due.UtcTicks).ToArray()),
            Arg.Of(rows.Select(r => r.Row.Attempts).ToArray()), Arg.Of(rows.Select(r => r.Row.FirstAt.UtcTicks).ToArray()), Arg.Of(rows.Select(r => r.Row.LastAt.UtcTicks).ToArray()),
            ByteArrays([.. rows.Select(r => Utf8(r.Row.Reason))]), ByteArrays([.. rows.Select(r => Utf8(r.Row.Detail))]), Arg.Of(rows.Select(r => Bytes(r.Row.Message.Bytes)).ToArray()), Arg.Of(rows.Select(r => Bytes(r.Row.Notes)).ToArray()));
    }

    private void Schedule()
    {
        if (_scheduled.Count == 0)
            return;
        Change[] rows = [.. _scheduled.Values.OrderBy(c => c.Scheduled!.Token, StringComparer.Ordinal)];
        Command($"""
            insert into {_schema}.timer select * from unnest($1, $2, $3, $4, $5, $6)
            on conflict (token) do update set due = excluded.due, topic = excluded.topic, shard = excluded.shard, key = excluded.key, event = excluded.event
            """,
            Arg.Of(rows.Select(c => c.Scheduled!.Token).ToArray()), Arg.Of(rows.Select(c => c.Scheduled!.Due.UtcTicks).ToArray()),
            Arg.Of(rows.Select(c => c.Topic!.Id).ToArray()), Arg.Of(rows.Select(c => c.Topic!.ShardFor(c.Scheduled!.Key, default).Shard).ToArray()),
            Arg.Of(rows.Select(c => Bytes(c.Scheduled!.Key)).ToArray()), Arg.Of(rows.Select(c => Bytes(c.Scheduled!.Message.Bytes)).ToArray()));
    }

    private void Append(List<(WriteOperation Operation, Change Change)> appends)
    {
        var shard = appends[0].Change.Shard!;
        bool once = appends.Exists(a => !a.Change.Once.Identity.IsEmpty);
        Query($"select {_schema}.append($1, $2, $3, $4, $5, $6, $7, false)", reader =>
            {
                long[] result = reader.GetFieldValue<long[]>(0);
                _grown.Add((shard, shard.Base + result[0]));
                if (!once)
                    _appended.Add((shard, shard.Base + result[1], appends));
                for (int i = 0; i < appends.Count; i++)
                    appends[i].Operation.Appended(once ? result[i + 1] : shard.Base + result[1] + i);
            },
            Arg.Of(shard.TopicId), Arg.Of(shard.Shard), Arg.Of(_now),
            Arg.Of(appends.Select(a => Bytes(a.Change.Key)).ToArray()), Arg.Of(appends.Select(a => Bytes(a.Change.Message.Bytes)).ToArray()),
            ByteArrays(once ? appends.Select(a => a.Change.Once.Identity.IsEmpty ? null : Bytes(a.Change.Once.Identity)).ToArray() : null),
            Arg.Of(once ? appends.Select(a => _now + a.Change.Once.Window.Ticks).ToArray() : []));
    }

    private void Grown(PostgresTopic topic, long[] heads)
    {
        foreach (long head in heads)
            _grown.Add((topic.AllShards[ShardPosition.Shard(head)], head));
    }

    // One that gives no rows has no place among the results.
    private void Command(string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddRange(parameters);
        _commands.Add(command);
    }

    private void Query(string sql, Action<NpgsqlDataReader> read, params NpgsqlParameter[] parameters)
    {
        Command(sql, parameters);
        _reads.Add(read);
    }

    // The array itself where it is one: the driver sends it without another copy.
    private static byte[] Bytes(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetArray(memory, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array : memory.ToArray();

    private static byte[]? Utf8(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);

    private static NpgsqlParameter Nullable(long? value) => new() { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint, Value = (object?)value ?? DBNull.Value };

    private static NpgsqlParameter ByteArrays(byte[]?[]? value) =>
        new() { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Bytea, Value = (object?)value ?? DBNull.Value };
}
