using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>Signatures as they stand in a header, and what they are compared with.</summary>
internal static class HmacSignatures
{
    private const string EncodedKey = "whsec_";
    private const int MaxHeader = 4096;
    private const int MaxSignatures = 10;

    /// <summary>A key as its secret has it.</summary>
    /// <exception cref="FormatException">It is empty, or not base64 behind <c>whsec_</c>.</exception>
    public static byte[] Key(string secret)
    {
        var key = !secret.StartsWith(EncodedKey, StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(secret) : Decode(secret[EncodedKey.Length..], HmacEncoding.Base64) ?? [];
        return key.Length > 0 ? key : throw new FormatException($"a key is empty, or what follows {EncodedKey} is no base64.");
    }

    /// <summary>Reads the header of a signature.</summary>
    /// <param name="header">Its value.</param>
    /// <param name="options">How it is written.</param>
    /// <param name="signatures">The signatures; those of another form are left out.</param>
    /// <param name="timestamp">The time, when it stands there.</param>
    /// <returns>False when there is no signature in it.</returns>
    public static bool TryRead(string? header, HmacOptions options, out List<byte[]> signatures, out string? timestamp)
    {
        (signatures, timestamp) = ([], null);
        if (header is not { Length: > 0 and <= MaxHeader })
            return false;
        var isStripe = options.Form == HmacForm.Stripe;
        var prefix = isStripe ? "v1=" : options.Prefix;
        foreach (var part in header.Split(isStripe ? ',' : ' ', MaxSignatures + 5))
        {
            if (isStripe && part.StartsWith("t=", StringComparison.Ordinal))
            {
                // Two times would leave open which one is signed.
                if (timestamp is not null)
                    return false;
                timestamp = part[2..];
            }
            else if (signatures.Count < MaxSignatures && part.StartsWith(prefix, StringComparison.Ordinal) && Decode(part[prefix.Length..], options.Encoding) is { } signature)
            {
                signatures.Add(signature);
            }
        }
        return signatures.Count > 0;
    }

    /// <summary>Whether one of the signatures is that of the text and the body. Takes the same time wherever they differ.</summary>
    public static bool Matches(HmacAlgorithm algorithm, byte[] key, ReadOnlySpan<byte> text, ReadOnlySpan<byte> body, List<byte[]> signatures)
    {
        using var hash = IncrementalHash.CreateHMAC(algorithm == HmacAlgorithm.Sha512 ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256, key);
        hash.AppendData(text);
        hash.AppendData(body);
        Span<byte> right = stackalloc byte[SHA512.HashSizeInBytes];
        right = right[..hash.GetHashAndReset(right)];
        var isRight = false;
        foreach (var signature in signatures)
            isRight |= CryptographicOperations.FixedTimeEquals(right, signature);
        return isRight;
    }

    private static byte[]? Decode(string text, HmacEncoding encoding)
    {
        var bytes = new byte[text.Length];
        if (encoding == HmacEncoding.Hex)
            return text.Length % 2 == 0 && Convert.FromHexString(text, bytes, out _, out var half) == OperationStatus.Done ? bytes[..half] : null;
        return !text.AsSpan().ContainsAny(" \t\r\n") && Convert.TryFromBase64String(text, bytes, out var written) ? bytes[..written] : null;
    }
}
