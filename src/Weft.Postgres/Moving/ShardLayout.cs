using Weft.Flows;

namespace Weft.Postgres.Moving;

/// <summary>
/// Where the messages of a topic with one order go in one with several shards: into the shard of their key, and there in the order that they had. Parked
/// messages that the log has no more come first, at positions that count as trimmed, since they carry their own copy and need a number only.
/// </summary>
internal sealed class ShardLayout(int shards)
{
    // Those without a key go around in such runs.
    private const int Run = 64;

    private readonly Dictionary<long, long> _places = [];
    private readonly long[] _heads = new long[shards], _trimmed = new long[shards];

    /// <summary>How many each shard has, those that count as trimmed included.</summary>
    public IReadOnlyList<long> Heads => _heads;

    /// <summary>How many of each shard count as trimmed.</summary>
    public IReadOnlyList<long> Trimmed => _trimmed;

    /// <summary>The shard of a message.</summary>
    public int ShardOf(ReadOnlySpan<byte> key, long position) =>
        key.IsEmpty ? (int)(position / Run % shards) : ShardPosition.Of(key, shards);

    /// <summary>Gives a message that the log has no more a place. All of these come before the others, in their order.</summary>
    public void AddTrimmed(ReadOnlySpan<byte> key, long position)
    {
        int shard = ShardOf(key, position);
        _places[position] = ShardPosition.Base(shard) + ++_heads[shard];
        _trimmed[shard] = _heads[shard];
    }

    /// <summary>Gives the next message a place.</summary>
    public (int Shard, long Number) Add(in LogEntry entry)
    {
        int shard = ShardOf(entry.Key.Span, entry.Position);
        _places[entry.Position] = ShardPosition.Base(shard) + ++_heads[shard];
        return (shard, _heads[shard]);
    }

    /// <summary>The new position of a message; null for one that is gone.</summary>
    public long? Find(long position) => _places.TryGetValue(position, out long place) ? place : null;

    /// <summary>A cursor, and up to where messages are under way, shard by shard.</summary>
    public IEnumerable<(int Shard, Cursor Cursor, long Mark)> Translate(Cursor cursor, long mark)
    {
        var trackers = Enumerable.Range(0, shards).Select(shard => new CursorTracker(new Cursor(0, default))).ToArray();
        long[] marks = new long[shards];
        // In the order of the old positions, which is that of the new ones within each shard.
        foreach (var (old, place) in _places.OrderBy(p => p.Value))
        {
            int shard = ShardPosition.Shard(place);
            long number = place - ShardPosition.Base(shard);
            if (number <= _trimmed[shard] || cursor.Contains(old))
                trackers[shard].Settle(number);
            if (old <= mark)
                marks[shard] = Math.Max(marks[shard], place);
        }
        return trackers.Select((tracker, shard) => (shard, tracker.ToCursor(), marks[shard]));
    }
}
