using Npgsql;
using Weft.Postgres.Storage;

namespace Weft.Postgres;

/// <summary>
/// Forgets old messages. A shard notes up to where it is trimmed, which takes a row; the messages themselves go with their segment, a
/// table that is dropped as a whole once all of it is trimmed. So nothing is deleted row by row, and nothing has to be vacuumed.
/// </summary>
internal static class Trimming
{
    private const int SegmentsKept = 8;
    private static readonly TimeSpan s_shortest = TimeSpan.FromMinutes(10);

    /// <summary>Trims what was appended before a time and every subscription but the orphans has passed.</summary>
    public static async ValueTask<long> RunAsync(PostgresTopic topic, DateTimeOffset before, IReadOnlySet<string> orphans, CancellationToken cancellation)
    {
        var (database, s, t) = (topic.Log.Database, topic.Log.Database.Schema, topic.Id);
        // Found without a lock, since looking may take a while, and noted with the lock of one shard at a time, so that appenders hardly wait. A
        // subscription that is opened or moved meanwhile begins at what is trimmed or after it, as it would a moment later.
        var found = await database.QueryAsync($"""
            select sh.shard, sh.trimmed, least(
                sh.head,
                (select min(c.low) from {s}.cursor c join {s}.sub u on u.id = c.sub where u.topic = {t} and c.shard = sh.shard and u.name <> all($2)),
                coalesce((select l.pos - 1 from {s}.log_{t} l where l.shard = sh.shard and l.pos > sh.trimmed and l.at >= $1 order by l.pos limit 1), sh.head))
            from {s}.shard sh where sh.topic = {t}
            """, row => (Shard: row.GetInt32(0), Was: row.GetInt64(1), UpTo: row.GetInt64(2)), cancellation, Arg.Of(before.UtcTicks), Arg.Of(orphans.ToArray())).ConfigureAwait(false);
        long trimmed = 0;
        foreach (var (shard, was, upTo) in found.Where(f => f.UpTo > f.Was))
        {
            int noted = await database.ExecuteAsync($"update {s}.shard set trimmed = $3 where topic = {t} and shard = $1 and trimmed = $2", cancellation,
                Arg.Of(shard), Arg.Of(was), Arg.Of(upTo)).ConfigureAwait(false);
            trimmed += noted * (upTo - was);
            topic.AllShards[shard].Tail.Clear();
        }
        await database.ExecuteAsync($"delete from {s}.seen where topic = {t} and until <= $1", cancellation, Arg.Of(topic.Log.Now)).ConfigureAwait(false);
        await DropSegmentsAsync(topic, cancellation).ConfigureAwait(false);
        await BeginSegmentAsync(topic, before, cancellation).ConfigureAwait(false);
        return trimmed;
    }

    // A segment that nobody appends to any more and that is trimmed to its end.
    private static async ValueTask DropSegmentsAsync(PostgresTopic topic, CancellationToken cancellation)
    {
        var (database, s, t) = (topic.Log.Database, topic.Log.Database.Schema, topic.Id);
        var done = await database.QueryAsync($"""
            select g.seg from {s}.segment g where g.topic = {t} and g.ended is not null and not exists (
                select 1 from {s}.segment_end e join {s}.shard h on h.topic = e.topic and h.shard = e.shard
                where e.topic = g.topic and e.seg = g.seg and h.trimmed < e.last) order by g.seg
            """, row => row.GetInt32(0), cancellation).ConfigureAwait(false);
        foreach (int segment in done)
        {
            await InTransactionAsync(topic, $"""
                drop table if exists {s}.log_{t}_{segment};
                delete from {s}.segment_end where topic = {t} and seg = {segment};
                delete from {s}.segment where topic = {t} and seg = {segment};
                """, cancellation).ConfigureAwait(false);
        }
    }

    // About eight segments are kept, so that an eighth more than asked for is stored at most.
    private static async ValueTask BeginSegmentAsync(PostgresTopic topic, DateTimeOffset before, CancellationToken cancellation)
    {
        var (database, s, t) = (topic.Log.Database, topic.Log.Database.Schema, topic.Id);
        var now = new DateTimeOffset(topic.Log.Now, TimeSpan.Zero);
        var length = (now - before) / SegmentsKept is var part && part > s_shortest ? part : s_shortest;
        var current = await database.QueryAsync($"select max(seg), max(begun) from {s}.segment where topic = {t}", row => (Segment: row.GetInt32(0), Begun: row.GetInt64(1)), cancellation).ConfigureAwait(false);
        if (current is not [var last] || now.UtcTicks - last.Begun < length.Ticks)
            return;
        // Appenders wait for the rows of their shards, so what the old segment ends with is what it holds.
        await InTransactionAsync(topic, $"""
            update {s}.segment set ended = {now.UtcTicks} where topic = {t} and seg = {last.Segment} and ended is null;
            insert into {s}.segment values({t}, {last.Segment + 1}, {now.UtcTicks}, null);
            {TopicStorage.CreateSegment(s, t, last.Segment + 1)};
            with moved as (
                update {s}.shard h set seg = {last.Segment + 1} from (select shard from {s}.shard where topic = {t} order by shard for update) o
                where h.topic = {t} and h.shard = o.shard returning h.shard, h.head)
            insert into {s}.segment_end select {t}, {last.Segment}, shard, head from moved;
            """, cancellation).ConfigureAwait(false);
    }

    // Others may be at the same, or a reader in the way: then it is left for the next time.
    private static async ValueTask InTransactionAsync(PostgresTopic topic, string statements, CancellationToken cancellation)
    {
        try
        {
            await topic.Log.Database.RunAsync(async connection =>
            {
                var command = new NpgsqlCommand($"select set_config('lock_timeout', '1000', true); {statements}", connection);
                await using (command.ConfigureAwait(false))
                    return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            }, cancellation).ConfigureAwait(false);
        }
        catch (Flows.LogException e) when (e.InnerException is PostgresException { SqlState: "55P03" or "40P01" or "23505" or "42P07" })
        {
        }
    }
}
