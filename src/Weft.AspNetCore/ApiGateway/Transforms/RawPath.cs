using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Weft.AspNetCore.ApiGateway.Transforms;

/// <summary>
/// What the holes of a route's path stand for in the path as the client wrote it. The decoded path does not tell <c>%2F</c> from <c>%252F</c>, since the server
/// decodes everything but escaped slashes; and an escaped slash must not become a real one on its way to the service.
/// </summary>
internal static class RawPath
{
    /// <summary>The rest of the path behind the segments that the route names, with its escapes.</summary>
    public static string Rest(HttpContext context)
    {
        if (Pattern(context) is not { } pattern || RequestTarget.Get(context) is not { } target)
            return "";
        var path = Path(target);
        for (var segment = 0; segment < pattern.PathSegments.Count; segment++)
        {
            var slash = path.IndexOf('/');
            if (slash < 0)
                return "";
            path = path[(slash + 1)..];
        }
        return path.ToString();
    }

    /// <summary>The decoded value of a hole; null when it cannot be told.</summary>
    public static string? Decoded(HttpContext context, string hole)
    {
        if (Pattern(context) is not { } pattern || RequestTarget.Get(context) is not { } target)
            return null;
        for (var segment = 0; segment < pattern.PathSegments.Count; segment++)
        {
            if (pattern.PathSegments[segment] is not { IsSimple: true, Parts: [RoutePatternParameterPart part] } || part.Name != hole)
                continue;
            var path = Path(target);
            for (var skipped = 0; skipped <= segment; skipped++)
                path = path[(path.IndexOf('/') + 1)..];
            var end = part.IsCatchAll ? -1 : path.IndexOf('/');
            return Uri.UnescapeDataString(end < 0 ? path : path[..end]);
        }
        return null;
    }

    private static RoutePattern? Pattern(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern;

    private static ReadOnlySpan<char> Path(string target) => target.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query ? target.AsSpan(0, query) : target;
}
