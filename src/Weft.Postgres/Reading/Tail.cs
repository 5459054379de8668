using Weft.Flows;
using Weft.Messages;

namespace Weft.Postgres.Reading;

/// <summary>
/// The last messages of a shard that this process has appended, so that a subscription here that keeps up need not ask the server for what was just
/// sent to it. It has no gaps: what others append in between empties it. Safe for use from many threads.
/// </summary>
internal sealed class Tail
{
    private const int MaxMessages = 512, MaxBytes = 256 << 10;

    private readonly Lock _lock = new();
    private LogEntry[] _entries = []; // By position, modulo the length.
    private long _first = 1, _last, _bytes;

    /// <summary>Adds what was committed, in its order. The bytes are copied, since they are the publishers' again.</summary>
    public void Add(long firstPosition, DateTimeOffset at, IReadOnlyList<(ReadOnlyMemory<byte> Key, Message Message)> messages)
    {
        int size = 0;
        foreach (var (key, message) in messages)
            size += key.Length + message.Bytes.Length;
        if (messages.Count > MaxMessages || size > MaxBytes)
        {
            Clear();
            return;
        }
        var page = new byte[size];
        lock (_lock)
        {
            if (_entries.Length == 0)
                _entries = new LogEntry[MaxMessages];
            if (firstPosition != _last + 1)
                Forget(_last, firstPosition);
            long position = firstPosition;
            int used = 0;
            foreach (var (key, message) in messages)
            {
                var copy = page.AsMemory(used, key.Length + message.Bytes.Length);
                used += copy.Length;
                key.CopyTo(copy);
                message.Bytes.CopyTo(copy[key.Length..]);
                if (position - _first == MaxMessages)
                    Forget(_first, _first + 1);
                _entries[position % MaxMessages] = new(position, at, new Message(copy[key.Length..]), copy[..key.Length]);
                _bytes += copy.Length;
                _last = position++;
            }
            while (_bytes > MaxBytes)
                Forget(_first, _first + 1);
        }
    }

    /// <summary>Reads the messages in (<paramref name="after"/>, <paramref name="head"/>]; 0 when the first of them is not here.</summary>
    public int Read(long after, long head, Span<LogEntry> into)
    {
        lock (_lock)
        {
            if (after + 1 < _first || after >= _last)
                return 0;
            int count = (int)Math.Min(into.Length, Math.Min(head, _last) - after);
            for (int i = 0; i < count; i++)
                into[i] = _entries[(after + 1 + i) % MaxMessages];
            return count;
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        lock (_lock)
            Forget(_last, _last + 1);
    }

    // Forgets up to a position, and goes on from the next.
    private void Forget(long upTo, long next)
    {
        for (; _first <= upTo; _first++)
        {
            ref var entry = ref _entries[_first % MaxMessages];
            _bytes -= entry.Key.Length + entry.Message.Bytes.Length;
            entry = default;
        }
        _first = next;
        if (_last < next - 1)
            _last = next - 1;
    }
}
