namespace Weft.Options;

/// <summary>How it is found that an instance cannot be called. Breakers are part of the policy and work in any case.</summary>
public sealed record HealthOptions
{
    /// <summary>Requests that ask each instance how it is; null, the default, for none.</summary>
    public ActiveHealthOptions? Active { get; init; }

    /// <summary>What the calls themselves say; null, the default, for nothing.</summary>
    public OutlierOptions? Outlier { get; init; }
}

/// <summary>Asks instances how they are: a <c>GET</c> that is answered with a status of 200 to 299 in time says well.</summary>
public sealed record ActiveHealthOptions
{
    /// <summary>What is asked, below the base address of the instance; it begins with <c>/</c>. Default <c>/healthz</c>.</summary>
    public string Path { get; init; } = "/healthz";

    /// <summary>How often each instance is asked; up to a tenth sooner or later, so that askers do not come all at once. 100 ms to 1 h, default 5 s.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>An answer that takes longer says not well. 10 ms to 10 min and not longer than <see cref="Every"/>, default 1 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After so many good answers in a row an instance that was out is used again. 1 to 100, default 2.</summary>
    public int Up { get; init; } = 2;

    /// <summary>After so many bad ones in a row it is out. 1 to 100, default 3.</summary>
    public int Down { get; init; } = 3;
}

/// <summary>Takes an instance out for a time whose answers to calls are failures: 5xx but 501 and 505, 408, no answer in time, a connection that failed or broke.</summary>
public sealed record OutlierOptions
{
    /// <summary>Failures in a row after which it is out. 1 to 10000, default 5.</summary>
    public int Consecutive5xx { get; init; } = 5;

    /// <summary>
    /// For how long, the first time. Each time more adds as much, up to 300 s or this when that is longer; each such time in which it stays in takes one off again.
    /// 100 ms to 1 h, default 30 s.
    /// </summary>
    public TimeSpan Eject { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest share of the instances that may be out at once. Above 0 to 1, default 0.5. One of several always may.</summary>
    public double MaxEjected { get; init; } = 0.5;
}
