using System.Diagnostics;
using Microsoft.AspNetCore.Routing.Template;
using Weft.AspNetCore.ApiGateway;
using Weft.Options;

namespace Weft.Server.Explain;

/// <summary>Asks the gateway itself, with its own routing and its own steps, what it would do with a request.</summary>
internal static class RouteExplainer
{
    /// <summary>Explains a request.</summary>
    /// <param name="options">What the gateway is told.</param>
    /// <param name="request"><c>METHOD /path</c>, or a path alone for GET.</param>
    /// <param name="headers"><c>NAME: VALUE</c> each.</param>
    /// <exception cref="CommandException">The request cannot be understood.</exception>
    public static async Task<RouteExplanation> ExplainAsync(WeftOptions options, string request, IReadOnlyList<string> headers)
    {
        var provider = Services(options);
        await using (provider.ConfigureAwait(false))
        {
            var gateway = provider.GetRequiredService<Gateway>();
            var prepared = await gateway.PrepareAsync(options, CancellationToken.None).ConfigureAwait(false);
            await using (prepared.ConfigureAwait(false))
                await prepared.CommitAsync().ConfigureAwait(false);

            var context = Request(provider, request, headers);
            await Routing(provider, gateway)(context).ConfigureAwait(false);
            var taken = context.GetEndpoint()?.Metadata.GetMetadata<GatewayRoute>();
            return new(
                $"{context.Request.Method} {context.Request.Path}",
                taken?.Name,
                [.. gateway.Routes.Select(route => new RouteVerdict(route.Name, route == taken, Why(route, taken, context)))],
                taken is null ? [] : [.. taken.Steps.Select(s => new StepText(s.Name, s.Sentence))]);
        }
    }

    private static ServiceProvider Services(WeftOptions options)
    {
        var services = new ServiceCollection();
        services.AddLogging().AddMetrics().AddRoutingCore();
        services.AddSingleton(new DiagnosticListener("Weft"));
        services.AddSingleton<ISecrets>(new NoSecrets());
        services.AddWeft(weft => weft.UseGateway().Options = options);
        return services.BuildServiceProvider();
    }

    private static RequestDelegate Routing(IServiceProvider services, Gateway gateway)
    {
        var app = new ApplicationBuilder(services);
        app.UseRouting();
        // Stops where the route is known.
        app.Use(_ => _ => Task.CompletedTask);
        app.UseEndpoints(endpoints => endpoints.DataSources.Add(gateway.Endpoints));
        return app.Build();
    }

    private static DefaultHttpContext Request(IServiceProvider services, string text, IReadOnlyList<string> headers)
    {
        string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        (string method, string target) = parts switch { [var path] => ("GET", path), [var m, var path] => (m.ToUpperInvariant(), path), _ => ("", "") };
        if (!target.StartsWith('/'))
            throw CommandException.Usage($"'{text}' is no request; write it as \"GET /v1/orders/7\".");

        int query = target.IndexOf('?', StringComparison.Ordinal);
        var context = new DefaultHttpContext { RequestServices = services };
        context.Request.Method = method;
        context.Request.Path = PathString.FromUriComponent(query < 0 ? target : target[..query]);
        context.Request.QueryString = query < 0 ? default : new(target[query..]);
        context.Request.Host = new("localhost");
        foreach (string header in headers)
        {
            int colon = header.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1)
                throw CommandException.Usage($"-H is '{header}'; write NAME:VALUE.");
            context.Request.Headers[header[..colon].Trim()] = header[(colon + 1)..].Trim();
        }
        return context;
    }

    private static string Why(GatewayRoute route, GatewayRoute? taken, HttpContext context)
    {
        var (match, request, values) = (route.Match, context.Request, new RouteValueDictionary());
        if (!new TemplateMatcher(TemplateParser.Parse(match.Path.TrimStart('/')), []).TryMatch(request.Path, values))
            return $"the path does not match {match.Path}";
        if (match.Methods.Count > 0 && !match.Methods.Contains(request.Method, StringComparer.OrdinalIgnoreCase))
            return $"the method is not {string.Join(" or ", match.Methods)}";
        if (match.Host is { } host && !IsHost(host, request.Host.Host))
            return $"the host is {request.Host.Host}, not {host}";
        if (route.Conditions?.WhyNot(context, values) is { } missing)
            return missing;
        if (route == taken)
            return $"it takes {(match.Methods.Count == 0 ? "every method" : string.Join(", ", match.Methods))} at {match.Host}{match.Path}";
        return taken?.Priority > route.Priority
            ? $"{taken.Name} takes it first: its priority is {taken.Priority}, not {route.Priority}"
            : $"{taken?.Name} takes it first: it says more exactly what it takes";
    }

    private static bool IsHost(string pattern, string host) => pattern.StartsWith("*.", StringComparison.Ordinal)
        ? host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
        : string.Equals(pattern, host, StringComparison.OrdinalIgnoreCase);

    // Which route it is does not depend on the values, and they may not be there where a file is explained.
    private sealed class NoSecrets : ISecrets
    {
        public string Get(string reference, WeftOptions options) => "";
    }
}
