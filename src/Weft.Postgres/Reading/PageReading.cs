using Weft.Flows;
using Weft.Messages;
using Weft.Postgres.Storage;

namespace Weft.Postgres.Reading;

/// <summary>Reads messages of a shard.</summary>
internal static class PageReading
{
    private const int PageEntries = 256, PageBytes = 256 << 10;

    /// <summary>Reads the messages in (<paramref name="after"/>, <paramref name="head"/>], as many as fit a page, and at least one.</summary>
    public static async ValueTask<int> ReadAsync(PostgresShard shard, long after, long head, Memory<LogEntry> into, CancellationToken cancellation)
    {
        var database = shard.Log.Database;
        // The sum looks at lengths only, so what does not fit is not fetched.
        var entries = await database.QueryAsync($"""
            select pos, at, key, event from (
                select pos, at, key, event, sum(octet_length(event)) over (order by pos) - octet_length(event) as before from (
                    select pos, at, key, event from {database.Schema}.log_{shard.TopicId}
                    where shard = $1 and pos > greatest($2, (select trimmed from {database.Schema}.shard where topic = {shard.TopicId} and shard = $1)) and pos <= $3
                    order by pos limit $4) first) fitting
            where before < {PageBytes} order by pos
            """, row => new LogEntry(shard.Base + row.GetInt64(0), new DateTimeOffset(row.GetInt64(1), TimeSpan.Zero), new Message(row.GetFieldValue<byte[]>(3)), row.GetFieldValue<byte[]>(2)),
            cancellation, Arg.Of(shard.Shard), Arg.Of(Math.Max(0, after - shard.Base)), Arg.Of(head - shard.Base), Arg.Of(Math.Min(into.Length, PageEntries))).ConfigureAwait(false);
        entries.CopyTo(into.Span);
        return entries.Count;
    }
}
