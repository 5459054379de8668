using Weft.AspNetCore.ApiGateway.Authentication;

namespace Weft.AspNetCore.Endpoints;

/// <summary>How the entries of <c>auth</c> are, without anything secret.</summary>
internal static class AuthStates
{
    public static IReadOnlyList<AuthView> List(Authenticators? authenticators) =>
        [.. (authenticators?.Current.Values ?? []).OrderBy(a => a.Name, StringComparer.Ordinal).Select(a => new AuthView(a.Name, a.Sentence, (a as JwtAuthenticator) is { } jwt ? View(jwt) : null))];

    private static KeySetView View(JwtAuthenticator jwt) =>
        new(jwt.Options.Issuer, jwt.Keys.ReadAt, [.. jwt.Keys.Keys.Select(k => k.Kid ?? "")], jwt.Keys.Error, jwt.Cache.Count);
}
