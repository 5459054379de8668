using Weft.Options;

namespace Weft.CircuitBreaker;

/// <summary>The breakers of one strategy: the one without a key and those of the keys, under the same options and the same hand of an operator.</summary>
internal sealed class BreakerSet
{
    private readonly Lock _changing = new();
    private readonly Random? _chance;
    private volatile CircuitBreakerOptions _options;
    private CircuitBreakerMode? _forced;

    public BreakerSet(CircuitBreakerOptions options, TimeProvider time, Random? chance)
    {
        _options = options;
        _chance = chance;
        Time = time;
        Shared = new Breaker(options, time, chance, new Listener(this, null));
        Partitions = new BreakerMap<string>(Make, time);
    }

    public TimeProvider Time { get; }

    /// <summary>The breaker of calls without a key.</summary>
    public Breaker Shared { get; }

    public BreakerMap<string> Partitions { get; }

    /// <summary>Who hears of changes; may be replaced.</summary>
    public Action<BreakerTransition>? Changed { get; set; }

    public void Apply(CircuitBreakerOptions options)
    {
        lock (_changing)
        {
            _options = options;
            foreach (var breaker in All)
                breaker.Apply(options);
        }
    }

    public void Force(CircuitBreakerMode? mode)
    {
        lock (_changing)
        {
            _forced = mode;
            foreach (var breaker in All)
                breaker.Force(mode);
        }
    }

    public void Reset(long now)
    {
        foreach (var breaker in All)
            breaker.Reset(now);
    }

    private IEnumerable<Breaker> All => Partitions.All.Select(p => p.Value).Prepend(Shared);

    private Breaker Make(string key)
    {
        var breaker = new Breaker(_options, Time, _chance, new Listener(this, key));
        breaker.Force(_forced);
        return breaker;
    }

    private sealed class Listener(BreakerSet set, string? partition) : IBreakerListener
    {
        public void OnTransition(in BreakerTransition transition) => set.Changed?.Invoke(transition with { Partition = partition });
    }
}
