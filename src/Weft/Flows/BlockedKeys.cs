namespace Weft.Flows;

/// <summary>
/// The keys that have a message beside the log, and whose turn it is: one message of a key at a time, in order. Not thread-safe: its source
/// guards it.
/// </summary>
/// <param name="wake">Called when the turn of another has come.</param>
internal sealed class BlockedKeys(Action wake)
{
    private readonly Dictionary<ReadOnlyMemory<byte>, Blocked> _keys = new(KeyHash.Comparer);
    private readonly Queue<ReadOnlyMemory<byte>> _released = new();

    /// <summary>Takes up a key as the store has it.</summary>
    public void Restore(in ParkedKey parked)
    {
        _keys.Add(parked.Key, new() { Current = parked.Retry, Behind = parked.Behind });
        if (parked.Retry == 0)
            _released.Enqueue(parked.Key);
    }

    /// <summary>Whether a message has to wait behind another of its key; then it is counted among those.</summary>
    public bool TryWait(ReadOnlyMemory<byte> key, long position)
    {
        if (!_keys.TryGetValue(key, out var blocked) || blocked.Current == position)
            return false;
        blocked.Behind++;
        return true;
    }

    /// <summary>Has later ones of the key wait for a message, unless they wait already.</summary>
    public void Block(ReadOnlyMemory<byte> key, long position)
    {
        if (!_keys.ContainsKey(key))
            _keys.Add(key.ToArray(), new() { Current = position });
    }

    /// <summary>A message is settled: the turn is that of the next, when the key waited for this one.</summary>
    public void Pass(ReadOnlyMemory<byte> key, long position)
    {
        if (!_keys.TryGetValue(key, out var blocked) || blocked.Current != position)
            return;
        blocked.Current = 0;
        Release(key, blocked);
    }

    /// <summary>Has later ones of the key wait until somebody has decided about a dead letter.</summary>
    public void Hold(ReadOnlyMemory<byte> key, long position)
    {
        if (!_keys.TryGetValue(key, out var blocked))
            _keys.Add(key.ToArray(), blocked = new());
        (blocked.Held ??= []).Add(position);
    }

    /// <summary>Somebody has decided about a dead letter; the key need not have waited for it.</summary>
    public void Unhold(ReadOnlyMemory<byte> key, long position)
    {
        if (!_keys.TryGetValue(key, out var blocked) || blocked.Held?.Remove(position) is not true || blocked.Held.Count > 0)
            return;
        blocked.Held = null;
        Release(key, blocked);
    }

    /// <summary>A message was put among those of its key that wait.</summary>
    public void Add(ReadOnlyMemory<byte> key)
    {
        if (_keys.TryGetValue(key, out var blocked))
        {
            blocked.Behind++;
            return;
        }
        _keys.Add(key, blocked = new() { Behind = 1 });
        Release(key, blocked);
    }

    /// <summary>A key whose next message has its turn; those that have none are forgotten.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> key)
    {
        while (_released.TryDequeue(out key))
        {
            var blocked = _keys[key];
            if (blocked.Held is not null)
                continue; // It comes again when it is decided.
            if (blocked.Behind > 0)
                return true;
            _keys.Remove(key);
        }
        return false;
    }

    /// <summary>The message whose turn has come; null when there is none after all, since an operator has taken it away.</summary>
    public void Turn(ReadOnlyMemory<byte> key, long? position)
    {
        var blocked = _keys[key];
        blocked.Behind--;
        blocked.Current = position ?? 0;
        if (position is null)
            Release(key, blocked);
    }

    private void Release(ReadOnlyMemory<byte> key, Blocked blocked)
    {
        if (blocked.Current != 0 || blocked.Held is not null)
            return;
        _released.Enqueue(key);
        wake();
    }

    private sealed class Blocked
    {
        /// <summary>The one whose turn it is: waiting for its next try, or on its way. 0 between two.</summary>
        public long Current;

        /// <summary>How many wait behind it.</summary>
        public int Behind;

        /// <summary>The dead letters that it waits for; null for none.</summary>
        public HashSet<long>? Held;
    }
}
