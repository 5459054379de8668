using Npgsql;
using Weft.Flows;
using Weft.Postgres.Reading;
using Weft.Postgres.Storage;

namespace Weft.Postgres;

/// <summary>The subscriptions of a log: creating, opening, listing, moving, removing.</summary>
internal sealed class PostgresSubscriptions(PostgresMessageLog log)
{
    private readonly Database _database = log.Database;
    private readonly string _schema = log.Database.Schema;

    /// <summary>Creates a subscription on all shards when it is new, and gives its number.</summary>
    public async ValueTask<int> CreateAsync(PostgresTopic topic, string name, SubscriptionStart start, CancellationToken cancellation)
    {
        if (await FindAsync(name, cancellation).ConfigureAwait(false) is { } known)
            return CheckTopic(known, topic, name);
        long[] lows = await FindStartAsync(topic, start, cancellation).ConfigureAwait(false);
        // Of two that create it at once, the second waits for the first and finds its row.
        await _database.ExecuteAsync($"""
            with made as (insert into {_schema}.sub(name, topic) values($1, $2) on conflict do nothing returning id)
            insert into {_schema}.cursor(sub, shard, low, updated)
                select made.id, s.shard, coalesce(nullif(low, -1), s.head), $4 from made, {_schema}.shard s, unnest($3) with ordinality as l(low, n)
                where s.topic = $2 and s.shard = n - 1
            """, cancellation, Arg.Of(name), Arg.Of(topic.Id), Arg.Of(lows), Arg.Of(log.Now)).ConfigureAwait(false);
        var made = await FindAsync(name, cancellation).ConfigureAwait(false) ?? throw PostgresErrors.SubscriptionIsClosed(name);
        return CheckTopic(made, topic, name);
    }

    /// <summary>Takes the lease of a shard and opens the subscription on it.</summary>
    public async ValueTask<ILogSubscription> OpenAsync(PostgresShard shard, string name, SubscriptionStart start, CancellationToken cancellation)
    {
        _database.CheckOpen();
        if (!log.Leases.TryReserve(name, shard.Shard))
            throw PostgresErrors.SubscriptionIsOpen(name);
        try
        {
            int id = await CreateAsync(shard.Topic, name, start, cancellation).ConfigureAwait(false);
            long asked = log.Leases.Now;
            var taken = await _database.QueryAsync($"""
                update {_schema}.cursor set epoch = epoch + 1, owner = $3, lease_until = now() + $4
                where sub = $1 and shard = $2 and (owner is null or owner = $3 or lease_until < now())
                returning epoch, low, above, mark
                """, row => (Epoch: row.GetInt64(0), Low: row.GetInt64(1), Above: row.IsDBNull(2) ? [] : row.GetFieldValue<byte[]>(2), Mark: row.GetInt64(3)), cancellation,
                Arg.Of(id), Arg.Of(shard.Shard), Arg.Of(log.Leases.Node), Arg.Of(log.Leases.Duration)).ConfigureAwait(false);
            if (taken is not [var lease])
                throw PostgresErrors.HeldElsewhere(name, shard.Shard);
            // After the lease: whoever had it before can write nothing more.
            var keys = await ParkedReading.ReadKeysAsync(_database, id, shard.Shard, cancellation).ConfigureAwait(false);
            var opened = new PostgresSubscription(shard, name, id, lease.Epoch, new Cursor(shard.Base + lease.Low, lease.Above), keys, lease.Mark, asked);
            log.Leases.Add(opened);
            // Who had it may have appended what it did not live to tell.
            await log.LookAsync(cancellation).ConfigureAwait(false);
            return opened;
        }
        catch
        {
            log.Leases.Unreserve(name, shard.Shard);
            throw;
        }
    }

    /// <summary>Moves a subscription that is not open here. Readers in other processes lose it and go on from the new place.</summary>
    public async ValueTask<bool> SeekAsync(string name, SubscriptionStart start, CancellationToken cancellation)
    {
        _database.CheckOpen();
        if (log.Leases.IsOpenHere(name))
            throw PostgresErrors.SubscriptionIsOpen(name);
        if (await FindAsync(name, cancellation).ConfigureAwait(false) is not { } found)
            return false;
        var topic = (await log.OpenAsync(found.TopicName, cancellation).ConfigureAwait(false))!;
        long[] lows = await FindStartAsync(topic, start, cancellation).ConfigureAwait(false);
        await _database.ExecuteAsync($"""
            update {_schema}.cursor c set low = coalesce(nullif(l.low, -1), s.head), above = null, updated = $3, mark = 0, epoch = epoch + 1, owner = null
            from unnest($2) with ordinality as l(low, n), {_schema}.shard s
            where c.sub = $1 and c.shard = n - 1 and s.topic = $4 and s.shard = c.shard
            """, cancellation, Arg.Of(found.Id), Arg.Of(lows), Arg.Of(log.Now), Arg.Of(topic.Id)).ConfigureAwait(false);
        await log.Leases.TellAsync().ConfigureAwait(false);
        return true;
    }

    /// <summary>Forgets a subscription that nobody has open.</summary>
    public async ValueTask<bool> RemoveAsync(string name, CancellationToken cancellation)
    {
        _database.CheckOpen();
        if (log.Leases.IsOpenHere(name))
            throw PostgresErrors.SubscriptionIsOpen(name);
        if (await FindAsync(name, cancellation).ConfigureAwait(false) is not { } found)
            return false;
        var held = await _database.QueryAsync($"select shard from {_schema}.cursor where sub = $1 and owner is not null and owner <> $2 and lease_until > now()",
            row => row.GetInt32(0), cancellation, Arg.Of(found.Id), Arg.Of(log.Leases.Node)).ConfigureAwait(false);
        if (held.Count > 0)
            throw PostgresErrors.HeldElsewhere(name, held[0]);
        int removed = await _database.RunAsync(async connection =>
        {
            var batch = new NpgsqlBatch(connection);
            await using (batch.ConfigureAwait(false))
            {
                // The cursors first: they are what an owner's writes are fenced by.
                foreach (var (table, key) in new[] { ("cursor", "sub"), ("parked", "sub"), ("reader", "sub"), ("sub", "id") })
                    batch.BatchCommands.Add(new($"delete from {_schema}.{table} where {key} = $1") { Parameters = { Arg.Of(found.Id) } });
                return await batch.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            }
        }, cancellation).ConfigureAwait(false);
        return removed > 0;
    }

    /// <summary>Drops old dead letters.</summary>
    public async ValueTask<long> PurgeDeadAsync(string name, DateTimeOffset before, CancellationToken cancellation) => await _database.ExecuteAsync(
        $"delete from {_schema}.parked where sub = (select id from {_schema}.sub where name = $1) and state = {(int)ParkedState.Dead} and last_at < $2",
        cancellation, Arg.Of(name), Arg.Of(before.UtcTicks)).ConfigureAwait(false);

    /// <summary>Whether a subscription is past a position.</summary>
    public async ValueTask<bool> HasPassedAsync(string name, long position, CancellationToken cancellation)
    {
        int shard = ShardPosition.Shard(position);
        var found = await _database.QueryAsync($"select c.low, c.above from {_schema}.cursor c join {_schema}.sub u on u.id = c.sub where u.name = $1 and c.shard = $2",
            row => new Cursor(row.GetInt64(0), row.IsDBNull(1) ? [] : row.GetFieldValue<byte[]>(1)), cancellation, Arg.Of(name), Arg.Of(shard)).ConfigureAwait(false);
        return found is [var cursor] && cursor.Contains(position - ShardPosition.Base(shard));
    }

    /// <summary>All that the store knows, by name.</summary>
    public async ValueTask<IReadOnlyList<SubscriptionInfo>> ListAsync(CancellationToken cancellation)
    {
        return await _database.QueryAsync($"""
            select u.name, t.name, sum(c.low)::bigint, sum(s.head)::bigint, {Count(ParkedState.Retry)}, {Count(ParkedState.Behind)}, {Count(ParkedState.Dead)}, max(c.updated)
            from {_schema}.sub u join {_schema}.topic t on t.id = u.topic join {_schema}.cursor c on c.sub = u.id
            join {_schema}.shard s on s.topic = t.id and s.shard = c.shard group by u.id, u.name, t.name order by u.name
            """, row => new SubscriptionInfo(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6),
                new DateTimeOffset(row.GetInt64(7), TimeSpan.Zero)), cancellation).ConfigureAwait(false);

        string Count(ParkedState state) => $"(select count(*) from {_schema}.parked p where p.sub = u.id and p.state = {(int)state})";
    }

    /// <summary>A subscription by name; null when there is none.</summary>
    public async ValueTask<FoundSubscription?> FindAsync(string name, CancellationToken cancellation) => (await _database.QueryAsync(
        $"select u.id, t.id, t.name from {_schema}.sub u join {_schema}.topic t on t.id = u.topic where u.name = $1",
        row => new FoundSubscription(row.GetInt32(0), row.GetInt32(1), row.GetString(2)), cancellation, Arg.Of(name)).ConfigureAwait(false)).SingleOrDefault();

    private static int CheckTopic(FoundSubscription found, PostgresTopic topic, string name) =>
        found.TopicId == topic.Id ? found.Id : throw PostgresErrors.SubscriptionOfAnotherTopic(name, found.TopicName, topic.Name);

    // For each shard the number before the first message appended at or after the time, and -1 for the end, which is the head when it is stored.
    private async ValueTask<long[]> FindStartAsync(PostgresTopic topic, SubscriptionStart start, CancellationToken cancellation)
    {
        long[] lows = new long[topic.AllShards.Count];
        Array.Fill(lows, -1);
        if (start.At is not { } at)
            return lows;
        // The clocks of processes differ, so times need not rise with positions, and only looking at each tells which is the first.
        var found = await _database.QueryAsync($"""
            select s.shard, (select l.pos - 1 from {_schema}.log_{topic.Id} l where l.shard = s.shard and l.pos > s.trimmed and l.at >= $2 order by l.pos limit 1)
            from {_schema}.shard s where s.topic = $1
            """, row => (Shard: row.GetInt32(0), Low: row.IsDBNull(1) ? -1 : row.GetInt64(1)), cancellation, Arg.Of(topic.Id), Arg.Of(at.UtcTicks)).ConfigureAwait(false);
        foreach (var (shard, low) in found)
            lows[shard] = low;
        return lows;
    }
}

/// <summary>What the store knows of a subscription as a whole.</summary>
internal sealed record FoundSubscription(int Id, int TopicId, string TopicName);
