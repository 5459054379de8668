using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>Has a listener ask its callers for certificates (mutual TLS), and believe none but those that its own CA signed for clients.</summary>
internal static class CallerCertificates
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>Adds the asking to the TLS of a listener; nothing when <paramref name="options"/> are null.</summary>
    /// <exception cref="WeftConfigurationException">The CA cannot be read, or has no certificate in it.</exception>
    public static HttpsConnectionAdapterOptions Ask(CallerCertificateOptions? options, HttpsConnectionAdapterOptions tls, string place)
    {
        if (options is null)
            return tls;
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(options.Ca);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new WeftConfigurationException($"{place}.clientCertificates: the CA {options.Ca} cannot be read: {e.Message} Allowed is PEM.", e);
        }
        if (roots.Count == 0)
            throw new WeftConfigurationException($"{place}.clientCertificates: the CA {options.Ca} holds no certificate. Allowed is PEM.");
        tls.ClientCertificateMode = options.Required ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.AllowCertificate;
        tls.ClientCertificateValidation = (certificate, sent, _) => IsSigned(certificate, sent, roots);
        return tls;
    }

    private static bool IsSigned(X509Certificate2 certificate, X509Chain? sent, X509Certificate2Collection roots)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(roots);
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        if (sent is not null)
            policy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        return chain.Build(certificate);
    }
}
