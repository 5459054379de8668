using Weft.Sqlite.Native;
using Weft.Sqlite.Storage;
using Weft.Sqlite.Writing;

namespace Weft.Sqlite;

/// <summary>Drops old messages in slices, each an operation among those of the publishers.</summary>
internal static class Trimming
{
    private const int Slice = 500;

    /// <summary>Drops what was appended before a time and every subscription but the orphans has passed.</summary>
    public static async ValueTask<long> RunAsync(SqliteTopic topic, DateTimeOffset before, IReadOnlySet<string> orphans, CancellationToken cancellation)
    {
        long dropped = 0, slice;
        do
        {
            slice = await topic.Log.Writer.RunAsync(session => DropSlice(session, topic, before.UtcTicks, orphans), cancellation).ConfigureAwait(false);
            dropped += slice;
        }
        while (slice == Slice);
        while (await topic.Log.Writer.RunAsync(session => ForgetSlice(session, topic), cancellation).ConfigureAwait(false) == Slice)
        {
        }
        return dropped;
    }

    // Identities whose window is over.
    private static long ForgetSlice(WriteSession session, SqliteTopic topic)
    {
        using var forget = session.Connection.Prepare($"delete from seen where topic = ?1 and id in (select id from seen where topic = ?1 and until <= ?2 order by until limit {Slice})");
        forget.Bind(1, topic.Id).Bind(2, session.Now).Run();
        return session.Connection.Changes;
    }

    private static long DropSlice(WriteSession session, SqliteTopic topic, long before, IReadOnlySet<string> orphans)
    {
        session.SaveCursors();
        long last = FindLast(session.Connection, topic, before, FindNeeded(session.Connection, topic, orphans));
        if (last == 0)
            return 0;
        using var drop = session.Connection.Prepare($"delete from {Schema.LogTable(topic.Id)} where pos <= ?1");
        drop.Bind(1, last).Run();
        long dropped = session.Connection.Changes;
        // A log that was emptied still knows where it goes on.
        using var note = session.Connection.Prepare("update topic set trimmed = ?1 where id = ?2");
        note.Bind(1, last).Bind(2, topic.Id).Run();
        return dropped;
    }

    // Up to where every subscription has come that counts, closed ones too.
    private static long FindNeeded(Connection connection, SqliteTopic topic, IReadOnlySet<string> orphans)
    {
        using var lows = connection.Prepare("select name, low from sub join cursor on cursor.sub = sub.id where topic = ?1");
        lows.Bind(1, topic.Id);
        long needed = topic.Head;
        while (lows.Step())
        {
            if (!orphans.Contains(lows.Text(0)))
                needed = Math.Min(needed, lows.Int64(1));
        }
        return needed;
    }

    // The last of the leading messages that are old enough; 0 for none.
    private static long FindLast(Connection connection, SqliteTopic topic, long before, long needed)
    {
        using var leading = connection.Prepare(
            $"select pos, at from {Schema.LogTable(topic.Id)} where pos <= ?1 order by pos limit {Slice}");
        leading.Bind(1, needed);
        long last = 0;
        while (leading.Step() && leading.Int64(1) < before)
            last = leading.Int64(0);
        return last;
    }
}
