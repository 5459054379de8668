using System.Collections.Frozen;
using Weft.Diagnostics;

namespace Weft.Options.Schema;

/// <summary>Rules for what a route changes on a request and on its answer.</summary>
internal static class TransformRules
{
    // RFC 9110, 7.6.1, and what frames messages.
    private static readonly string[] s_hop =
    [
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization", "Proxy-Connection", "TE", "Transfer-Encoding", "Upgrade",
    ];

    /// <summary>The fields of a request that end at the gateway: those of one hop, and what it writes itself.</summary>
    public static FrozenSet<string> Request { get; } = s_hop.Concat(
    [
        "Content-Length", "Forwarded", "Host", "HTTP2-Settings", "Traceparent", "Tracestate", "Trailer", "weft-attempt", "weft-timeout-ms", "X-Content-Length", "X-Correlation-Id",
        "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Proto", "X-Forwarded-Server", "X-Real-IP",
    ]).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The fields of an answer that end at the gateway.</summary>
    public static FrozenSet<string> Response { get; } = s_hop.Append("X-Correlation-Id").ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>A path is all of a path and nothing else.</summary>
    public static void Path(ForwardOptions forward, OptionsPath path, Checking checking)
    {
        if (forward.Path is not { } text)
            return;
        if (!text.StartsWith('/'))
            checking.Report(ProblemCodes.WrongForm, path.Key("path"), text, $"{path}.path is '{text}': it begins with a slash, such as /orders/{{path.rest}}.");
        // In a hole they are part of an expression.
        else if (Outside(text).IndexOfAny('?', '#') is >= 0)
            checking.Report(ProblemCodes.WrongForm, path.Key("path"), text, $"{path}.path is '{text}': it has no query and no fragment. What is to be in the query goes under {path}.query.");
    }

    /// <summary>The gateway frames messages itself, and says itself for whom it forwards.</summary>
    public static void RequestHeaders(ForwardOptions forward, OptionsPath path, Checking checking) => Refuse(forward.Headers, name => Request.Contains(name.Replace('_', '-')) || name.Equals("Expect", StringComparison.OrdinalIgnoreCase), path, checking);

    /// <inheritdoc cref="RequestHeaders"/>
    public static void ResponseHeaders(ResponseOptions response, OptionsPath path, Checking checking) => Refuse(response.Headers, name => Response.Contains(name) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) || name.Equals("Trailer", StringComparison.OrdinalIgnoreCase), path, checking);

    private static void Refuse(OptionsMap<string> headers, Func<string, bool> isRefused, OptionsPath path, Checking checking)
    {
        foreach (var (name, _) in headers.Where(h => isRefused(h.Key)))
            checking.Report(ProblemCodes.WrongForm, path.Key("headers").Key(name), name, $"{path}.headers cannot have '{name}': the gateway writes it itself. Remove it.");
    }

    private static ReadOnlySpan<char> Outside(string template)
    {
        var text = new System.Text.StringBuilder(template.Length);
        var depth = 0;
        foreach (var c in template)
        {
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (depth <= 0)
                text.Append(c);
        }
        return text.ToString();
    }
}
