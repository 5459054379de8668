using Weft.Flows;

namespace Weft.EventBus;

/// <summary>Reads a stretch of a log of one order, forwards or backwards, a page at a time.</summary>
internal sealed class ShardReader(ILogTopic log, bool newest)
{
    private const int Page = 128;

    private readonly LogEntry[] _page = new LogEntry[Page];
    private readonly Queue<LogEntry> _ready = new();
    private long _from, _to;

    /// <summary>What is read.</summary>
    public ILogTopic Log => log;

    /// <summary>The position of the last entry that was taken, or the one in front of the first.</summary>
    public long Place { get; private set; }

    /// <summary>The entry that comes next, once <see cref="FillAsync"/> said that there is one.</summary>
    public LogEntry Next => _ready.Peek();

    /// <summary>Whether there may be another.</summary>
    public bool MayHaveMore => newest ? Place > _from : Place < _to;

    /// <summary>What to read, both included.</summary>
    public void Bound(long from, long to) => (_from, _to, Place) = (from, to, newest ? to + 1 : from - 1);

    /// <summary>Goes on behind a position, when that is further.</summary>
    public void Pass(long position) => Place = newest ? Math.Min(Place, position) : Math.Max(Place, position);

    /// <summary>Takes the next entry.</summary>
    public LogEntry Take()
    {
        var entry = _ready.Dequeue();
        Place = entry.Position;
        return entry;
    }

    /// <summary>Reads on when nothing is ready. False when there is nothing left.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (_ready.Count == 0 && MayHaveMore && newest)
            await FillBackwardsAsync(cancellation).ConfigureAwait(false);
        else if (_ready.Count == 0 && MayHaveMore)
            await FillForwardsAsync(cancellation).ConfigureAwait(false);
        if (_ready.Count == 0)
            Place = newest ? _from : _to;
        return _ready.Count > 0;
    }

    private async ValueTask FillForwardsAsync(CancellationToken cancellation)
    {
        int read = await log.ReadAsync(Place, _page, cancellation).ConfigureAwait(false);
        foreach (var entry in _page.AsSpan(0, read))
        {
            if (entry.Position <= _to)
                _ready.Enqueue(entry);
        }
    }

    // Logs are read forwards, so a stretch is read and turned round. Only the old end of a log is ever missing.
    private async ValueTask FillBackwardsAsync(CancellationToken cancellation)
    {
        var stretch = new List<LogEntry>(Page);
        long after = Math.Max(_from - 1, Place - 1 - Page);
        while (after < Place - 1)
        {
            int read = await log.ReadAsync(after, _page, cancellation).ConfigureAwait(false);
            stretch.AddRange(_page.AsSpan(0, read).ToArray().Where(e => e.Position < Place));
            if (read == 0)
                break;
            after = _page[read - 1].Position;
        }
        for (int i = stretch.Count - 1; i >= 0; i--)
            _ready.Enqueue(stretch[i]);
    }
}
