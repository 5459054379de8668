namespace Weft.Options;

/// <summary>How an instance is chosen for an attempt, of those that can be called.</summary>
public sealed record BalanceOptions
{
    /// <summary>The way to choose. Default <see cref="BalanceAlgorithm.PowerOfTwo"/>. <see cref="ConsistentHash"/> takes its place.</summary>
    public BalanceAlgorithm Algorithm { get; init; }

    /// <summary>
    /// An expression over the request (<c>request path query headers claims vars</c>, not <c>body</c>): requests of one value go to one instance, as long as that is not
    /// beyond its <see cref="Bound"/>. Null, the default, for none. Calls that no request stands behind, and requests without a value, are spread by load.
    /// </summary>
    public string? ConsistentHash { get; init; }

    /// <summary>With <see cref="ConsistentHash"/>: how many times its fair share of the running attempts an instance may have. 1.05 to 100, default 1.25.</summary>
    public double Bound { get; init; } = 1.25;

    /// <summary>Where this process is: instances of the same zone are preferred. Null, the default, for that of the server.</summary>
    public string? Zone { get; init; }

    /// <summary>
    /// For how long the share of an instance grows that came back, or joined, from a tenth to what it should have. 0 s, the default, gives it all at once; at most 1 h.
    /// </summary>
    public TimeSpan SlowStart { get; init; }

    /// <summary>
    /// When a smaller share of the instances than this can be called, health checks and ejections are not heeded, and breakers only as long as one of them lets a call
    /// pass: then it is likely that something else is wrong. 0 to 1, default 0.5; 0 for never.
    /// </summary>
    public double PanicBelow { get; init; } = 0.5;
}

/// <summary>The ways to choose an instance. All follow the weights of the instances.</summary>
public enum BalanceAlgorithm
{
    /// <summary>Of two drawn at random the one with less to do (Mitzenmacher, The power of two choices in randomized load balancing, 1996).</summary>
    PowerOfTwo,

    /// <summary>The one with the least to do.</summary>
    LeastRequests,

    /// <summary>Each in turn; heavier ones more often, spread evenly.</summary>
    RoundRobin,

    /// <summary>Any.</summary>
    Random,

    /// <summary>Of two drawn at random the one that has answered faster lately, for what it has to do: the peak of its latency, which wears off, times its attempts.</summary>
    Latency,

    /// <summary>By a value of the request, which <see cref="BalanceOptions.ConsistentHash"/> names.</summary>
    ConsistentHash,
}
