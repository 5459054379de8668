using Weft.AspNetCore.ApiGateway.Authentication;
using Weft.AspNetCore.ApiGateway.Limits;
using Weft.AspNetCore.ApiGateway.Matching;
using Weft.AspNetCore.ApiGateway.Transforms;
using Weft.Options;
using Weft.Options.Schema;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>Makes routes of options: names resolved, defaults filled in, clashes refused. An open topic is a route of its own.</summary>
internal sealed class RouteFactory(Authenticators authenticators, ILimitCounters counters, TimeProvider time)
{
    /// <summary>The routes that <paramref name="options"/> ask for.</summary>
    /// <exception cref="WeftConfigurationException">Two match the same requests, or a way to authenticate cannot be had.</exception>
    public IReadOnlyList<GatewayRoute> Build(WeftOptions options, GatewayPipeline pipeline)
    {
        var auth = new Dictionary<string, IAuthenticator>(StringComparer.Ordinal);
        var proxies = new TrustedProxies(options.Server.TrustedProxies);
        List<GatewayRoute> routes =
        [
            .. options.Routes.Where(r => r.Value.Enabled).Select(r => Route(r.Key, r.Value, options, auth, proxies)),
            .. options.Topics.Where(t => t.Value is { Enabled: true, Accept: not null }).Select(t => Topic(t.Key, t.Value.Accept!, options, auth, proxies)),
        ];
        RefuseClashes(options);
        foreach (var route in routes)
            route.Steps = pipeline.Steps(route);
        return routes;
    }

    private GatewayRoute Route(string name, RouteOptions route, WeftOptions options, Dictionary<string, IAuthenticator> auth, TrustedProxies proxies) => new()
    {
        Proxies = proxies,
        Name = name,
        Match = route.Match,
        Priority = route.Priority,
        Conditions = MatchConditions.Of(name, route.Match, options.Vars),
        Auth = authenticators.Make($"routes.{name}.auth", route.Auth, options, auth),
        Cors = route.Cors is { } cors ? new(cors, route.Match.Methods) : null,
        Version = route.Version is { } version ? new(version, time) : null,
        LimitBeforeAuth = Limit(route.Limit?.BeforeAuth, options),
        LimitAfterAuth = Limit(route.Limit?.AfterAuth, options),
        MaxBody = route.MaxBody ?? (route.Forward?.Body is null ? options.Server.MaxBody : Math.Min(ForwardOptions.DefaultMaxRead, options.Server.MaxBody)),
        Timeout = route.Timeout,
        Forward = route.Forward?.Service,
        Request = route.Forward is { } forward ? RequestTransform.Of(name, forward, route.Match, options.Vars) : null,
        Response = route.Forward?.Response is { } response ? ResponseTransform.Of(name, response, options.Vars) : null,
        Publish = route.Publish,
        Events = route.Publish is { Type: { } type } publish ? new EventMaker(name, type, publish.Key, options.Vars) : null,
        EventSource = $"/{Uri.EscapeDataString(options.Name)}/routes/{Uri.EscapeDataString(name)}",
    };

    private GatewayRoute Topic(string name, AcceptOptions accept, WeftOptions options, Dictionary<string, IAuthenticator> auth, TrustedProxies proxies) => new()
    {
        Proxies = proxies,
        Name = "topics/" + name,
        Match = TopicMatch(name),
        Auth = authenticators.Make($"topics.{name}.accept.auth", accept.Auth, options, auth),
        MaxBody = accept.MaxBody,
        Publish = new() { Topic = name },
    };

    private LimitStep? Limit(string? name, WeftOptions options) => name is null ? null
        : options.Limits.TryGetValue(name, out var limit) ? new(name, limit, options.Vars, counters)
        : throw new WeftConfigurationException($"limit is '{name}'; allowed is a name under 'limits'.");

    // Routing would find out at the first request, and fail it. An open topic has a path of its own, unless a route takes it.
    private static void RefuseClashes(WeftOptions options)
    {
        var topics = options.Topics.Where(t => t.Value is { Enabled: true, Accept: not null })
            .Select(t => KeyValuePair.Create("topics/" + t.Key, new RouteOptions { Match = TopicMatch(t.Key) }));
        foreach (var (name, other) in RouteClashes.Find(options.Routes.Where(r => r.Value.Enabled).Concat(topics)))
        {
            throw new WeftConfigurationException(
                $"routes {other} and {name} match the same requests. Tell them apart by path, methods, host, headers or query, or give one of them a priority.");
        }
    }

    private static MatchOptions TopicMatch(string name) => new() { Path = "/topics/" + name, Methods = ["POST"] };
}
