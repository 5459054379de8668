using System.Net;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>Asks an issuer for its keys (OpenID Connect Discovery 1.0, section 4).</summary>
internal static class KeySetClient
{
    private const int MaxBytes = 1 << 20;

    /// <summary>A client that follows nobody elsewhere and keeps nothing.</summary>
    public static HttpMessageInvoker Create() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(3),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = 64,
        ActivityHeadersPropagator = null,
    });

    /// <summary>The keys of an issuer.</summary>
    /// <exception cref="FormatException">What it answers makes no sense, or names no key that can be used.</exception>
    /// <exception cref="HttpRequestException">It cannot be reached, or does not answer 200.</exception>
    public static async Task<VerificationKey[]> ReadAsync(HttpMessageInvoker http, string issuer, CancellationToken cancellation)
    {
        var about = await GetAsync(http, new Uri(issuer.TrimEnd('/') + "/.well-known/openid-configuration"), cancellation).ConfigureAwait(false);
        if (!StrictJson.TryRead(about, out var document))
            throw new FormatException("The issuer's openid-configuration is no JSON object.");
        using (document)
        {
            // Otherwise one issuer could speak for another (section 4.3).
            if (StrictJson.Text(document.RootElement, "issuer") != issuer)
                throw new FormatException($"The issuer's openid-configuration is of another issuer; it must name exactly {issuer}.");
            if (!Uri.TryCreate(StrictJson.Text(document.RootElement, "jwks_uri"), UriKind.Absolute, out var address)
                || address.Scheme != "https" && !(address.Scheme == "http" && address.IsLoopback && issuer.StartsWith("http:", StringComparison.Ordinal)))
                throw new FormatException("The issuer's openid-configuration has no jwks_uri with https.");
            var keys = KeySetReader.Read(await GetAsync(http, address, cancellation).ConfigureAwait(false));
            return keys.Length > 0 ? keys : throw new FormatException("The issuer has no key that can verify: taken are RSA keys of 2048 to 8192 bits and the curves P-256, P-384 and P-521.");
        }
    }

    private static async Task<byte[]> GetAsync(HttpMessageInvoker http, Uri address, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Accept = { new("application/json") } } };
        using var response = await http.SendAsync(request, cancellation).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK)
            throw new HttpRequestException($"{address} answers {(int)response.StatusCode}.");
        await response.Content.LoadIntoBufferAsync(MaxBytes, cancellation).ConfigureAwait(false);
        return await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
    }
}
