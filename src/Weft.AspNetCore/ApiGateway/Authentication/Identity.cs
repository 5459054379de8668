using System.Security.Cryptography;
using System.Text;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>
/// Who calls, as an entry of <c>auth</c> found out. One object stands for one credential (a token, a key, the certificate of a connection) and is shared by
/// all its requests; it never changes. A request to a route with <c>auth: none</c> has none.
/// </summary>
/// <param name="auth">The name of the entry of <c>auth</c>.</param>
/// <param name="subject">Who it is, unique within the entry; never empty.</param>
/// <param name="claims">All that is known: a JSON object in UTF-8, whose <c>sub</c> is the subject where there is one.</param>
/// <param name="scopes">What the credential allows.</param>
internal sealed class Identity(string auth, string subject, ReadOnlyMemory<byte> claims, string[] scopes)
{
    private string? _key;

    public string Auth => auth;

    public string Subject => subject;

    /// <summary>What expressions see as <c>claims</c>.</summary>
    public ReadOnlyMemory<byte> Claims => claims;

    /// <summary>
    /// Tells apart what must not be shared: two credentials of one subject that say different things have different keys, and so have equal subjects of
    /// different entries. Of bounded length, no secret, the same as long as the process runs and after.
    /// </summary>
    public string Key => _key ??= Convert.ToHexString(SHA256.HashData([.. Encoding.UTF8.GetBytes(auth), 0, .. claims.Span]));

    /// <summary>Whether the credential allows all of <paramref name="wanted"/>.</summary>
    public bool Allows(IReadOnlyList<string> wanted)
    {
        for (var i = 0; i < wanted.Count; i++)
        {
            if (!scopes.AsSpan().Contains(wanted[i]))
                return false;
        }
        return true;
    }
}
