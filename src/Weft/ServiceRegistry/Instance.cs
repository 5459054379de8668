using Weft.CircuitBreaker;
using Weft.Http1;

namespace Weft.ServiceRegistry;

/// <summary>One address of a service. Safe for use from many threads.</summary>
internal sealed class Instance
{
    private long _inFlight, _attempts, _failures;

    /// <param name="id">For logs and metrics: host and port.</param>
    /// <param name="baseAddress"><c>http</c> or <c>https</c>; its path is put before the path of every call.</param>
    /// <param name="breaker">Its circuit breaker.</param>
    public Instance(string id, Uri baseAddress, Breaker breaker)
    {
        (Id, BaseAddress, Breaker) = (id, baseAddress, breaker);
        Prefix = baseAddress.GetLeftPart(UriPartial.Authority) + baseAddress.AbsolutePath.TrimEnd('/');
        HttpVersion = baseAddress.Scheme == Uri.UriSchemeHttps ? System.Net.HttpVersion.Version20 : System.Net.HttpVersion.Version11;
    }

    /// <summary>For logs and metrics: host and port.</summary>
    public string Id { get; }

    /// <summary>As it was given.</summary>
    public Uri BaseAddress { get; }

    /// <summary>Leaves it alone after failures.</summary>
    public Breaker Breaker { get; }

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
