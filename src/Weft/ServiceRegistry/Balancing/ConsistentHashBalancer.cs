using Weft.CircuitBreaker;

namespace Weft.ServiceRegistry.Balancing;

/// <summary>
/// Consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam, 2018): a key goes to its instance unless that has more than its share of what runs, then to
/// the next in the order of the key. The order is by rendezvous hashing (Thaler and Ravishankar 1998), with weights: when an instance leaves, only its keys move, evenly to all
/// others; when one joins, it only takes. There is no ring to be built, and no neighbour that gets all that does not fit.
/// </summary>
/// <param name="bound">How many times its share of the running attempts an instance may have.</param>
/// <param name="chance">For requests without a key.</param>
internal sealed class ConsistentHashBalancer(double bound, Jitter chance) : Balancer
{
    private readonly PowerOfTwoBalancer _keyless = new(chance);

    /// <inheritdoc/>
    public override Instance? Choose(Slice slice, in InstanceSet skip, ulong? key, long now)
    {
        if (key is not { } hash)
            return _keyless.Choose(slice, skip, null, now);
        var (instances, weights) = (slice.Instances, slice.Weights);
        // With the attempt that is being placed.
        var running = 1L;
        foreach (var instance in instances)
            running += instance.InFlight;
        var (each, best, first) = (bound * running / slice.Total, double.PositiveInfinity, double.PositiveInfinity);
        Instance? chosen = null, preferred = null;
        for (var i = 0; i < instances.Length; i++)
        {
            var instance = instances[i];
            if (skip.Contains(instance))
                continue;
            var score = Score(hash, instance.Hash, slice.IsEven ? 0 : weights[i]);
            if (score < first)
                (first, preferred) = (score, instance);
            if (score < best && instance.InFlight < Math.Ceiling(each * weights[i]))
                (best, chosen) = (score, instance);
        }
        // All that are not to be skipped are full, which those that are make possible: then the bound cannot hold.
        return chosen ?? preferred;
    }

    /// <summary>The lower, the sooner the key goes there: an exponentially distributed value, divided by the weight. With the same weights the order needs no logarithm.</summary>
    private static double Score(ulong key, ulong instance, double weight)
    {
        var drawn = ((KeyHash.Mix(key ^ instance) >> 11) + 0.5) * (1.0 / (1UL << 53));
        return weight == 0 ? -drawn : -Math.Log(drawn) / weight;
    }
}
