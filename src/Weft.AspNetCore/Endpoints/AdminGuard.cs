using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Weft.Options;

namespace Weft.AspNetCore.Endpoints;

/// <summary>What a caller of an endpoint must be allowed.</summary>
internal sealed record RequiredRights(AdminRights Rights);

/// <summary>
/// Lets through who may. First the two checks that keep web pages out, even with a name that resolves to this machine
/// (DNS rebinding): the Host must be one of ours, and an Origin must be the address itself. Then the bearer token (RFC 6750).
/// </summary>
internal sealed class AdminGuard(AdminTokens tokens, string listenHost, AdminAudit audit)
{
    private static readonly string[] LoopbackNames = ["localhost", "127.0.0.1", "::1"];

    /// <summary>Who makes the request.</summary>
    public static AdminBearer BearerOf(HttpContext context) => (AdminBearer)context.Items[typeof(AdminBearer)]!;

    /// <summary>Checks Host; writes the refusal and returns false when it is not one of ours.</summary>
    public async Task<bool> AdmitHostAsync(HttpContext context) => IsOurHost(context.Request.Host.Host)
        || await RefuseAsync(context, 421, "The Host of the request is not an address of this listener. Call it by localhost, 127.0.0.1, [::1] or the host in server.admin.listen.").ConfigureAwait(false);

    /// <summary>Checks Origin and token, after <see cref="AdmitHostAsync"/>; writes the refusal and returns false when one of them does not hold.</summary>
    public async Task<bool> AdmitAsync(HttpContext context)
    {
        var request = context.Request;
        string origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && !string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase))
            return await RefuseAsync(context, 403, "The request comes from a web page of another origin.").ConfigureAwait(false);

        string header = request.Headers.Authorization.ToString();
        const string Scheme = "Bearer ";
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return await ChallengeAsync(context, "", "A bearer token is needed: send 'Authorization: Bearer TOKEN'.").ConfigureAwait(false);
        if (tokens.Find(header[Scheme.Length..].Trim()) is not { } bearer)
            return await ChallengeAsync(context, ", error=\"invalid_token\"", "The bearer token is not known.").ConfigureAwait(false);

        context.Items[typeof(AdminBearer)] = bearer;
        return true;
    }

    /// <summary>Checks that the bearer may use the endpoint; writes the refusal and returns false when not.</summary>
    public async Task<bool> AuthorizeAsync(HttpContext context)
    {
        var needed = context.GetEndpoint()?.Metadata.GetMetadata<RequiredRights>()?.Rights ?? AdminRights.Read;
        var bearer = BearerOf(context);
        if (bearer.Rights >= needed)
            return true;
        return await RefuseAsync(context, 403, $"This needs the right '{NameOf(needed)}'; the token '{bearer.Name}' has '{NameOf(bearer.Rights)}'.").ConfigureAwait(false);
    }

    private bool IsOurHost(string host)
    {
        host = host.Trim('[', ']');
        if (LoopbackNames.Contains(host, StringComparer.OrdinalIgnoreCase) || string.Equals(host, listenHost.Trim('[', ']'), StringComparison.OrdinalIgnoreCase))
            return true;

        // On all addresses at once, every address of the machine is ours. A rebound name is never an address.
        return IPAddress.TryParse(listenHost.Trim('[', ']'), out var listen) && (listen.Equals(IPAddress.Any) || listen.Equals(IPAddress.IPv6Any))
            && IPAddress.TryParse(host, out _);
    }

    private Task<bool> ChallengeAsync(HttpContext context, string error, string detail)
    {
        context.Response.Headers[HeaderNames.WWWAuthenticate] = $"Bearer realm=\"weft admin\"{error}";
        return RefuseAsync(context, 401, detail);
    }

    private async Task<bool> RefuseAsync(HttpContext context, int status, string detail)
    {
        audit.Refused(context.Connection.RemoteIpAddress?.ToString(), $"{context.Request.Method} {context.Request.Path}", detail);
        await AdminProblem.WriteAsync(context, status, detail).ConfigureAwait(false);
        return false;
    }

    private static string NameOf(AdminRights rights) => rights.ToString().ToLowerInvariant();
}
