using Npgsql;
using NpgsqlTypes;
using Weft.EventBus;
using Weft.Postgres.Storage;

namespace Weft.Postgres.Moving;

/// <summary>
/// Fills an empty store with all that another one holds, in one transaction: whoever looks sees nothing or all of it. Before the commit everything is
/// read back and compared by count and checksum.
/// </summary>
internal sealed class StoreFiller(NpgsqlConnection connection, string s, int shards, long now, CancellationToken cancellation)
{
    private long _messages, _unread, _parked, _identities;

    /// <summary>Fills it; the caller commits.</summary>
    public async Task<StoreMoved> RunAsync(IStoreContents contents)
    {
        await ExecuteAsync($"select pg_advisory_xact_lock(hashtext('weft store {s}'))").ConfigureAwait(false);
        if ((long)(await ExecuteAsync($"select (select count(*) from {s}.topic) + (select count(*) from {s}.sub) + (select count(*) from {s}.timer)").ConfigureAwait(false))! > 0)
            throw PostgresErrors.NotEmpty(s);
        var topics = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string name in contents.Topics)
            topics.Add(name, await FillTopicAsync(contents, name).ConfigureAwait(false));
        long scheduled = await FillScheduledAsync(contents, topics).ConfigureAwait(false);
        foreach (var (name, value) in contents.Checkpoints())
            await ExecuteAsync($"insert into {s}.checkpoint values($1, $2)", Arg.Of(name), Arg.Of(value.ToArray())).ConfigureAwait(false);
        return new(topics.Count, _messages, contents.Subscriptions.Count, _unread, _parked, scheduled, _identities);
    }

    private async Task<int> FillTopicAsync(IStoreContents contents, string name)
    {
        int id = (int)(await ExecuteAsync($"insert into {s}.topic(name, shards) values($1, {shards}) returning id", Arg.Of(name)).ConfigureAwait(false))!;
        await ExecuteAsync(TopicStorage.CreateTables(s, id, now)).ConfigureAwait(false);
        var subscriptions = contents.Subscriptions.Where(u => u.Topic == name).ToArray();
        var layout = new ShardLayout(shards);
        long first = contents.Messages(name).Select(m => m.Position).FirstOrDefault(long.MaxValue);
        var gone = subscriptions.SelectMany(u => contents.Parked(u.Name)).Where(p => p.Position < first).DistinctBy(p => p.Position).OrderBy(p => p.Position);
        foreach (var parked in gone)
            layout.AddTrimmed(parked.Key.Span, parked.Position);
        await FillMessagesAsync(contents, name, id, layout).ConfigureAwait(false);
        foreach (var subscription in subscriptions)
            await FillSubscriptionAsync(contents, subscription, id, layout).ConfigureAwait(false);
        await FillIdentitiesAsync(contents, name, id, layout).ConfigureAwait(false);
        return id;
    }

    private async Task FillMessagesAsync(IStoreContents contents, string name, int id, ShardLayout layout)
    {
        var sums = Enumerable.Range(0, shards).Select(_ => new Tally()).ToArray();
        var copy = await connection.BeginBinaryImportAsync($"copy {s}.log_{id}_1(seg, shard, pos, at, key, event) from stdin (format binary)", cancellation).ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            foreach (var entry in contents.Messages(name))
            {
                var (shard, number) = layout.Add(entry);
                sums[shard].Add([number, entry.AppendedAt.UtcTicks], entry.Key, entry.Message.Bytes);
                await copy.StartRowAsync(cancellation).ConfigureAwait(false);
                await copy.WriteAsync(1, NpgsqlDbType.Integer, cancellation).ConfigureAwait(false);
                await copy.WriteAsync(shard, NpgsqlDbType.Integer, cancellation).ConfigureAwait(false);
                await copy.WriteAsync(number, NpgsqlDbType.Bigint, cancellation).ConfigureAwait(false);
                await copy.WriteAsync(entry.AppendedAt.UtcTicks, NpgsqlDbType.Bigint, cancellation).ConfigureAwait(false);
                await copy.WriteAsync(entry.Key.ToArray(), NpgsqlDbType.Bytea, cancellation).ConfigureAwait(false);
                await copy.WriteAsync(entry.Message.Bytes.ToArray(), NpgsqlDbType.Bytea, cancellation).ConfigureAwait(false);
            }
            await copy.CompleteAsync(cancellation).ConfigureAwait(false);
        }
        for (int shard = 0; shard < shards; shard++)
        {
            await ExecuteAsync($"insert into {s}.shard values({id}, {shard}, $1, $2, 1)", Arg.Of(layout.Heads[shard]), Arg.Of(layout.Trimmed[shard])).ConfigureAwait(false);
            await CompareAsync($"messages of topic '{name}'", sums[shard], $"select pos, at, key, event from {s}.log_{id} where shard = {shard} order by pos",
                static (tally, row) => tally.Add([row.GetInt64(0), row.GetInt64(1)], row.GetFieldValue<byte[]>(2), row.GetFieldValue<byte[]>(3))).ConfigureAwait(false);
            _messages += sums[shard].Count;
            sums[shard].Dispose();
        }
    }

    private async Task FillSubscriptionAsync(IStoreContents contents, MovedSubscription subscription, int topic, ShardLayout layout)
    {
        int id = (int)(await ExecuteAsync($"insert into {s}.sub(name, topic) values($1, {topic}) returning id", Arg.Of(subscription.Name)).ConfigureAwait(false))!;
        foreach (var (shard, cursor, mark) in layout.Translate(subscription.Cursor, subscription.UnderWay))
        {
            await ExecuteAsync($"insert into {s}.cursor(sub, shard, low, above, updated, mark) values({id}, {shard}, $1, $2, {now}, $3)",
                Arg.Of(cursor.Low), Arg.Of(cursor.Above.ToArray()), Arg.Of(mark)).ConfigureAwait(false);
            for (long number = cursor.Low + 1; number <= layout.Heads[shard]; number++)
                _unread += cursor.Contains(number) ? 0 : 1;
        }
        using var sum = new Tally();
        foreach (var parked in contents.Parked(subscription.Name).OrderBy(p => p.Position).Select(p => (Row: p, Place: layout.Find(p.Position)!.Value)).OrderBy(p => p.Place))
        {
            var (row, place) = parked;
            var texts = (Reason: Bytes(row.Reason), Detail: Bytes(row.Detail));
            sum.Add([place, (long)row.State, row.Due.UtcTicks, row.Attempts, row.FirstAt.UtcTicks, row.LastAt.UtcTicks], row.Key, row.Message.Bytes, row.Notes, texts.Reason, texts.Detail);
            await ExecuteAsync($"insert into {s}.parked values({id}, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)", Arg.Of(ShardPosition.Shard(place)), Arg.Of(place), Arg.Of((short)row.State),
                Arg.Of(row.Key.ToArray()), Arg.Of(row.Due.UtcTicks), Arg.Of(row.Attempts), Arg.Of(row.FirstAt.UtcTicks), Arg.Of(row.LastAt.UtcTicks),
                Nullable(row.Reason, texts.Reason), Nullable(row.Detail, texts.Detail), Arg.Of(row.Message.Bytes.ToArray()), Arg.Of(row.Notes.ToArray())).ConfigureAwait(false);
        }
        await CompareAsync($"parked messages of subscription '{subscription.Name}'", sum,
            $"select pos, state::bigint, due, attempts::bigint, first_at, last_at, key, event, notes, coalesce(reason, ''), coalesce(detail, '') from {s}.parked where sub = {id} order by pos",
            static (tally, row) => tally.Add([.. Enumerable.Range(0, 6).Select(row.GetInt64)], [.. Enumerable.Range(6, 5).Select(i => (ReadOnlyMemory<byte>)row.GetFieldValue<byte[]>(i))])).ConfigureAwait(false);
        _parked += sum.Count;
    }

    private async Task FillIdentitiesAsync(IStoreContents contents, string name, int topic, ShardLayout layout)
    {
        using var sum = new Tally();
        var copy = await connection.BeginBinaryImportAsync($"copy {s}.seen(topic, id, until, pos) from stdin (format binary)", cancellation).ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            foreach (var identity in contents.Identities(name))
            {
                // A message that the log has no more has no place either; what is published again is left out all the same.
                long place = layout.Find(identity.Position) ?? 0;
                sum.Add([identity.Until, place], identity.Identity);
                await copy.StartRowAsync(cancellation).ConfigureAwait(false);
                await copy.WriteAsync(topic, NpgsqlDbType.Integer, cancellation).ConfigureAwait(false);
                await copy.WriteAsync(identity.Identity.ToArray(), NpgsqlDbType.Bytea, cancellation).ConfigureAwait(false);
                await copy.WriteAsync(identity.Until, NpgsqlDbType.Bigint, cancellation).ConfigureAwait(false);
                await copy.WriteAsync(place, NpgsqlDbType.Bigint, cancellation).ConfigureAwait(false);
            }
            await copy.CompleteAsync(cancellation).ConfigureAwait(false);
        }
        await CompareAsync($"identities of topic '{name}'", sum, $"select until, pos, id from {s}.seen where topic = {topic} order by id",
            static (tally, row) => tally.Add([row.GetInt64(0), row.GetInt64(1)], row.GetFieldValue<byte[]>(2))).ConfigureAwait(false);
        _identities += sum.Count;
    }

    private async Task<long> FillScheduledAsync(IStoreContents contents, Dictionary<string, int> topics)
    {
        using var sum = new Tally();
        foreach (var message in contents.Scheduled().OrderBy(m => m.Token, StringComparer.Ordinal))
        {
            sum.Add([message.Due.UtcTicks], Bytes(message.Token), message.Key, message.Message.Bytes);
            int shard = message.Key.IsEmpty ? 0 : ShardPosition.Of(message.Key.Span, shards);
            await ExecuteAsync($"insert into {s}.timer values($1, $2, $3, $4, $5, $6)", Arg.Of(message.Token), Arg.Of(message.Due.UtcTicks), Arg.Of(topics[message.Topic]), Arg.Of(shard),
                Arg.Of(message.Key.ToArray()), Arg.Of(message.Message.Bytes.ToArray())).ConfigureAwait(false);
        }
        await CompareAsync("scheduled messages", sum, $"select due, convert_to(token, 'UTF8'), key, event from {s}.timer order by token collate \"C\"",
            static (tally, row) => tally.Add([row.GetInt64(0)], row.GetFieldValue<byte[]>(1), row.GetFieldValue<byte[]>(2), row.GetFieldValue<byte[]>(3))).ConfigureAwait(false);
        return sum.Count;
    }

    private async Task CompareAsync(string what, Tally given, string sql, Action<Tally, NpgsqlDataReader> add)
    {
        using var stored = new Tally();
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await using (command.ConfigureAwait(false))
        {
            var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            await using (rows.ConfigureAwait(false))
            {
                while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
                    add(stored, rows);
            }
        }
        if (stored.Count != given.Count || stored.Sum() != given.Sum())
            throw PostgresErrors.NotTheSame(s, what, given.Count, stored.Count);
    }

    private async Task<object?> ExecuteAsync(string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.Parameters.AddRange(parameters);
        await using (command.ConfigureAwait(false))
            return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false);
    }

    private static byte[] Bytes(string? text) => text is null ? [] : System.Text.Encoding.UTF8.GetBytes(text);

    private static NpgsqlParameter Nullable(string? text, byte[] bytes) => new() { NpgsqlDbType = NpgsqlDbType.Bytea, Value = text is null ? DBNull.Value : bytes };
}
