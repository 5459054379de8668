using Weft.CircuitBreaker;

namespace Weft.ServiceRegistry.Balancing;

/// <summary>
/// Of two instances drawn by weight the one with less to do for its weight. Two are enough to keep the longest queue short (Mitzenmacher 1996), and many processes
/// that balance beside each other do not all run to the one that happens to be idle.
/// </summary>
internal sealed class PowerOfTwoBalancer(Jitter chance) : Balancer
{
    /// <inheritdoc/>
    public override Instance? Choose(Slice slice, in InstanceSet skip, ulong? key, long now)
    {
        var first = slice.Draw(chance, skip);
        if (first < 0)
            return null;
        var second = slice.Instances.Length == 1 ? -1 : slice.Draw(chance, skip, but: first);
        // The second must still be better off once it has the attempt: while nothing runs, the draw alone decides, and follows the weights.
        return slice.Instances[second >= 0 && Load(slice, second, 1) <= Load(slice, first, 0) ? second : first];
    }

    private static double Load(Slice slice, int place, int more) => (slice.Instances[place].InFlight + more) / slice.Weights[place];
}
