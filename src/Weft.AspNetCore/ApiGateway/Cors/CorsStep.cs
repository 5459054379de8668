using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Cors;

/// <summary>
/// Lets pages of other origins read answers (the CORS protocol of the Fetch standard): answers preflights by itself, before anybody is authenticated, and replaces what
/// the service says on the matter, so that there is one word only. A request of an origin that is not named is served all the same: it is the browser that keeps
/// the answer from the page. Safe for use from many threads.
/// </summary>
internal sealed class CorsStep(CorsOptions options, IReadOnlyCollection<string> methods)
{
    private readonly HashSet<string> _origins = new(options.Origins, StringComparer.Ordinal);
    private readonly bool _any = options.Origins.Contains("*");
    private readonly string _methods = string.Join(", ", methods.Count > 0 ? methods : ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);
    private readonly string _headers = string.Join(", ", options.Headers), _expose = string.Join(", ", options.Expose);
    private readonly string _maxAge = ((long)options.MaxAge.TotalSeconds).ToString(CultureInfo.InvariantCulture);

    /// <summary>What it does, for people.</summary>
    public string Sentence => $"Lets pages of {string.Join(", ", options.Origins)} read the answer{(options.Credentials ? ", with cookies" : "")}, and answers their preflights.";

    /// <summary>Answers a preflight, or has the answer to come say who may read it.</summary>
    public ValueTask<Problem?> RunAsync(GatewayExchange exchange)
    {
        var (request, response) = (exchange.Context.Request, exchange.Context.Response);
        string? origin = request.Headers.Origin is [{ Length: > 0 } one] ? one : null;
        bool isPreflight = origin is not null && HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod.Count > 0;
        if (!isPreflight)
        {
            // When the service has answered, what it says goes.
            response.OnStarting(static state => ((Answer)state).Write(), new Answer(this, response, origin));
            return default;
        }
        response.StatusCode = StatusCodes.Status204NoContent;
        Vary(response.Headers);
        if (Allow(response.Headers, origin))
        {
            response.Headers.AccessControlAllowMethods = _methods;
            response.Headers.AccessControlAllowHeaders = _headers == "*" && request.Headers.AccessControlRequestHeaders is { Count: > 0 } wanted ? wanted : _headers;
            response.Headers.AccessControlMaxAge = _maxAge;
        }
        exchange.IsAnswered = true;
        return default;
    }

    private bool Allow(IHeaderDictionary headers, string? origin)
    {
        if (origin is null || !(_any || _origins.Contains(origin)))
            return false;
        headers.AccessControlAllowOrigin = _any && !options.Credentials ? "*" : origin;
        if (options.Credentials)
            headers.AccessControlAllowCredentials = "true";
        return true;
    }

    // What an answer says depends on the origin, so a cache must keep them apart.
    private void Vary(IHeaderDictionary headers)
    {
        if (!_any && !headers.Vary.Any(v => v == "*" || v?.Contains("origin", StringComparison.OrdinalIgnoreCase) == true))
            headers.Vary = StringValues.Concat(headers.Vary, "Origin");
    }

    private sealed class Answer(CorsStep step, HttpResponse response, string? origin)
    {
        public Task Write()
        {
            var headers = response.Headers;
            foreach (string name in (string[])["Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age"])
                headers.Remove(name);
            step.Vary(headers);
            if (step.Allow(headers, origin) && step._expose.Length > 0)
                headers.AccessControlExposeHeaders = step._expose;
            return Task.CompletedTask;
        }
    }
}
