namespace Weft.Sqlite.Writing;

/// <summary>
/// What waits for the writer, in order. It is a list through the operations themselves and needs no bound of its own: each
/// operation in it is a caller that waits, and holds the bytes that the caller would hold anyway.
/// </summary>
internal sealed class WriteQueue
{
    private const int MaxBytes = 1 << 20;

    private readonly object _gate = new(); // A monitor, because the writer waits on it.
    private WriteOperation? _first, _last;
    private bool _writerWaits, _closed;

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
                return _first is null;
        }
    }

    /// <summary>Whether what comes is refused.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _closed;
        }
    }

    /// <summary>Adds an operation that nobody waits for yet.</summary>
    /// <returns>False once the queue is closed.</returns>
    public bool TryAdd(WriteOperation operation)
    {
        lock (_gate)
        {
            if (_closed)
                return false;
            operation.Queued = true;
            operation.Previous = _last;
            if (_last is null)
                _first = operation;
            else
                _last.Next = operation;
            _last = operation;
            if (_writerWaits)
                Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>Takes an operation back, unless the writer has it already.</summary>
    /// <returns>Whether it was still there.</returns>
    public bool TryRemove(WriteOperation operation)
    {
        lock (_gate)
        {
            if (!operation.Queued)
                return false;
            Unlink(operation);
            return true;
        }
    }

    /// <summary>Waits until there is something, and takes as much as one commit should have.</summary>
    /// <param name="into">Where to put it.</param>
    /// <param name="waits">False to return at once when there is nothing.</param>
    /// <returns>How many were taken; 0 once the queue is closed and empty.</returns>
    public int Take(Span<WriteOperation?> into, bool waits = true)
    {
        lock (_gate)
        {
            while (waits && _first is null && !_closed)
            {
                _writerWaits = true;
                Monitor.Wait(_gate);
                _writerWaits = false;
            }
            int count = 0;
            for (long bytes = 0; count < into.Length && bytes < MaxBytes && _first is { } operation;)
            {
                Unlink(operation);
                into[count++] = operation;
                bytes += operation.Size;
            }
            return count;
        }
    }

    /// <summary>Refuses what comes from now on.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Unlink(WriteOperation operation)
    {
        if (operation.Previous is null)
            _first = operation.Next;
        else
            operation.Previous.Next = operation.Next;
        if (operation.Next is null)
            _last = operation.Previous;
        else
            operation.Next.Previous = operation.Previous;
        operation.Previous = operation.Next = null;
        operation.Queued = false;
    }
}
