using System.Text.Json;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>The parts of a signed token (JWS, RFC 7515, compact form) whose head is understood; nothing of it is verified.</summary>
internal sealed record TokenParts(SignatureAlgorithm Algorithm, string? Kid, ReadOnlyMemory<byte> Signed, byte[] Claims, byte[] Signature);

/// <summary>Reads tokens, as RFC 8725 advises: one reading only, nothing that is not understood, nothing that the token itself says about its keys.</summary>
internal static class TokenReader
{
    private static readonly string[] s_types = ["at+jwt", "JWT"];

    /// <summary>Takes a token apart.</summary>
    /// <param name="token">Its text.</param>
    /// <param name="types">The types that are taken; empty for the usual ones and for none said.</param>
    /// <param name="parts">Its parts.</param>
    public static Refusal? Read(ReadOnlyMemory<byte> token, IReadOnlyList<string> types, out TokenParts parts)
    {
        parts = null!;
        var text = token.Span;
        var first = text.IndexOf((byte)'.');
        var last = text.LastIndexOf((byte)'.');
        if (first < 0 || last == first || text[(first + 1)..last].Contains((byte)'.')
            || !StrictJson.TryDecode(text[..first], out var head) || !StrictJson.TryDecode(text[(first + 1)..last], out var claims))
            return Refusal.Malformed;
        if (!StrictJson.TryRead(head, out var document))
            return Refusal.Malformed;
        using (document)
        {
            var root = document.RootElement;
            if (SignatureAlgorithm.Find(StrictJson.Text(root, "alg")) is not { } algorithm)
                return Refusal.Algorithm;
            if (root.TryGetProperty("crit", out _))
                return Refusal.Critical;
            if (!IsTyped(root, types))
                return Refusal.Type;
            var kid = StrictJson.Text(root, "kid");
            if (kid?.Length > KeySetReader.MaxKid || kid is null && root.TryGetProperty("kid", out _))
                return Refusal.Key;
            if (!StrictJson.TryDecode(text[(last + 1)..], out var signature))
                return Refusal.Signature;
            parts = new(algorithm, kid, token[..last], claims, signature);
            return null;
        }
    }

    /// <summary>What the claims of a token say to this system, once its signature is known to be right.</summary>
    /// <param name="auth">The name of the entry.</param>
    /// <param name="options">What is asked of a token.</param>
    /// <param name="claims">The claims.</param>
    /// <param name="now">The time.</param>
    /// <param name="until">Until when the token may be used, in milliseconds since 1970.</param>
    public static Verdict Accept(string auth, JwtOptions options, byte[] claims, DateTimeOffset now, out long until)
    {
        until = 0;
        if (!StrictJson.TryRead(claims, out var document))
            return Refusal.Claims;
        using (document)
        {
            var root = document.RootElement;
            if (StrictJson.Text(root, "iss") != options.Issuer)
                return Refusal.Issuer;
            if (StrictJson.Texts(root, "aud") is not { } audience || !audience.Any(a => options.Audience.Contains(a)))
                return Refusal.Audience;
            if (Time(root, "exp") is not { } exp || root.TryGetProperty("nbf", out _) && Time(root, "nbf") is null)
                return Refusal.Claims;
            var skew = options.Skew.TotalMilliseconds;
            until = (long)(exp + skew);
            if (now.ToUnixTimeMilliseconds() >= until)
                return Refusal.Expired;
            if (Time(root, "nbf") is { } nbf && now.ToUnixTimeMilliseconds() < nbf - skew)
                return Refusal.TooEarly;
            if (Scopes(root) is not { } scopes || Subject(root) is not { } subject)
                return Refusal.Claims;
            return new Identity(auth, subject, claims, scopes);
        }
    }

    private static bool IsTyped(JsonElement head, IReadOnlyList<string> types)
    {
        if (!head.TryGetProperty("typ", out _))
            return types.Count == 0;
        if (StrictJson.Text(head, "typ") is not { } type)
            return false;
        // RFC 7515, 4.1.9: the prefix may be left out.
        if (type.StartsWith("application/", StringComparison.OrdinalIgnoreCase))
            type = type["application/".Length..];
        return (types.Count == 0 ? s_types : types).Contains(type, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>A time in milliseconds since 1970; null when it is none, or outside of what calendars hold.</summary>
    private static double? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and <= 253402300799
            ? seconds * 1000 : null;

    /// <summary><c>scope</c>, a text with spaces (RFC 8693, 4.2), or a list under <c>scope</c> or <c>scp</c>; null when it has another form.</summary>
    private static string[]? Scopes(JsonElement claims)
    {
        var scopes = new List<string>();
        foreach (var name in (string[])["scope", "scp"])
        {
            if (StrictJson.Texts(claims, name) is not { } texts)
                return null;
            var isText = claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String;
            scopes.AddRange(isText ? texts[0].Split(' ', StringSplitOptions.RemoveEmptyEntries) : texts);
        }
        return [.. scopes];
    }

    private static string? Subject(JsonElement claims)
    {
        foreach (var name in (string[])["sub", "client_id", "azp"])
        {
            if (claims.TryGetProperty(name, out _))
                return StrictJson.Text(claims, name) is { Length: > 0 and <= 255 } text ? text : null;
        }
        return null;
    }
}
