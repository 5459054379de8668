namespace Weft.ServiceRegistry.Health;

/// <summary>Whether an instance is called, and why not.</summary>
internal enum InstanceState
{
    /// <summary>It gets its share of the calls.</summary>
    Ready,

    /// <summary>It came back or joined, and gets a share that grows.</summary>
    Warming,

    /// <summary>Its breaker is open.</summary>
    Open,

    /// <summary>It was taken out because its calls failed.</summary>
    Ejected,

    /// <summary>It answers badly when it is asked how it is.</summary>
    FailingProbes,

    /// <summary>It leaves: calls under way finish.</summary>
    Draining,
}

/// <summary>How an instance stands, for people.</summary>
/// <param name="State">Its state.</param>
/// <param name="Why">What led to it; null when nothing needs saying.</param>
/// <param name="ReturnsIn">When that ends by itself; null when it does not, or nobody knows.</param>
internal readonly record struct InstanceStatus(InstanceState State, string? Why = null, TimeSpan? ReturnsIn = null)
{
    /// <summary>The word for it.</summary>
    public string Word => State switch
    {
        InstanceState.Ready => "ready",
        InstanceState.Warming => "warming",
        InstanceState.Open => "open",
        InstanceState.Ejected => "ejected",
        InstanceState.FailingProbes => "failing-probes",
        _ => "draining",
    };
}
