using Weft.CircuitBreaker;

namespace Weft.ServiceRegistry.Balancing;

/// <summary>Any instance, as often as its weight says.</summary>
internal sealed class RandomBalancer(Jitter chance) : Balancer
{
    /// <inheritdoc/>
    public override Instance? Choose(Slice slice, in InstanceSet skip, ulong? key, long now) =>
        slice.Draw(chance, skip) is >= 0 and var place ? slice.Instances[place] : null;
}
