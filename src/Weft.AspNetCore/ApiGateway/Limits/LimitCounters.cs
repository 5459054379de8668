using System.Collections.Concurrent;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Limits;

/// <summary>
/// The counters of this process. Each value of a key has one while it counts anything; what is as if nothing had ever come is forgotten. A limit has at most
/// <see cref="MaxKeys"/> of them: further values share one, so that inventing keys gains nothing and takes no memory.
/// </summary>
internal sealed class LimitCounters(TimeProvider time) : ILimitCounters
{
    /// <summary>How many values of a key are counted apart.</summary>
    public const int MaxKeys = 200_000;

    private const int SweepEvery = 1 << 14;

    private readonly long _begun = time.GetTimestamp();
    private readonly ConcurrentDictionary<(string Name, LimitAlgorithm Algorithm), Table> _tables = new();

    /// <inheritdoc/>
    public ValueTask<LimitAnswer> TakeAsync(string name, LimitOptions options, ReadOnlySpan<char> key, CancellationToken cancellation)
    {
        var table = TableOf(name, options.Algorithm);
        long now = Now;
        while (true)
        {
            if (table.Of(key, now).TryTake(options, now, out var answer))
                return new(answer);
            // It was forgotten between being found and counted.
        }
    }

    /// <inheritdoc/>
    public void Release(string name, ReadOnlySpan<char> key)
    {
        if (TableOf(name, LimitAlgorithm.Concurrency).Find(key) is ConcurrencyCounter counter)
            counter.Release();
    }

    // In ticks of a time span, from a clock that is never set; a day on, so that everything before lies in the past.
    private long Now => time.GetElapsedTime(_begun).Ticks + (2 * TimeSpan.TicksPerDay);

    private Table TableOf(string name, LimitAlgorithm algorithm) =>
        _tables.TryGetValue((name, algorithm), out var table) ? table : _tables.GetOrAdd((name, algorithm), static k => new(k.Algorithm));

    private sealed class Table(LimitAlgorithm algorithm)
    {
        private readonly ConcurrentDictionary<string, LimitCounter> _counters = new(StringComparer.Ordinal);
        private readonly LimitCounter _shared = New(algorithm);
        private int _count, _added;

        public LimitCounter? Find(ReadOnlySpan<char> key) =>
            _counters.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out var counter) ? counter : Volatile.Read(ref _count) >= MaxKeys ? _shared : null;

        public LimitCounter Of(ReadOnlySpan<char> key, long now)
        {
            if (_counters.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out var counter))
                return counter;
            if (Interlocked.Increment(ref _added) % SweepEvery == 0 || Volatile.Read(ref _count) >= MaxKeys && _added % 256 == 0)
                Sweep(now);
            if (Volatile.Read(ref _count) >= MaxKeys)
                return _shared;
            var added = New(algorithm);
            var found = _counters.GetOrAdd(key.ToString(), added);
            if (found == added)
                Interlocked.Increment(ref _count);
            return found;
        }

        private void Sweep(long now)
        {
            foreach (var (key, counter) in _counters)
            {
                if (counter.TryForget(now) && _counters.TryRemove(KeyValuePair.Create(key, counter)))
                    Interlocked.Decrement(ref _count);
            }
        }

        private static LimitCounter New(LimitAlgorithm algorithm) => algorithm switch
        {
            LimitAlgorithm.SlidingWindow => new WindowCounter(),
            LimitAlgorithm.Concurrency => new ConcurrencyCounter(),
            _ => new BucketCounter(),
        };
    }
}

/// <summary>What one limit has counted for one value of its key. Safe for use from many threads.</summary>
internal abstract class LimitCounter
{
    /// <summary>Counts a request, or says why not. False when the counter was forgotten: another has its place.</summary>
    public abstract bool TryTake(LimitOptions options, long now, out LimitAnswer answer);

    /// <summary>True when it counts nothing that matters any more; from then on it takes nothing.</summary>
    public abstract bool TryForget(long now);
}
