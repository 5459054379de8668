using Weft.Flows;

namespace Weft.EventBus;

/// <summary>Goes through the log of a topic, forwards or backwards, a bounded stretch at a time.</summary>
internal static class LogSearch
{
    private const int Page = 256;

    /// <summary>Looks at messages, oldest first, until there are none left, enough were found, or the budget is spent.</summary>
    /// <param name="log">The topic.</param>
    /// <param name="after">Begins behind this position.</param>
    /// <param name="upTo">Ends with this position.</param>
    /// <param name="where">Which messages; null for all.</param>
    /// <param name="budget">How much may be looked at.</param>
    /// <param name="found">Called for each that is wanted; false when it was the last.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The position that it ended at; null when there are none left.</returns>
    public static async Task<long?> ForwardAsync(
        ILogTopic log, long after, long upTo, Where? where, SearchBudget budget, Func<LogEntry, bool> found, CancellationToken cancellation)
    {
        var page = new LogEntry[Page];
        int read;
        while (after < upTo && (read = await log.ReadAsync(after, page, cancellation).ConfigureAwait(false)) > 0)
        {
            for (int i = 0; i < read; i++)
            {
                if (page[i].Position > upTo)
                    return null;
                after = page[i].Position;
                if (IsLast(page[i], where, budget, found))
                    return after;
            }
        }
        return null;
    }

    /// <summary>The same with the newest first.</summary>
    /// <param name="log">The topic.</param>
    /// <param name="before">Begins in front of this position.</param>
    /// <param name="from">Ends with this position.</param>
    /// <param name="where">Which messages; null for all.</param>
    /// <param name="budget">How much may be looked at.</param>
    /// <param name="found">Called for each that is wanted; false when it was the last.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The position that it ended at; null when there are none left.</returns>
    public static async Task<long?> BackwardAsync(
        ILogTopic log, long before, long from, Where? where, SearchBudget budget, Func<LogEntry, bool> found, CancellationToken cancellation)
    {
        var stretch = new List<LogEntry>(Page);
        var page = new LogEntry[Page];
        before = Math.Min(before, log.Head + 1);
        while (before > from)
        {
            stretch.Clear();
            // Logs are read forwards, so a stretch is read and turned round.
            long after = Math.Max(from - 1, before - 1 - Page);
            while (after < before - 1)
            {
                int read = await log.ReadAsync(after, page, cancellation).ConfigureAwait(false);
                stretch.AddRange(page.AsSpan(0, read).ToArray().Where(e => e.Position < before));
                if (read == 0)
                    break;
                after = page[read - 1].Position;
            }
            // Only the old end of a log is ever missing.
            if (stretch.Count == 0)
                return null;
            for (int i = stretch.Count - 1; i >= 0; i--)
            {
                if (IsLast(stretch[i], where, budget, found))
                    return stretch[i].Position > from ? stretch[i].Position : null;
            }
            before = stretch[0].Position;
        }
        return null;
    }

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

    private static bool IsLast(in LogEntry entry, Where? where, SearchBudget budget, Func<LogEntry, bool> found)
    {
        budget.Count(entry.Message);
        return ((where is null || where.Holds(entry)) && !found(entry)) || budget.IsSpent;
    }
}
