using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>Reads a JSON Web Key Set (RFC 7517). Keys that cannot verify, that are weak or that are meant for something else are left out.</summary>
internal static class KeySetReader
{
    private const int MaxKeys = 100;
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 8192;

    /// <summary>The longest name of a key, here and in tokens.</summary>
    public const int MaxKid = 256;

    /// <summary>The keys of a set.</summary>
    /// <exception cref="FormatException">It is no set of keys.</exception>
    public static VerificationKey[] Read(ReadOnlyMemory<byte> json)
    {
        if (!StrictJson.TryRead(json, out var document))
            throw new FormatException("The key set is no JSON object.");
        using (document)
        {
            if (!document.RootElement.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array)
                throw new FormatException("The key set has no list 'keys'.");
            return [.. keys.EnumerateArray().Take(MaxKeys).Where(k => k.ValueKind == JsonValueKind.Object).Select(Key).OfType<VerificationKey>()];
        }
    }

    private static VerificationKey? Key(JsonElement key)
    {
        var (type, kid, curve) = (StrictJson.Text(key, "kty"), StrictJson.Text(key, "kid"), StrictJson.Text(key, "crv"));
        if (kid?.Length > MaxKid || !IsForVerifying(key))
            return null;
        var named = StrictJson.Text(key, "alg");
        SignatureAlgorithm[] algorithms = [.. SignatureAlgorithm.All.Where(a => a.KeyType == type && (a.Curve is null || a.Curve == curve) && (named is null || a.Name == named))];
        if (algorithms.Length == 0)
            return null;
        var open = type == "RSA" ? Rsa(key) : Curve(key, curve!);
        if (open is null)
            return null;
        using var opened = open();
        var spki = Convert.ToHexString(SHA256.HashData(opened switch { RSA rsa => rsa.ExportSubjectPublicKeyInfo(), ECDsa ec => ec.ExportSubjectPublicKeyInfo(), _ => [] }));
        return new(kid, $"{spki} {named} {kid}", algorithms, open);
    }

    private static bool IsForVerifying(JsonElement key) =>
        (!key.TryGetProperty("use", out var use) || use.ValueKind == JsonValueKind.String && use.ValueEquals("sig"))
        && (!key.TryGetProperty("key_ops", out _) || StrictJson.Texts(key, "key_ops") is { } operations && operations.Contains("verify"));

    private static Func<AsymmetricAlgorithm>? Rsa(JsonElement key)
    {
        if (Bytes(key, "n") is not { } modulus || Bytes(key, "e") is not { } exponent)
            return null;
        var n = modulus.AsSpan().TrimStart((byte)0).ToArray();
        var e = exponent.AsSpan().TrimStart((byte)0).ToArray();
        var bits = n.Length == 0 ? 0 : n.Length * 8 - int.LeadingZeroCount(n[0]) + 24;
        // An exponent of 1 would make every text its own signature; one that is even is none.
        var isOdd = e.Length is > 0 and <= 8 && (e[^1] & 1) == 1 && !(e.Length == 1 && e[0] == 1);
        return bits is >= MinRsaBits and <= MaxRsaBits && isOdd ? Open(() => RSA.Create(new RSAParameters { Modulus = n, Exponent = e })) : null;
    }

    private static Func<AsymmetricAlgorithm>? Curve(JsonElement key, string name)
    {
        if (Bytes(key, "x") is not { } x || Bytes(key, "y") is not { } y)
            return null;
        var curve = name switch { "P-256" => ECCurve.NamedCurves.nistP256, "P-384" => ECCurve.NamedCurves.nistP384, _ => ECCurve.NamedCurves.nistP521 };
        return Open(() => ECDsa.Create(new ECParameters { Curve = curve, Q = new() { X = x, Y = y } }));
    }

    /// <summary>What opens a key, when it can be opened: a point must be on its curve.</summary>
    private static Func<AsymmetricAlgorithm>? Open(Func<AsymmetricAlgorithm> open)
    {
        try
        {
            open().Dispose();
            return open;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private static byte[]? Bytes(JsonElement key, string name) =>
        StrictJson.Text(key, name) is { } text && StrictJson.TryDecode(Encoding.UTF8.GetBytes(text), out var bytes) ? bytes : null;
}
