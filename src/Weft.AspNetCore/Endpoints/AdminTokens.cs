using System.Security.Cryptography;
using System.Text;
using Weft.Options;

namespace Weft.AspNetCore.Endpoints;

/// <summary>Who bears a token.</summary>
/// <param name="Name">The name of the secret, or <c>local</c> for the token that Weft made.</param>
/// <param name="Fingerprint">The first 8 hexadecimal digits of the token's SHA-256, for the audit log.</param>
/// <param name="Rights">What the bearer may do.</param>
internal sealed record AdminBearer(string Name, string Fingerprint, AdminRights Rights);

/// <summary>The tokens that the admin address accepts. Only their SHA-256 is kept.</summary>
internal sealed class AdminTokens
{
    /// <summary>Shorter tokens are refused at start.</summary>
    public const int MinLength = 16;

    private readonly (byte[] Hash, AdminBearer Bearer)[] _known;

    /// <param name="tokens">The name, value and rights of each.</param>
    /// <exception cref="WeftConfigurationException">A token is too short to be safe.</exception>
    public AdminTokens(IEnumerable<(string Name, string Value, AdminRights Rights)> tokens)
    {
        _known = [.. tokens.Select(t =>
        {
            if (t.Value.Length < MinLength)
                throw new WeftConfigurationException($"server.admin.tokens: the token '{t.Name}' has {t.Value.Length} characters; at least {MinLength} are needed. Make one with: openssl rand -hex 32");
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes(t.Value));
            return (hash, new AdminBearer(t.Name, Convert.ToHexStringLower(hash.AsSpan(0, 4)), t.Rights));
        })];
    }

    /// <summary>The bearer of <paramref name="token"/>; null when it is not known. Takes the same time for every token of a length.</summary>
    public AdminBearer? Find(string token)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        AdminBearer? found = null;
        foreach (var (known, bearer) in _known)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, known))
                found = bearer;
        }
        return found;
    }
}
