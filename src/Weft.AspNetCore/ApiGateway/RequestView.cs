using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.AspNetCore.ApiGateway.Authentication;
using Weft.AspNetCore.ApiGateway.Transforms;
using Weft.Expressions.Data;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>A request to the gateway as expressions see it.</summary>
/// <param name="context">The request.</param>
/// <param name="path">What the holes of the path stand for; null for those of the route that was found.</param>
internal sealed class RequestView(HttpContext context, RouteValueDictionary? path = null) : IRequestView
{
    private static readonly string[] s_request = ["method", "path", "host", "scheme", "clientAddress", "id"];

    private HttpRequest Request => context.Request;

    private RouteValueDictionary Path => path ?? Request.RouteValues;

    /// <inheritdoc/>
    public bool HasJsonBody => Request.HasJsonContentType();

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Claims => context.Features.Get<Identity>()?.Claims ?? default;

    /// <inheritdoc/>
    public string? Get(RequestPart part, string name) => part switch
    {
        RequestPart.Path => name is ['*', ..] ? RawPath.Rest(context) : Hole(name),
        RequestPart.Query => Request.Query.TryGetValue(name, out var values) ? values.Count > 0 ? values[0] : "" : null,
        RequestPart.Headers => Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null,
        RequestPart.Request => name switch
        {
            "method" => Request.Method,
            "path" => Request.PathBase.Add(Request.Path).Value,
            "host" => Request.Host.Value,
            "scheme" => Request.Scheme,
            "clientAddress" => ClientAddress.Of(context),
            "id" => context.Response.Headers[TraceContext.CorrelationHeader].ToString(),
            _ => null,
        },
        _ => null,
    };

    // The server leaves an escaped slash as it is, and only that: whoever asks for the value wants to have it decoded.
    private string? Hole(string name) => Convert.ToString(Path.GetValueOrDefault(name), CultureInfo.InvariantCulture) is { Length: > 0 } value
        ? value.Contains("%2", StringComparison.Ordinal) ? RawPath.Decoded(context, name) ?? value : value
        : null;

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> All(RequestPart part)
    {
        IEnumerable<string> names = part switch
        {
            RequestPart.Path => Path.Keys,
            RequestPart.Query => Request.Query.Keys,
            RequestPart.Headers => Request.Headers.Keys,
            RequestPart.Request => s_request,
            _ => [],
        };
        return from name in names
               let value = Get(part, name)
               where value is not null
               select KeyValuePair.Create(part == RequestPart.Headers ? name.ToLowerInvariant() : name, value);
    }
}
