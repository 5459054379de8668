using System.Globalization;
using Weft.Flows;

namespace Weft.Postgres.Storage;

/// <summary>Whether what Weft has put into a store fits together. The server looks after its files itself.</summary>
internal static class StoreCheck
{
    private const string Restore = "Restore a backup, or copy what can be read with 'weft messages list'.";

    /// <summary>Runs all checks.</summary>
    public static async ValueTask<IReadOnlyList<string>> RunAsync(Database database, CancellationToken cancellation)
    {
        string s = database.Schema;
        var findings = new List<string>();
        foreach (var (sql, finding) in Rules(s))
            await AddAsync(sql, finding).ConfigureAwait(false);
        var topics = await database.QueryAsync($"select id, name from {s}.topic order by name", row => (Id: row.GetInt32(0), Name: row.GetString(1)), cancellation).ConfigureAwait(false);
        foreach (var (id, name) in topics)
        {
            var table = await database.QueryAsync($"select to_regclass('{s}.log_{id}') is not null", row => row.GetBoolean(0), cancellation).ConfigureAwait(false);
            if (!table[0])
            {
                findings.Add($"Topic '{name}' has no messages table. {Restore}");
                continue;
            }
            // One statement sees one moment. What is trimmed may still be there, and goes with its segment.
            await AddAsync($"""
                select '{id}/' || h.shard || ' has ' || count(l.pos) || ' messages behind ' || h.trimmed || ' and ends at ' || h.head
                from {s}.shard h left join {s}.log_{id} l on l.shard = h.shard and l.pos > h.trimmed where h.topic = {id}
                group by h.shard, h.trimmed, h.head having count(l.pos) <> h.head - h.trimmed or coalesce(max(l.pos), h.head) <> h.head order by h.shard
                """, $"Topic '{name}', shard {{0}}: some are missing. {Restore}").ConfigureAwait(false);
        }
        await AddParkedAsync().ConfigureAwait(false);
        return findings;

        async ValueTask AddAsync(string sql, string finding)
        {
            foreach (string found in await database.QueryAsync($"select t::text from ({sql}) q(t) limit 20", row => row.GetString(0), cancellation).ConfigureAwait(false))
                findings.Add(string.Format(CultureInfo.InvariantCulture, finding, found));
        }

        async ValueTask AddParkedAsync()
        {
            var parked = await database.QueryAsync($"""
                select u.name, p.pos - (p.shard::bigint << 44), p.pos, c.low, c.above from {s}.parked p join {s}.sub u on u.id = p.sub join {s}.cursor c on c.sub = p.sub and c.shard = p.shard
                where p.pos - (p.shard::bigint << 44) > c.low order by p.pos limit 10000
                """, row => (Name: row.GetString(0), Within: row.GetInt64(1), Position: row.GetInt64(2), Cursor: new Cursor(row.GetInt64(3), row.IsDBNull(4) ? [] : row.GetFieldValue<byte[]>(4))),
                cancellation).ConfigureAwait(false);
            findings.AddRange(parked.Where(p => !p.Cursor.Contains(p.Within)).Take(20).Select(p =>
                string.Create(CultureInfo.InvariantCulture, $"Subscription '{p.Name}' has parked the message at {p.Position}, and would be delivered it once more. Nothing is lost.")));
        }
    }

    private static (string Sql, string Finding)[] Rules(string s) =>
    [
        ($"select name from {s}.sub where topic not in (select id from {s}.topic)", "Subscription '{0}' reads a topic that is not there. " + Restore),
        ($"select name from {s}.topic t where shards <> (select count(*) from {s}.shard where topic = t.id)", "Topic '{0}' does not have all its shards. " + Restore),
        ($"select u.name from {s}.sub u join {s}.topic t on t.id = u.topic where t.shards <> (select count(*) from {s}.cursor where sub = u.id)",
            "Subscription '{0}' does not have a position in each shard. Remove it with 'weft subscriptions remove' and let it begin anew."),
        ($"select distinct sub from {s}.parked where sub not in (select id from {s}.sub)", "Subscription number {0} is gone and has left messages that nobody will try again. " + Restore),
        ($"select u.name || ' at ' || p.pos from {s}.parked p join {s}.sub u on u.id = p.sub where p.state not in (0, 1, 2)", "A message of {0} is in a state that this Weft does not know. " + Restore),
        ($"select token from {s}.timer where topic not in (select id from {s}.topic)", "The scheduled message '{0}' is for a topic that is not there. " + Restore),
        ($"select u.name || ', shard ' || c.shard from {s}.cursor c join {s}.sub u on u.id = c.sub join {s}.shard h on h.topic = u.topic and h.shard = c.shard where c.low > h.head",
            "Subscription {0} is past the end: what is published next would be left out. Move it with 'weft subscriptions seek'."),
    ];
}
