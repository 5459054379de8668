using Weft.Flows;
using Weft.Messages;
using Weft.Sqlite.Native;
using Weft.Sqlite.Storage;

namespace Weft.Sqlite.Reading;

/// <summary>A reading connection. Used by one thread at a time.</summary>
internal sealed class Reader(Connection connection) : IDisposable
{
    // A page stays below the size at which arrays are no longer collected cheaply.
    private const int PageEntries = 256, PageBytes = 64 << 10;

    private readonly Dictionary<long, Statement> _pages = [];
    private byte[] _scratch = new byte[2 * PageBytes];

    /// <summary>For queries that are rare enough to bring their own statements.</summary>
    public Connection Connection => connection;

    /// <summary>
    /// Reads the messages in (<paramref name="after"/>, <paramref name="head"/>], as many as fit a page. All of them share one
    /// array that holds their bytes and nothing else.
    /// </summary>
    public int ReadPage(long topic, long after, long head, Span<LogEntry> into)
    {
        var page = PageOf(topic).Bind(1, after).Bind(2, head).Bind(3, Math.Min(into.Length, PageEntries));
        int count = 0, used = 0;
        try
        {
            while (used < PageBytes && count < into.Length && page.Step())
            {
                var key = Copy(page.Bytes(2), ref used);
                var message = Copy(page.Bytes(3), ref used);
                into[count++] = new LogEntry(page.Int64(0), new DateTimeOffset(page.Int64(1), TimeSpan.Zero), new Message(message), key);
            }
        }
        finally
        {
            page.Reset();
        }
        MoveTo(_scratch.AsSpan(0, used).ToArray(), into[..count]);
        if (_scratch.Length > 16 * PageBytes)
            _scratch = new byte[2 * PageBytes]; // One huge message must not hold its memory for ever.
        return count;
    }

    public void Dispose() => connection.Dispose();

    private Statement PageOf(long topic)
    {
        if (!_pages.TryGetValue(topic, out var page))
        {
            page = connection.Prepare($"select pos, at, key, event from {Schema.LogTable(topic)} where pos > ?1 and pos <= ?2 order by pos limit ?3");
            _pages.Add(topic, page);
        }
        return page;
    }

    private ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> bytes, ref int used)
    {
        if (_scratch.Length - used < bytes.Length)
            Array.Resize(ref _scratch, Math.Max(_scratch.Length * 2, used + bytes.Length));
        bytes.CopyTo(_scratch.AsSpan(used));
        var copy = _scratch.AsMemory(used, bytes.Length);
        used += bytes.Length;
        return copy;
    }

    // The entries lie one behind the other, key before message, so their lengths say where they are in the page.
    private static void MoveTo(byte[] page, Span<LogEntry> entries)
    {
        int used = 0;
        foreach (ref var entry in entries)
        {
            int key = entry.Key.Length, message = entry.Message.Bytes.Length;
            entry = entry with { Key = page.AsMemory(used, key), Message = new Message(page.AsMemory(used + key, message)) };
            used += key + message;
        }
    }
}
