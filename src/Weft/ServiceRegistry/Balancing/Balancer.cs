using Weft.CircuitBreaker;
using Weft.Options;

namespace Weft.ServiceRegistry.Balancing;

/// <summary>A way to choose one of several instances. Allocates nothing; safe for use from many threads.</summary>
internal abstract class Balancer
{
    /// <summary>Chooses an instance.</summary>
    /// <param name="slice">Of which.</param>
    /// <param name="skip">Those that must not be chosen.</param>
    /// <param name="key">What the request asks for, hashed; null when it asks for nothing. Only consistent hashing looks at it.</param>
    /// <param name="now">A timestamp of the time provider.</param>
    /// <returns>Null when all are to be skipped.</returns>
    public abstract Instance? Choose(Slice slice, in InstanceSet skip, ulong? key, long now);

    /// <summary>The way that the options name.</summary>
    public static Balancer Of(BalanceOptions options, Jitter chance) => options switch
    {
        { ConsistentHash: not null } => new ConsistentHashBalancer(options.Bound, chance),
        { Algorithm: BalanceAlgorithm.LeastRequests } => new LeastRequestsBalancer(),
        { Algorithm: BalanceAlgorithm.RoundRobin } => new RoundRobinBalancer(),
        { Algorithm: BalanceAlgorithm.Random } => new RandomBalancer(chance),
        { Algorithm: BalanceAlgorithm.Latency } => new LatencyBalancer(chance),
        _ => new PowerOfTwoBalancer(chance),
    };
}
