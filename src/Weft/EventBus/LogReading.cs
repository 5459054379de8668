using Weft.Flows;

namespace Weft.EventBus;

/// <summary>Finds single messages of a log.</summary>
internal static class LogReading
{
    /// <summary>The message at a position; null when the log has it no more or not yet.</summary>
    public static async Task<LogEntry?> FindAsync(ILogTopic log, long position, CancellationToken cancellation)
    {
        var one = new LogEntry[1];
        int read = await log.ReadAsync(position - 1, one, cancellation).ConfigureAwait(false);
        return read == 1 && one[0].Position == position ? one[0] : null;
    }

    /// <summary>
    /// The position of the first message appended at or after a time; the one behind the end when there is none. Positions and times go the
    /// same way, so halving finds it.
    /// </summary>
    /// <param name="log">A topic or shard that is read by itself.</param>
    /// <param name="at">The time.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<long> FirstAtAsync(ILogTopic log, DateTimeOffset at, CancellationToken cancellation)
    {
        var one = new LogEntry[1];
        long low = 1, high = log.Head + 1;
        while (low < high)
        {
            long middle = low + ((high - low) / 2);
            // What was trimmed is passed over: then the first that is there answers for all before it.
            if (await log.ReadAsync(middle - 1, one, cancellation).ConfigureAwait(false) == 0 || one[0].AppendedAt >= at)
                high = middle;
            else
                low = one[0].Position + 1;
        }
        return low;
    }
}
