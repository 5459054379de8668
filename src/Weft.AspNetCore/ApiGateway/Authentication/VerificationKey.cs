using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>A public key of an issuer. It verifies the algorithms of its own type and nothing else, so that no token can choose another use of it (RFC 8725, 3.1).</summary>
/// <param name="kid">Its name at the issuer; null when it has none.</param>
/// <param name="fingerprint">Equal for the same key with the same name and use.</param>
/// <param name="algorithms">What it may verify.</param>
/// <param name="open">Makes it ready for use; every use at a time has its own.</param>
internal sealed class VerificationKey(string? kid, string fingerprint, SignatureAlgorithm[] algorithms, Func<AsymmetricAlgorithm> open)
{
    private const int MaxSpare = 16;

    private readonly ConcurrentBag<AsymmetricAlgorithm> _spare = [];
    private volatile bool _isRetired;

    public string? Kid => kid;

    public string Fingerprint => fingerprint;

    /// <summary>Whether the issuer has taken it back.</summary>
    public bool IsRetired => _isRetired;

    public bool Fits(SignatureAlgorithm algorithm) => algorithms.AsSpan().Contains(algorithm);

    /// <summary>The issuer no longer names it: nothing that it signed holds any more.</summary>
    public void Retire() => _isRetired = true;

    /// <summary>Whether <paramref name="signature"/> is that of <paramref name="text"/>.</summary>
    public bool Verify(SignatureAlgorithm algorithm, ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        if (!Fits(algorithm))
            return false;
        if (!_spare.TryTake(out var key))
            key = open();
        try
        {
            return key switch
            {
                RSA rsa => rsa.VerifyData(text, signature, algorithm.Hash, algorithm.Padding!),
                ECDsa ec => signature.Length == algorithm.SignatureLength && ec.VerifyData(text, signature, algorithm.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
                _ => false,
            };
        }
        catch (CryptographicException)
        {
            return false;
        }
        finally
        {
            if (_spare.Count < MaxSpare)
                _spare.Add(key);
            else
                key.Dispose();
        }
    }
}

/// <summary>An algorithm of signatures (RFC 7518, section 3). There is no <c>none</c> here, and nothing with a shared key.</summary>
internal sealed record SignatureAlgorithm(string Name, string KeyType, string? Curve, HashAlgorithmName Hash, RSASignaturePadding? Padding, int SignatureLength)
{
    public static readonly SignatureAlgorithm[] All =
    [
        new("RS256", "RSA", null, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1, 0),
        new("RS384", "RSA", null, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1, 0),
        new("RS512", "RSA", null, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1, 0),
        new("PS256", "RSA", null, HashAlgorithmName.SHA256, RSASignaturePadding.Pss, 0),
        new("PS384", "RSA", null, HashAlgorithmName.SHA384, RSASignaturePadding.Pss, 0),
        new("PS512", "RSA", null, HashAlgorithmName.SHA512, RSASignaturePadding.Pss, 0),
        new("ES256", "EC", "P-256", HashAlgorithmName.SHA256, null, 64),
        new("ES384", "EC", "P-384", HashAlgorithmName.SHA384, null, 96),
        new("ES512", "EC", "P-521", HashAlgorithmName.SHA512, null, 132),
    ];

    public static SignatureAlgorithm? Find(string? name) => Array.Find(All, a => a.Name == name);
}
