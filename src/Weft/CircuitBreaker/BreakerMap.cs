using System.Collections.Concurrent;
using Weft.Options;

namespace Weft.CircuitBreaker;

/// <summary>
/// A breaker for each key, such as an instance or a tenant, in bounded room: those not used for a time go, and when it is full those used longest ago. One that is not
/// closed never goes, for it would be forgotten that it rejects; a new key for which there is no room gets a breaker that lets everything pass.
/// For many threads at once; finding a key takes no lock.
/// </summary>
internal sealed class BreakerMap<TKey>(Func<TKey, Breaker> create, TimeProvider time, int capacity = BreakerMap<TKey>.DefaultCapacity, TimeSpan? idle = null)
    where TKey : notnull
{
    public const int DefaultCapacity = 10_000;

    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();
    private readonly Lock _making = new();
    private readonly Breaker _overflow = new(CircuitBreakerOptions.Off, time);
    private readonly long _idle = Math.Max(1, (long)((idle ?? TimeSpan.FromMinutes(10)).TotalSeconds * time.TimestampFrequency));
    private long _swept = time.GetTimestamp();
    private bool _futile;
    private int _count;

    /// <summary>How many keys have a breaker.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How often a key found no room.</summary>
    public long Overflows { get; private set; }

    /// <summary>All breakers there are now.</summary>
    public IEnumerable<KeyValuePair<TKey, Breaker>> All => _entries.Select(e => KeyValuePair.Create(e.Key, e.Value.Breaker));

    /// <summary>The breaker of a key, made when there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="now">A timestamp of the clock.</param>
    public Breaker Get(TKey key, long now)
    {
        if (!_entries.TryGetValue(key, out var entry))
            return Make(key, now);
        // Written seldom: the entry of a busy key is read by all processors.
        if (now - Volatile.Read(ref entry.Used) > _idle / 256)
            Volatile.Write(ref entry.Used, now);
        return entry.Breaker;
    }

    /// <summary>The breaker of a key, if there is one; does not count as use.</summary>
    public Breaker? Find(TKey key) => _entries.TryGetValue(key, out var entry) ? entry.Breaker : null;

    private Breaker Make(TKey key, long now)
    {
        lock (_making)
        {
            if (_entries.TryGetValue(key, out var there))
                return there.Breaker;
            if (now - _swept > _idle / 4 || (_count >= capacity && (!_futile || now - _swept > _idle / 256)))
                Sweep(now);
            if (_count >= capacity)
            {
                Overflows++;
                return _overflow;
            }
            var entry = new Entry(create(key), now);
            _entries[key] = entry;
            _count++;
            return entry.Breaker;
        }
    }

    /// <summary>Removes what is idle, and a twentieth more than must be when it is full, so that a full map is not searched for each new key.</summary>
    private void Sweep(long now)
    {
        _swept = now;
        var closed = _entries.Where(e => e.Value.Breaker.IsClosed).Select(e => (e.Key, e.Value, Used: Volatile.Read(ref e.Value.Used))).ToList();
        var surplus = _count < capacity ? 0 : _count - capacity + 1 + capacity / 20;
        closed.Sort((a, b) => a.Used.CompareTo(b.Used));
        for (var i = 0; i < closed.Count && (i < surplus || now - closed[i].Used > _idle); i++)
        {
            var (key, entry, _) = closed[i];
            // A call that was under way may have opened it since: then it stays.
            if (_entries.TryRemove(key, out _) && (entry.Breaker.IsClosed || !_entries.TryAdd(key, entry)))
                _count--;
        }
        _futile = _count >= capacity;
    }

    private sealed class Entry(Breaker breaker, long used)
    {
        public readonly Breaker Breaker = breaker;

        public long Used = used;
    }
}
