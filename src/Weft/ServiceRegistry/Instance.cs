using Weft.CircuitBreaker;
using Weft.Http1;
using Weft.ServiceRegistry.Balancing;
using Weft.ServiceRegistry.Health;

namespace Weft.ServiceRegistry;

/// <summary>One address of a service. Safe for use from many threads.</summary>
internal sealed class Instance
{
    /// <summary>The <see cref="WarmSince"/> of an instance that gets all its share.</summary>
    public const long AlwaysWarm = long.MinValue;

    // Long enough to outlast a burst, short enough to forget a bad minute.
    private static readonly TimeSpan s_latencyDecay = TimeSpan.FromSeconds(10);

    private long _inFlight, _attempts, _failures, _warmSince = AlwaysWarm;

    /// <param name="id">For logs and metrics: host and port.</param>
    /// <param name="baseAddress"><c>http</c> or <c>https</c>; its path is put before the path of every call.</param>
    /// <param name="breaker">Its circuit breaker.</param>
    /// <param name="time">The time provider.</param>
    public Instance(string id, Uri baseAddress, Breaker breaker, TimeProvider time)
    {
        (Id, BaseAddress, Breaker) = (id, baseAddress, breaker);
        Prefix = baseAddress.GetLeftPart(UriPartial.Authority) + baseAddress.AbsolutePath.TrimEnd('/');
        Hash = KeyHash.Of(Prefix);
        Latency = new PeakLatency((long)(s_latencyDecay.TotalSeconds * time.TimestampFrequency));
        HttpVersion = baseAddress.Scheme == Uri.UriSchemeHttps ? System.Net.HttpVersion.Version20 : System.Net.HttpVersion.Version11;
    }

    /// <summary>For logs and metrics: host and port.</summary>
    public string Id { get; }

    /// <summary>As it was given.</summary>
    public Uri BaseAddress { get; }

    /// <summary>Leaves it alone after failures.</summary>
    public Breaker Breaker { get; }

    /// <summary>What the calls to it have shown.</summary>
    public Ejection Ejection { get; } = new();

    /// <summary>What it answers when it is asked how it is.</summary>
    public ProbeState Probes { get; } = new();

    /// <summary>How fast it answers; recorded only where that decides.</summary>
    public PeakLatency Latency { get; }

    /// <summary>The same for the same address in every process.</summary>
    public ulong Hash { get; }

    /// <summary>Since when it gets a share that grows, a timestamp; <see cref="AlwaysWarm"/> for one that gets all of it.</summary>
    public long WarmSince
    {
        get => Volatile.Read(ref _warmSince);
        set => Volatile.Write(ref _warmSince, value);
    }

    /// <summary>What it has been given and not yet had in turns by weight. Belongs to whoever gives the turns.</summary>
    public double Turn { get; set; }

    /// <summary>Scheme, authority and base path without a slash at the end: what stands before the path of a call.</summary>
    public string Prefix { get; }

    /// <summary>The version to ask for; a server that speaks less is answered in 1.1.</summary>
    public Version HttpVersion { get; }

    /// <summary>Its plaintext HTTP/1.1 connections; null where only the transport of the service reaches it.</summary>
    public Http1Pool? Connections { get; init; }

    /// <summary>Attempts that run now.</summary>
    public long InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Attempts since the start.</summary>
    public long Attempts => Volatile.Read(ref _attempts);

    /// <summary>Attempts since the start that failed by the fault of the instance.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>An address for a path and query, which keep their bytes: escapes are neither added nor resolved.</summary>
    public Uri Address(string pathAndQuery) => new(Prefix + pathAndQuery, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    /// <summary>An attempt begins.</summary>
    public void Begin()
    {
        Interlocked.Increment(ref _inFlight);
        Interlocked.Increment(ref _attempts);
    }

    /// <summary>An attempt has its outcome.</summary>
    public void Count(bool failed)
    {
        if (failed)
            Interlocked.Increment(ref _failures);
    }

    /// <summary>It is no part of its service any more: connections close as soon as nothing runs on them.</summary>
    public void Leave() => Connections?.Dispose();

    /// <summary>An attempt has ended and its answer was used.</summary>
    public void End() => Interlocked.Decrement(ref _inFlight);
}
