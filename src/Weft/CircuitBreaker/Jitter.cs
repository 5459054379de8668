namespace Weft.CircuitBreaker;

/// <summary>Chance for many threads without a lock, repeatable from its seed: SplitMix64 (Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014).</summary>
internal sealed class Jitter(Random? chance)
{
    private long _state = (chance ?? new Random()).NextInt64();

    /// <summary>At least 0 and below 1.</summary>
    public double Next()
    {
        var z = (ulong)Interlocked.Add(ref _state, unchecked((long)0x9E3779B97F4A7C15));
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
