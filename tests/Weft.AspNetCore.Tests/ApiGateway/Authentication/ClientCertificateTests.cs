using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Weft.AspNetCore.ApiGateway.Authentication;
using Weft.AspNetCore.Tests.Rig;
using Weft.Options;

namespace Weft.AspNetCore.Tests.ApiGateway.Authentication;

/// <summary>Mutual TLS, over real connections.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-mtls").FullName;

    [Fact]
    public async Task Only_certificates_of_the_CA_that_are_named_open_a_route()
    {
        using var ca = Authority("CN=ca");
        using var strange = Authority("CN=ca");
        using var billing = Issue(ca, "CN=billing, O=Example", "billing.internal");
        using var other = Issue(ca, "CN=other", "other.internal");
        using var forged = Issue(strange, "CN=billing, O=Example", "billing.internal");
        using var server = Issue(ca, "CN=billing, O=Example", "billing.internal", "1.3.6.1.5.5.7.3.1");
        await using var gateway = await StartAsync(ca, new() { Names = ["billing.internal"] });

        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(gateway, billing));
        Assert.Equal("t.billing.internal", Assert.Single(gateway.Publisher.Published).Message.Type);
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(gateway, other));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(gateway, null, ("X-Client-Cert", Uri.EscapeDataString(billing.ExportCertificatePem()))));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => SendAsync(gateway, forged));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => SendAsync(gateway, server));
    }

    [Theory]
    [InlineData("CN=billing, O=Example", false, HttpStatusCode.Accepted)]
    [InlineData("CN=billing", false, HttpStatusCode.Unauthorized)]
    [InlineData(null, true, HttpStatusCode.Accepted)]
    [InlineData(null, false, HttpStatusCode.Accepted)]
    public async Task Subjects_and_thumbprints_are_compared_whole(string? subject, bool byThumbprint, HttpStatusCode status)
    {
        using var ca = Authority("CN=ca");
        using var billing = Issue(ca, "CN=billing, O=Example", "billing.internal");
        await using var gateway = await StartAsync(ca, new()
        {
            Subjects = subject is null ? [] : [subject],
            Thumbprints = byThumbprint ? [billing.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant()] : [],
        });
        Assert.Equal(status, await SendAsync(gateway, billing));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<GatewayHost> StartAsync(X509Certificate2 ca, ClientCertificateOptions options)
    {
        var file = Path.Combine(_folder, "ca.pem");
        await File.WriteAllTextAsync(file, ca.ExportCertificatePem());
        var tls = CallerCertificates.Ask(new() { Ca = file, Required = false }, new HttpsConnectionAdapterOptions { ServerCertificate = Issue(ca, "CN=localhost", "localhost", "1.3.6.1.5.5.7.3.1") }, "server.listen");
        return await GatewayHost.StartAsync(new()
        {
            Auth = OptionsMap.Create<AuthOptions>([new("machines", new() { ClientCertificate = options })]),
            Routes = OptionsMap.Create<RouteOptions>([new("hook", new() { Match = new() { Path = "/hook" }, Auth = "machines", Publish = new() { Topic = "t", Type = "t.{claims.names[0]}" } })]),
            Topics = OptionsMap.Create<TopicOptions>([new("t", new())]),
        }, tls: tls);
    }

    private static async Task<HttpStatusCode> SendAsync(GatewayHost gateway, X509Certificate2? certificate, params (string Name, string Value)[] headers)
    {
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new()
            {
                RemoteCertificateValidationCallback = (_, server, _, _) => server?.Issuer == "CN=ca",
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
            },
        };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Address, "/hook"));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-2), now.AddDays(30));
    }

    private static X509Certificate2 Issue(X509Certificate2 ca, string name, string dns, string use = "1.3.6.1.5.5.7.3.2")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dns);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.Create(ca, now.AddDays(-1), now.AddDays(20), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
