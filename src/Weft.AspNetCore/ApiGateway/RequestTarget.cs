using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>The path and query of a request as the client wrote them, byte for byte.</summary>
internal static class RequestTarget
{
    /// <summary>The path and query to send on; null when the path must not be sent on.</summary>
    /// <remarks>
    /// Routes are matched on the decoded path with dot segments resolved, so a raw path that still holds one would reach another
    /// place than was matched. Such paths are refused, whatever is escaped in them: no ordinary client sends them.
    /// </remarks>
    public static string? Get(HttpContext context)
    {
        var raw = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        var target = raw switch
        {
            ['/', ..] => raw,
            { Length: > 1 } => FromAbsolute(raw),
            _ => context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent(),
        };
        var query = target.IndexOf('?', StringComparison.Ordinal);
        return HasDotSegment(query < 0 ? target : target.AsSpan(0, query)) ? null : target;
    }

    /// <summary>Whether a segment is <c>.</c> or <c>..</c>, once escapes, backslashes and path parameters are seen as servers see them.</summary>
    public static bool HasDotSegment(ReadOnlySpan<char> path)
    {
        if (!path.ContainsAny('.', '%'))
            return false;
        var dots = 0;
        var other = false;
        for (var i = 0; i < path.Length; i++)
        {
            var c = path[i];
            if (c == '%' && i + 2 < path.Length && char.IsAsciiHexDigit(path[i + 1]) && char.IsAsciiHexDigit(path[i + 2]))
            {
                c = (char)((Hex(path[i + 1]) << 4) | Hex(path[i + 2]));
                i += 2;
            }
            switch (c)
            {
                case '.':
                    dots++;
                    break;
                case '/' or '\\' or ';' when !other && dots is 1 or 2:
                    return true;
                case '/' or '\\':
                    dots = 0;
                    other = false;
                    break;
                default:
                    other = true;
                    break;
            }
        }
        return !other && dots is 1 or 2;
    }

    private static string FromAbsolute(string target)
    {
        var authority = target.IndexOf("://", StringComparison.Ordinal);
        var path = authority < 0 ? -1 : target.IndexOfAny(['/', '?'], authority + 3);
        return path < 0 ? "/" : target[path] == '/' ? target[path..] : "/" + target[path..];
    }

    private static int Hex(char c) => char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}
