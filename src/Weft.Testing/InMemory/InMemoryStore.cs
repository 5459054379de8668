using Weft.Flows;

namespace Weft.Testing;

/// <summary>What survives a crash of <see cref="InMemoryMessageLog"/>. Guarded by <see cref="Gate"/>.</summary>
internal sealed class InMemoryStore
{
    // So many changes are kept to be taken back; an operating system writes by itself before it has more.
    private const int MostUnsynced = 4096;

    private readonly Stack<Action> _unsynced = new();

    public Lock Gate { get; } = new();

    /// <summary>Called after each change, outside the lock.</summary>
    public event Action? Changed;

    public SortedDictionary<string, StoredSubscription> Subscriptions { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, ScheduledMessage> Scheduled { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, byte[]> Checkpoints { get; } = new(StringComparer.Ordinal);

    private readonly Dictionary<string, StoredTopic> _topics = [];

    public IEnumerable<StoredTopic> Topics => _topics.Values;

    /// <summary>Something is about to change that a loss of power takes back. Call it under the lock.</summary>
    public void KeepUndo(Action undo)
    {
        if (_unsynced.Count == MostUnsynced)
            _unsynced.Clear();
        _unsynced.Push(undo);
    }

    /// <summary>Everything so far survives a loss of power. Call it under the lock.</summary>
    public void Sync() => _unsynced.Clear();

    /// <summary>Takes back what was not synced. Call it under the lock.</summary>
    public void LosePower()
    {
        while (_unsynced.TryPop(out var undo))
            undo();
    }

    public void SayChanged() => Changed?.Invoke();

    public StoredTopic GetTopic(string name)
    {
        if (!_topics.TryGetValue(name, out var topic))
            _topics.Add(name, topic = new(name));
        return topic;
    }

    public IReadOnlyList<ScheduledMessage> Query(ScheduledQuery query) =>
        [.. Scheduled.Values
            .Where(m => (query.DueBefore is not { } due || m.Due <= due) && (query.Token is null || m.Token == query.Token) && (query.Topic is null || m.Topic == query.Topic))
            .OrderBy(m => m.Due).ThenBy(m => m.Token, StringComparer.Ordinal)
            .Take(query.Limit)];
}

/// <summary>The messages of a topic.</summary>
internal sealed class StoredTopic(string name)
{
    private readonly List<LogEntry> _entries = [];
    private readonly Dictionary<string, (long Position, DateTimeOffset Until)> _seen = new(StringComparer.Ordinal);
    private long _trimmed;

    public string Name { get; } = name;

    public long Head => _trimmed + _entries.Count;

    public void Append(LogEntry entry) => _entries.Add(entry);

    /// <summary>The position of a message of that identity that is still remembered; 0 when there is none.</summary>
    public long FindSeen(Once once, DateTimeOffset now) =>
        _seen.TryGetValue(Convert.ToHexString(once.Identity.Span), out var seen) && seen.Until > now ? seen.Position : 0;

    public void Remember(Once once, long position, DateTimeOffset now) => _seen[Convert.ToHexString(once.Identity.Span)] = (position, now + once.Window);

    public IReadOnlyList<LogEntry> Entries => _entries;

    public int Read(long after, Span<LogEntry> into)
    {
        int from = (int)(Math.Clamp(after, _trimmed, Head) - _trimmed);
        int count = Math.Min(into.Length, _entries.Count - from);
        _entries.GetRange(from, count).CopyTo(into);
        return count;
    }

    public long FindStart(SubscriptionStart start)
    {
        int index = start.At is { } at ? _entries.FindIndex(e => e.AppendedAt >= at) : -1;
        return index < 0 ? Head : _trimmed + index;
    }

    public long Trim(DateTimeOffset before, long upTo, DateTimeOffset now)
    {
        foreach (var (identity, _) in _seen.Where(s => s.Value.Until <= now).ToArray())
            _seen.Remove(identity);
        int count = 0;
        while (count < _entries.Count && _entries[count].Position <= upTo && _entries[count].AppendedAt < before)
            count++;
        _entries.RemoveRange(0, count);
        _trimmed += count;
        return count;
    }
}

/// <summary>The progress of a subscription, and what it has parked.</summary>
internal sealed class StoredSubscription(string name, StoredTopic topic, long low, DateTimeOffset now)
{
    private readonly SortedDictionary<long, ParkedMessage> _parked = [];

    public string Name { get; } = name;

    public StoredTopic Topic { get; } = topic;

    public CursorTracker Progress { get; set; } = new(new Cursor(low, default));

    public DateTimeOffset UpdatedAt { get; set; } = now;

    /// <summary>Up to where messages may be worked on; 0 for nowhere.</summary>
    public long Mark { get; set; }

    /// <summary>Who has it open; null for nobody.</summary>
    public InMemorySubscription? Reader { get; set; }

    /// <summary>What takes a change at a position back.</summary>
    public Action UndoAt(long position)
    {
        var (cursor, row, mark, updated) = (Progress.ToCursor(), _parked.GetValueOrDefault(position), Mark, UpdatedAt);
        return () =>
        {
            (Progress, Mark, UpdatedAt) = (new(cursor), mark, updated);
            if (row is null)
                _parked.Remove(position);
            else
                _parked[position] = row;
        };
    }

    public void Park(ParkedMessage message) => _parked[message.Position] = message;

    public void Unpark(long position) => _parked.Remove(position);

    public SubscriptionInfo ToInfo() =>
        new(Name, Topic.Name, Progress.Low, Topic.Head, Count(ParkedState.Retry), Count(ParkedState.Behind), Count(ParkedState.Dead), UpdatedAt);

    public IReadOnlyList<ParkedMessage> Query(ParkedQuery query)
    {
        var found = _parked.Values.Where(m => m.State == query.State && m.Position > query.After && m.Position <= query.UpTo);
        if (query.Key is { } key)
            found = found.Where(m => m.Key.Span.SequenceEqual(key.Span));
        if (query.State == ParkedState.Retry)
            found = found.Where(m => query.DueBefore is not { } due || m.Due <= due).OrderBy(m => m.Due).ThenBy(m => m.Position);
        return [.. found.Take(query.Limit)];
    }

    public long PurgeDead(DateTimeOffset before)
    {
        var old = _parked.Values.Where(m => m.State == ParkedState.Dead && m.LastAt < before).Select(m => m.Position).ToArray();
        foreach (long position in old)
            _parked.Remove(position);
        return old.Length;
    }

    public IReadOnlyList<ParkedKey> ParkedKeys() =>
        [.. _parked.Values.Where(m => m.State != ParkedState.Dead && !m.Key.IsEmpty)
            .GroupBy(m => Convert.ToHexString(m.Key.Span))
            .Select(g => new ParkedKey(
                g.First().Key,
                g.FirstOrDefault(m => m.State == ParkedState.Retry)?.Position ?? 0,
                g.Count(m => m.State == ParkedState.Behind)))];

    public StoredWork ToWork(ParkedState state)
    {
        var retries = _parked.Values.Where(m => m.State == ParkedState.Retry).Select(m => m.Due);
        var dead = _parked.Values.Where(m => m.State == ParkedState.Dead).Select(m => Convert.ToHexString(m.Key.Span)).ToHashSet();
        var released = ParkedKeys().Where(k => k is { Retry: 0, Behind: > 0 }).ToArray();
        return new(
            Topic.Head - Progress.Low,
            retries.DefaultIfEmpty(DateTimeOffset.MaxValue).Min(),
            released.Length,
            released.Count(k => dead.Contains(Convert.ToHexString(k.Key.Span))),
            [.. _parked.Values.Where(m => m.State == state)]);
    }

    private long Count(ParkedState state) => _parked.Values.Count(m => m.State == state);
}
