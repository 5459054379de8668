using System.Net;
using System.Text;

namespace Weft.ServiceRegistry;

/// <summary>Makes the HTTP client side of a service: a plain pipe that adds, follows, stores and unpacks nothing by itself.</summary>
internal static class ServiceTransport
{
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(60);

    /// <summary>A handler with its own connections. HTTP/2 where TLS agrees on it, otherwise HTTP/1.1.</summary>
    public static SocketsHttpHandler Create() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        // Trace headers are written by whoever calls, so that they are there with and without listeners.
        ActivityHeadersPropagator = null,
        ConnectTimeout = s_connect,
        // Names are resolved again when connections are renewed.
        PooledConnectionLifetime = s_lifetime,
        PooledConnectionIdleTimeout = s_idle,
        EnableMultipleHttp2Connections = true,
        MaxResponseHeadersLength = 128,
        // Field bytes pass unchanged in both directions.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
    };
}
