using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;
using Weft.Options.Schema;

namespace Weft.AspNetCore.ApiGateway.Forwarding;

/// <summary>Which fields end at the gateway: those of one hop (RFC 9110, 7.6.1), what <c>Connection</c> names, and what the gateway writes itself.</summary>
internal static class HopFields
{
    // RFC 9110, 6.5.1: what frames, routes, authenticates, changes or describes a message belongs before its body.
    private static readonly FrozenSet<string> s_notTrailing = new[]
    {
        "Age", "Authorization", "Cache-Control", "Content-Encoding", "Content-Length", "Content-Range", "Content-Type", "Cookie", "Date", "Expect", "Expires", "Host", "If-Match",
        "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Location", "Max-Forwards", "Pragma", "Range", "Retry-After", "Set-Cookie", "Trailer", "Vary",
        "Warning", "WWW-Authenticate",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a request field stays behind. A name that differs only in <c>_</c> counts too: many servers take it for the same.</summary>
    public static bool EndsRequest(string name) =>
        name is [':', ..] || TransformRules.Request.Contains(name) || (name.Contains('_', StringComparison.Ordinal) && TransformRules.Request.Contains(name.Replace('_', '-')));

    /// <summary>Whether a response field stays behind.</summary>
    public static bool EndsResponse(string name) => TransformRules.Response.Contains(name);

    /// <summary>Whether a field has no place after a body.</summary>
    public static bool EndsTrailers(string name) => s_notTrailing.Contains(name);

    /// <summary>Whether a <c>Connection</c> field names <paramref name="name"/>.</summary>
    public static bool Nominates(in StringValues connection, string name)
    {
        foreach (var line in connection)
        {
            foreach (var token in line.AsSpan().Split(','))
            {
                if (line.AsSpan(token).Trim(" \t").Equals(name, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }
        return false;
    }
}
