using Weft.CircuitBreaker;

namespace Weft.ServiceRegistry.Balancing;

/// <summary>Of two instances drawn by weight the one that is likely to answer first: see <see cref="PeakLatency"/>.</summary>
internal sealed class LatencyBalancer(Jitter chance) : Balancer
{
    /// <inheritdoc/>
    public override Instance? Choose(Slice slice, in InstanceSet skip, ulong? key, long now)
    {
        var first = slice.Draw(chance, skip);
        if (first < 0)
            return null;
        var second = slice.Instances.Length == 1 ? -1 : slice.Draw(chance, skip, but: first);
        return slice.Instances[second >= 0 && Cost(slice, second, now) < Cost(slice, first, now) ? second : first];
    }

    private static double Cost(Slice slice, int place, long now) => slice.Instances[place].Latency.Cost(slice.Instances[place].InFlight, now);
}
