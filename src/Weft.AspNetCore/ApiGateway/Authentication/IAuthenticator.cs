using Microsoft.AspNetCore.Http;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>An entry of <c>auth</c> at work. Safe for use from many threads.</summary>
internal interface IAuthenticator
{
    /// <summary>The name of the entry.</summary>
    string Name { get; }

    /// <summary>What it asks of a caller, for people.</summary>
    string Sentence { get; }

    /// <summary>What it asks of a caller, for <c>WWW-Authenticate</c>: a scheme, and parameters that others can follow.</summary>
    string Challenge { get; }

    /// <summary>The header whose value is for the gateway alone and does not go on; null when there is none.</summary>
    string? PrivateHeader => null;

    /// <summary>Finds out who calls.</summary>
    /// <returns>An identity, or a refusal; neither when the request has no credential of this kind.</returns>
    ValueTask<Verdict> AuthenticateAsync(HttpContext context);
}

/// <summary>What an authenticator found.</summary>
/// <param name="Identity">Who calls.</param>
/// <param name="Refusal">Why the credential that is there is not taken.</param>
internal readonly record struct Verdict(Identity? Identity, Refusal? Refusal)
{
    public static implicit operator Verdict(Identity identity) => new(identity, null);

    public static implicit operator Verdict(Refusal refusal) => new(null, refusal);
}
