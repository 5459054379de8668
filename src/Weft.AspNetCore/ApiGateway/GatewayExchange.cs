using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.ApiGateway.Authentication;
using Weft.ServiceRegistry;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>A request on its way through the gateway: what the steps found out so far.</summary>
internal sealed class GatewayExchange(HttpContext context, GatewayRoute route, long startedAt)
{
    private bool _clientGone;
    private Action? _atEnd;

    public HttpContext Context => context;

    public GatewayRoute Route => route;

    /// <summary>A timestamp of the time provider.</summary>
    public long StartedAt => startedAt;

    /// <summary>The trace this request belongs to; always in W3C form.</summary>
    public required Activity Activity { get; init; }

    /// <summary>The caller's correlation id, or the trace id.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The method that the service gets.</summary>
    public string Method { get; set; } = context.Request.Method;

    /// <summary>Path and query that the service gets: as the client wrote them, unless the route changes them.</summary>
    public string Target { get; set; } = "/";

    /// <summary>Headers that the route sets for the service, beside those of the client that it does not replace.</summary>
    public List<(string Name, string Value)> Headers => field ??= [];

    /// <summary>The body that the service gets, JSON; null for that of the client.</summary>
    public byte[]? Body { get; set; }

    /// <summary>Who calls; null for everybody. Expressions see it as <c>claims</c>.</summary>
    public Identity? Identity
    {
        get => context.Features.Get<Identity>();
        set => context.Features.Set(value);
    }

    /// <summary>Where it was sent last.</summary>
    public Instance? Instance { get; set; }

    /// <summary>Bytes of the response body.</summary>
    public long BytesOut { get; set; }

    /// <summary>The status for logs and metrics: 499 when the client went away.</summary>
    public int Status => _clientGone ? StatusCodes.Status499ClientClosedRequest : context.Response.StatusCode;

    /// <summary>Whether the connection was cut, so that what was sent is not taken for all.</summary>
    public bool Aborted { get; private set; }

    /// <summary>Whether a step has answered, so that no other follows.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>Has something done once the answer is over, however it ends.</summary>
    public void AtEnd(Action action) => _atEnd += action;

    /// <summary>The answer is over.</summary>
    public void End() => _atEnd?.Invoke();

    /// <summary>Cuts the connection.</summary>
    /// <param name="clientGone">Whether the client went away first.</param>
    public void Abort(bool clientGone)
    {
        _clientGone = clientGone;
        Aborted = true;
        context.Abort();
    }
}
