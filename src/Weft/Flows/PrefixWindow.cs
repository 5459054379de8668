namespace Weft.Flows;

/// <summary>Finds up to where everything is done, for sources that settle a prefix. Positions are added in source order and done in any.</summary>
internal sealed class PrefixWindow
{
    private readonly Lock _lock = new();
    private readonly Queue<long> _open = new();
    private readonly HashSet<long> _done = [];

    /// <summary>A position was read.</summary>
    public void Add(long position)
    {
        lock (_lock)
            _open.Enqueue(position);
    }

    /// <summary>A position is done. Returns the last one of the prefix that this completes, or null.</summary>
    public long? Complete(long position)
    {
        lock (_lock)
        {
            _done.Add(position);
            long? upTo = null;
            while (_open.TryPeek(out long first) && _done.Remove(first))
                upTo = _open.Dequeue();
            return upTo;
        }
    }
}
