using System.Text.RegularExpressions;
using Weft.AspNetCore.ApiGateway.Authentication;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>Makes routes of options: names resolved, defaults filled in, clashes refused. An open topic is a route of its own.</summary>
internal sealed partial class RouteFactory(ISecrets secrets)
{
    /// <summary>The routes that <paramref name="options"/> ask for.</summary>
    /// <exception cref="WeftConfigurationException">Two match the same requests, or a way to authenticate cannot be had.</exception>
    public IReadOnlyList<GatewayRoute> Build(WeftOptions options, GatewayPipeline pipeline)
    {
        var auth = new Dictionary<string, ApiKeys>(StringComparer.Ordinal);
        var proxies = new TrustedProxies(options.Server.TrustedProxies);
        List<GatewayRoute> routes =
        [
            .. options.Routes.Where(r => r.Value.Enabled).Select(r => Route(r.Key, r.Value, options, auth, proxies)),
            .. options.Topics.Where(t => t.Value is { Enabled: true, Accept: not null }).Select(t => Topic(t.Key, t.Value.Accept!, options, auth, proxies)),
        ];
        RefuseClashes(routes);
        foreach (var route in routes)
            route.Steps = pipeline.Steps(route);
        return routes;
    }

    private GatewayRoute Route(string name, RouteOptions route, WeftOptions options, Dictionary<string, ApiKeys> auth, TrustedProxies proxies) => new()
    {
        Proxies = proxies,
        Name = name,
        Match = route.Match,
        Auth = Authentication(route.Auth ?? options.Defaults.Auth, options, auth),
        MaxBody = route.MaxBody ?? options.Server.MaxBody,
        Timeout = route.Timeout,
        Forward = route.Forward?.Service,
        Publish = route.Publish,
        Events = route.Publish is { Type: { } type } publish ? new EventMaker(name, type, publish.Key, options.Vars) : null,
        EventSource = $"/{Uri.EscapeDataString(options.Name)}/routes/{Uri.EscapeDataString(name)}",
    };

    private GatewayRoute Topic(string name, AcceptOptions accept, WeftOptions options, Dictionary<string, ApiKeys> auth, TrustedProxies proxies) => new()
    {
        Proxies = proxies,
        Name = "topics/" + name,
        Match = new() { Path = "/topics/" + name, Methods = ["POST"] },
        Auth = Authentication(accept.Auth ?? options.Defaults.Auth, options, auth),
        MaxBody = accept.MaxBody,
        Publish = new() { Topic = name },
    };

    private ApiKeys? Authentication(string? name, WeftOptions options, Dictionary<string, ApiKeys> known)
    {
        if (name == "none")
            return null;
        // Never open by omission: the file is checked for this too, the builder's options are not.
        if (name is null || options.Auth.GetValueOrDefault(name)?.ApiKey is not { } keys)
            throw new WeftConfigurationException($"auth is '{name}'; allowed is none or a name under 'auth'. To let everybody in, set auth: none.");
        if (!known.TryGetValue(name, out var found))
            known[name] = found = Keys(name, keys, options);
        return found;
    }

    private ApiKeys Keys(string name, ApiKeyOptions keys, WeftOptions options)
    {
        try
        {
            return new(keys.Header, secrets.Get(keys.Keys, options));
        }
        catch (FormatException e)
        {
            throw new WeftConfigurationException($"auth.{name}.apiKey.keys: {e.Message}", e);
        }
    }

    // Routing would find out at the first request, and fail it.
    private static void RefuseClashes(IEnumerable<GatewayRoute> routes)
    {
        var taken = new Dictionary<(string Path, string Host, string Method), string>();
        foreach (var route in routes)
        {
            var path = Hole().Replace(route.Match.Path.Trim('/').ToLowerInvariant(), "{$1}");
            foreach (var method in route.Match.Methods.Count > 0 ? route.Match.Methods : ["*"])
            {
                if (!taken.TryAdd((path, route.Match.Host?.ToLowerInvariant() ?? "*", method.ToUpperInvariant()), route.Name))
                    throw new WeftConfigurationException(
                        $"routes {taken[(path, route.Match.Host?.ToLowerInvariant() ?? "*", method.ToUpperInvariant())]} and {route.Name} match the same "
                        + $"requests ({route.Match.Path}). Give one of them another path, method or host.");
            }
        }
    }

    [GeneratedRegex(@"\{(\**)[^}]*\}")]
    private static partial Regex Hole();
}
