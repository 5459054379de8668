using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Weft.AspNetCore.ApiGateway.Authentication;
using Weft.AspNetCore.Endpoints;
using Weft.Options;
using KestrelListenOptions = Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions;
using ListenOptions = Weft.Options.ListenOptions;

namespace Weft.Server.Hosting;

/// <summary>The addresses of the process. After the start each says the port it really has.</summary>
internal sealed class Addresses
{
    private readonly List<(ListenerKind Kind, Uri Asked, KestrelListenOptions Bound)> _all = [];

    /// <summary>Every address, as a URL with the port in use.</summary>
    public IEnumerable<(ListenerKind Kind, string Url)> All => _all.Select(a => (a.Kind, UrlOf(a.Asked, a.Bound)));

    /// <summary>Has the server listen on everything that <paramref name="options"/> name.</summary>
    /// <exception cref="WeftConfigurationException">An address or certificate cannot be used.</exception>
    public void Listen(KestrelServerOptions server, ServerOptions options)
    {
        foreach (var listen in options.Listen)
            Add(server, ListenerKind.Public, listen, "server.listen");
        if (options.Probes is { } probes)
            Add(server, ListenerKind.Probes, new() { Url = probes }, "server.probes");
        if (options.Admin is { } admin)
            Add(server, ListenerKind.Admin, admin.Listen, "server.admin.listen");
    }

    private void Add(KestrelServerOptions server, ListenerKind kind, ListenOptions listen, string place)
    {
        if (!Uri.TryCreate(listen.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw new WeftConfigurationException($"{place} is '{listen.Url}'; allowed is http://HOST:PORT or https://HOST:PORT.");
        var certificate = url.Scheme == "https" ? Certificate(listen, place) : null;

        server.Listen(new IPEndPoint(AddressOf(url, place), url.Port), bound =>
        {
            _all.Add((kind, url, bound));
            Listener.Mark(bound, kind);
            if (certificate is not null)
                bound.UseHttps(certificate);
        });
    }

    private static IPAddress AddressOf(Uri url, string place) => url.Host switch
    {
        "localhost" => IPAddress.Loopback,
        _ when IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) => address,
        _ => throw new WeftConfigurationException($"{place} is '{url.OriginalString}'; the host must be localhost or an IP address of this machine, such as 0.0.0.0 for all of them."),
    };

    private static HttpsConnectionAdapterOptions Certificate(ListenOptions listen, string place)
    {
        string file = listen.Certificate
            ?? throw new WeftConfigurationException($"{place} is '{listen.Url}' and has no certificate. Write {{ url: {listen.Url}, certificate: FILE }}.");
        try
        {
            bool isPem = File.ReadAllText(file).Contains("-----BEGIN", StringComparison.Ordinal);
            var chain = new X509Certificate2Collection();
            if (isPem)
                chain.ImportFromPemFile(file);
            return CallerCertificates.Ask(listen.ClientCertificates,
                new() { ServerCertificate = isPem ? LoadPem(file, listen.Key) : X509CertificateLoader.LoadPkcs12FromFile(file, null), ServerCertificateChain = chain }, place);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new WeftConfigurationException($"{place}: the certificate {file} cannot be used: {e.Message} Allowed are PEM (with the private key in it or in 'key') and PKCS #12 without a password.", e);
        }
    }

    private static X509Certificate2 LoadPem(string file, string? key)
    {
        var certificate = X509Certificate2.CreateFromPemFile(file, key);
        if (!OperatingSystem.IsWindows())
            return certificate;

        // TLS on Windows does not take a key that is only in memory.
        using (certificate)
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    private static string UrlOf(Uri asked, KestrelListenOptions bound)
    {
        string host = asked.HostNameType == UriHostNameType.IPv6 ? $"[{asked.Host.Trim('[', ']')}]" : asked.Host;
        return $"{asked.Scheme}://{host}:{bound.IPEndPoint?.Port ?? asked.Port}";
    }
}
