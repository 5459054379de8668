using Weft.Options;

namespace Weft.CircuitBreaker;

/// <summary>
/// The breakers of a strategy in the hands of an operator or an admin page: read them, force them, close them, give them other options. A pipeline that is built again
/// with the same handle takes over its breakers as they are. Usable once the pipeline is built; for many threads at once.
/// </summary>
public sealed class CircuitBreakerHandle
{
    private readonly Lock _attaching = new();
    private volatile BreakerSet? _set;

    /// <summary>Whether a pipeline was built with it.</summary>
    public bool IsAttached => _set is not null;

    /// <summary>The keys that have a breaker of their own, with its status, in no order.</summary>
    /// <exception cref="InvalidOperationException">No pipeline was built with it.</exception>
    public IReadOnlyList<KeyValuePair<string, BreakerStatus>> Partitions()
    {
        var now = Set.Time.GetTimestamp();
        return [.. Set.Partitions.All.Select(p => KeyValuePair.Create(p.Key, p.Value.Status(now)))];
    }

    /// <summary>What a breaker is like now.</summary>
    /// <param name="partition">Its key; null for the one without a key.</param>
    /// <returns>Null when no call had this key, or it was forgotten because it was idle, which only happens to closed ones.</returns>
    /// <exception cref="InvalidOperationException">No pipeline was built with it.</exception>
    public BreakerStatus? Status(string? partition = null) => Find(partition)?.Status(Set.Time.GetTimestamp());

    /// <summary>Puts a mode above that of the options, for all breakers, also those that come to be. What they would do by their own counting rests meanwhile.</summary>
    /// <param name="mode">The mode; null gives back to the options: each goes on where it was.</param>
    /// <exception cref="InvalidOperationException">No pipeline was built with it.</exception>
    public void Force(CircuitBreakerMode? mode) => Set.Force(mode);

    /// <summary>Puts a mode above that of the options for one key.</summary>
    /// <param name="mode">The mode; null gives back to the options.</param>
    /// <param name="partition">The key; null for the breaker without a key.</param>
    /// <returns>False when the key has no breaker.</returns>
    /// <exception cref="InvalidOperationException">No pipeline was built with it.</exception>
    public bool Force(CircuitBreakerMode? mode, string? partition)
    {
        var breaker = Find(partition);
        breaker?.Force(mode);
        return breaker is not null;
    }

    /// <summary>Closes all breakers and forgets their failures and openings. A mode that was forced stays.</summary>
    /// <exception cref="InvalidOperationException">No pipeline was built with it.</exception>
    public void Reset() => Set.Reset(Set.Time.GetTimestamp());

    /// <summary>
    /// Takes other options and keeps the states: what is open stays open as long as it was going to, new limits hold from the next outcome, the mode at once.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">The options make no sense; the text says which value, what is allowed and what to do.</exception>
    /// <exception cref="InvalidOperationException">No pipeline was built with it.</exception>
    public void Apply(CircuitBreakerOptions options)
    {
        BreakerOptionsCheck.ThrowIfInvalid(options, nameof(options));
        Set.Apply(options);
    }

    /// <summary>Joins a strategy that is being built; the second one takes over what the first has.</summary>
    internal BreakerSet Attach(CircuitBreakerOptions options, TimeProvider time, Random? chance)
    {
        lock (_attaching)
        {
            if (_set is not { } set)
                return _set = new BreakerSet(options, time, chance);
            if (set.Time != time)
                throw new InvalidOperationException("The handle belongs to a pipeline with another TimeProvider. Use a handle for each, or the same TimeProvider.");
            set.Apply(options);
            return set;
        }
    }

    private BreakerSet Set => _set ?? throw new InvalidOperationException("No pipeline was built with this handle: set WeftCircuitBreakerStrategyOptions.Handle and build the pipeline first.");

    private Breaker? Find(string? partition) => partition is null ? Set.Shared : Set.Partitions.Find(partition);
}
