using System.Formats.Asn1;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>Takes callers by the certificate of their own TLS connection, which the listener has checked. What headers say of certificates is not looked at.</summary>
internal sealed class CertificateAuthenticator(string name, ClientCertificateOptions options) : IAuthenticator
{
    private const string AlternativeName = "2.5.29.17";

    // One certificate object stands for one connection.
    private readonly ConditionalWeakTable<X509Certificate2, Judged> _known = new();

    public string Name => name;

    public string Sentence => "a client certificate";

    public string Challenge => "ClientCertificate";

    public ValueTask<Verdict> AuthenticateAsync(HttpContext context) =>
        context.Connection.ClientCertificate is { } certificate ? new(_known.GetValue(certificate, c => new(Judge(c))).Verdict) : default;

    private Verdict Judge(X509Certificate2 certificate)
    {
        var thumbprint = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        var names = Names(certificate);
        var isOpen = options.Subjects.Count + options.Names.Count + options.Thumbprints.Count == 0;
        if (!isOpen && !options.Subjects.Contains(certificate.Subject) && !names.Intersect(options.Names).Any()
            && !options.Thumbprints.Contains(thumbprint, StringComparer.OrdinalIgnoreCase))
            return Refusal.Certificate;
        var subject = certificate.Subject.Length > 0 ? certificate.Subject : names.FirstOrDefault() ?? thumbprint;
        var claims = new JsonObject
        {
            ["sub"] = subject,
            ["issuer"] = certificate.Issuer,
            ["serial"] = certificate.SerialNumber,
            ["thumbprint"] = thumbprint.ToLowerInvariant(),
            ["names"] = new JsonArray([.. names.Select(n => JsonValue.Create(n))]),
        };
        return new Identity(name, subject, System.Text.Encoding.UTF8.GetBytes(claims.ToJsonString()), []);
    }

    /// <summary>DNS names, URIs and mail addresses of the subject alternative name (RFC 5280, 4.2.1.6).</summary>
    private static List<string> Names(X509Certificate2 certificate)
    {
        var names = new List<string>();
        if (certificate.Extensions[AlternativeName] is not { } extension)
            return names;
        try
        {
            var sequence = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (sequence.HasData)
            {
                var tag = sequence.PeekTag();
                if (tag.TagClass == TagClass.ContextSpecific && tag.TagValue is 1 or 2 or 6)
                    names.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                else
                    sequence.ReadEncodedValue();
            }
        }
        catch (AsnContentException)
        {
            names.Clear();
        }
        return names;
    }

    private sealed record Judged(Verdict Verdict);
}
