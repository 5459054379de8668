using Npgsql;
using Weft.Postgres.Storage;

namespace Weft.Postgres.Sharing;

/// <summary>The rows of readers and leases.</summary>
internal sealed class LeaseRows(Database database, Guid node, TimeSpan lease)
{
    /// <summary>What is notified when a lease is free.</summary>
    public const string Freed = "lease";

    private readonly string _schema = database.Schema;

    /// <summary>Says that this process lives, renews what it holds, and looks around; one transaction in one round trip.</summary>
    public ValueTask<Seen> RoundAsync(IReadOnlyCollection<int> wanted, IReadOnlyCollection<PostgresSubscription> held, CancellationToken cancellation) => database.RunAsync(async connection =>
    {
        int[] subs = [.. wanted.Order()];
        var batch = new NpgsqlBatch(connection) { Timeout = 5 };
        await using (batch.ConfigureAwait(false))
        {
            batch.BatchCommands.Add(new($"""
                insert into {_schema}.reader select s, $2, now() from unnest($1) s where exists (select 1 from {_schema}.sub where id = s)
                on conflict (sub, node) do update set seen = excluded.seen
                """) { Parameters = { Arg.Of(subs), Arg.Of(node) } });
            batch.BatchCommands.Add(new($"delete from {_schema}.reader where (node = $2 and sub <> all($1)) or seen < now() - interval '1 hour'")
            {
                Parameters = { Arg.Of(subs), Arg.Of(node) },
            });
            // Locked in the order in which the writer locks cursors.
            batch.BatchCommands.Add(new($"""
                update {_schema}.cursor c set lease_until = now() + $5 from (
                    select sub, shard from {_schema}.cursor where owner = $1 and (sub, shard, epoch) in (select * from unnest($2, $3, $4)) order by sub, shard for update) mine
                where c.sub = mine.sub and c.shard = mine.shard returning c.sub, c.shard
                """)
            {
                Parameters =
                {
                    Arg.Of(node), Arg.Of(held.Select(h => h.Id).ToArray()), Arg.Of(held.Select(h => h.Shard.Shard).ToArray()), Arg.Of(held.Select(h => h.Epoch).ToArray()), Arg.Of(lease),
                },
            });
            batch.BatchCommands.Add(new($"select sub, node from {_schema}.reader where sub = any($1) and seen > now() - $2") { Parameters = { Arg.Of(subs), Arg.Of(lease) } });
            batch.BatchCommands.Add(new($"select sub, shard, lease_until - now() from {_schema}.cursor where sub = any($1) and owner is not null and owner <> $2 and lease_until > now()")
            {
                Parameters = { Arg.Of(subs), Arg.Of(node) },
            });
            return await ReadAsync(batch, cancellation).ConfigureAwait(false);
        }
    }, cancellation);

    /// <summary>Gives leases back and tells the others.</summary>
    public async ValueTask ReleaseAsync(IReadOnlyCollection<PostgresSubscription> held)
    {
        await database.ExecuteAsync($"""
            update {_schema}.cursor c set owner = null, lease_until = null from (
                select sub, shard from {_schema}.cursor where owner = $1 and (sub, shard, epoch) in (select * from unnest($2, $3, $4)) order by sub, shard for update) mine
            where c.sub = mine.sub and c.shard = mine.shard
            """, default, Arg.Of(node), Arg.Of(held.Select(h => h.Id).ToArray()), Arg.Of(held.Select(h => h.Shard.Shard).ToArray()), Arg.Of(held.Select(h => h.Epoch).ToArray())).ConfigureAwait(false);
        await TellAsync().ConfigureAwait(false);
    }

    /// <summary>Gives back what is left, and is no reader any more.</summary>
    public async ValueTask LeaveAsync(IReadOnlyCollection<PostgresSubscription> held)
    {
        await database.ExecuteAsync($"delete from {_schema}.reader where node = $1", default, Arg.Of(node)).ConfigureAwait(false);
        if (held.Count > 0)
            await ReleaseAsync(held).ConfigureAwait(false);
    }

    /// <summary>Tells the others to look.</summary>
    public async ValueTask TellAsync() => await database.ExecuteAsync($"select pg_notify('{_schema}', '{Freed}')", default).ConfigureAwait(false);

    private static async Task<Seen> ReadAsync(NpgsqlBatch batch, CancellationToken cancellation)
    {
        var (renewed, readers, others) = (new HashSet<(int, int)>(), new List<(int, Guid)>(), new Dictionary<(int, int), TimeSpan>());
        var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
                renewed.Add((reader.GetInt32(0), reader.GetInt32(1)));
            await reader.NextResultAsync(cancellation).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
                readers.Add((reader.GetInt32(0), reader.GetGuid(1)));
            await reader.NextResultAsync(cancellation).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
                others[(reader.GetInt32(0), reader.GetInt32(1))] = reader.GetTimeSpan(2);
        }
        return new Seen(renewed, readers.ToLookup(r => r.Item1, r => r.Item2), others);
    }
}

/// <summary>What a round has found.</summary>
/// <param name="Renewed">Subscription and shard of the leases that hold.</param>
/// <param name="Readers">Who reads, by subscription.</param>
/// <param name="Others">What others hold, and for how long from now if they are not heard of again.</param>
internal sealed record Seen(IReadOnlySet<(int Subscription, int Shard)> Renewed, ILookup<int, Guid> Readers, IReadOnlyDictionary<(int Subscription, int Shard), TimeSpan> Others)
{
    /// <summary>Who reads a subscription; this process is one of them.</summary>
    public IEnumerable<Guid> ReadersOf(int subscription, Guid self) => Readers[subscription].Append(self);
}
