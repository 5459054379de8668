using Weft.AspNetCore.ApiGateway.Authentication;
using Weft.AspNetCore.ApiGateway.Cors;
using Weft.AspNetCore.ApiGateway.Limits;
using Weft.AspNetCore.ApiGateway.Matching;
using Weft.AspNetCore.ApiGateway.Transforms;
using Weft.AspNetCore.ApiGateway.Versions;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>A route as it runs: names resolved, defaults filled in. Immutable; requests in flight keep theirs over a reload.</summary>
internal sealed class GatewayRoute
{
    /// <summary>The name under <c>routes</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Which requests.</summary>
    public required MatchOptions Match { get; init; }

    /// <summary>The higher goes first.</summary>
    public int Priority { get; init; }

    /// <summary>What is asked of a request beyond path, methods and host; null for nothing.</summary>
    public MatchConditions? Conditions { get; init; }

    /// <summary>Who may call; null for everybody.</summary>
    public RouteAuth? Auth { get; init; }

    /// <summary>Which pages of other origins may read its answers; null for none.</summary>
    public CorsStep? Cors { get; init; }

    /// <summary>The version that it serves; null for none.</summary>
    public VersionStep? Version { get; init; }

    /// <summary>How many requests it lets through before the caller is known; null for all.</summary>
    public LimitStep? LimitBeforeAuth { get; init; }

    /// <summary>How many requests it lets through once the caller is known; null for all.</summary>
    public LimitStep? LimitAfterAuth { get; init; }

    /// <summary>The largest request body in bytes.</summary>
    public required long MaxBody { get; init; }

    /// <summary>How long until the response headers must have come; null for as long as the policy of the service says.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The proxies whose word counts.</summary>
    public required TrustedProxies Proxies { get; init; }

    /// <summary>The service that requests go on to; null when they are published.</summary>
    public string? Forward { get; init; }

    /// <summary>What it changes on requests before the service gets them; null for nothing.</summary>
    public RequestTransform? Request { get; init; }

    /// <summary>What it changes on answers of the service; null for nothing.</summary>
    public ResponseTransform? Response { get; init; }

    /// <summary>What is published; null when requests are forwarded.</summary>
    public PublishOptions? Publish { get; init; }

    /// <summary>Makes type and key of the events of this route; null when requests are events already.</summary>
    public EventMaker? Events { get; init; }

    /// <summary>The <c>source</c> of events made here.</summary>
    public string EventSource { get; init; } = "";

    /// <summary>The steps of the pipeline that this route needs, in their order.</summary>
    public IReadOnlyList<GatewayStep> Steps { get; set; } = [];
}
