namespace Weft.CircuitBreaker;

/// <summary>
/// Calls, failures and slow calls of the last window, in ten buckets. Each counter is one word, the number of its bucket above and the count below, so that adding
/// to a bucket and beginning a new one are the same step, without a lock and without an allocation.
/// </summary>
internal sealed class CallWindow(long width, long origin)
{
    public const int Buckets = 10;

    private readonly long[] _calls = new long[Buckets], _failures = new long[Buckets], _slow = new long[Buckets];

    /// <summary>The width of a bucket, in ticks.</summary>
    public long Width => width;

    /// <summary>Adds a call that ended.</summary>
    public void Add(bool failed, bool slow, long now)
    {
        var bucket = Bucket(now);
        Increment(_calls, bucket);
        if (failed)
            Increment(_failures, bucket);
        if (slow)
            Increment(_slow, bucket);
    }

    /// <summary>What the window holds.</summary>
    public (long Calls, long Failures, long Slow) Sums(long now)
    {
        var bucket = Bucket(now);
        return (Sum(_calls, bucket), Sum(_failures, bucket), Sum(_slow, bucket));
    }

    /// <summary>From 1, so that a word of 0 belongs to no bucket. A thread that read the clock before the window began counts to the first one.</summary>
    private uint Bucket(long now) => (uint)(Math.Max(0, now - origin) / width + 1);

    private static void Increment(long[] counters, uint bucket)
    {
        ref var counter = ref counters[bucket % Buckets];
        var seen = Volatile.Read(ref counter);
        while (true)
        {
            var age = (int)(bucket - (uint)(seen >> 32));
            if (age < 0)
                return; // This thread was held up for a whole window: its call is no longer in it.
            var next = age == 0 ? seen + 1 : ((long)bucket << 32) | 1;
            var found = Interlocked.CompareExchange(ref counter, next, seen);
            if (found == seen)
                return;
            seen = found;
        }
    }

    private static long Sum(long[] counters, uint bucket)
    {
        long sum = 0;
        for (var i = 0; i < counters.Length; i++)
        {
            var counter = Volatile.Read(ref counters[i]);
            if (bucket - (uint)(counter >> 32) < Buckets)
                sum += (uint)counter;
        }
        return sum;
    }
}
