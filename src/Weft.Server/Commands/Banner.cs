using Weft.AspNetCore.Dashboard;
using Weft.AspNetCore.Endpoints;
using Weft.Options;
using Weft.Server.Hosting;
using RouteOptions = Weft.Options.RouteOptions;

namespace Weft.Server.Commands;

/// <summary>What <c>weft run</c> says once everything runs.</summary>
internal static class Banner
{
    public static void Write(Terminal terminal, WeftOptions options, string file, WeftServer server)
    {
        terminal.Out.WriteLine($"weft {VersionCommand.Version} runs {options.Name} from {file}");
        Section(terminal, ["LISTENER", "ADDRESS", ""], server.Addresses.All.Select(a => Row(
            a.Kind.ToString().ToLowerInvariant(), a.Url, a.Kind == ListenerKind.Admin && server.TokenFile is { } token ? $"token in {token}" : "")));
        Section(terminal, ["ROUTE", "TAKES", "DOES"], options.Routes.Where(r => r.Value.Enabled).Select(r => Row(r.Key, Takes(r.Value.Match), Does(r.Value))));
        Section(terminal, ["TOPIC", "KEY", "OPEN TO"], options.Topics.Where(t => t.Value.Enabled).Select(t => Row(t.Key, t.Value.Key, OpenTo(t.Key, t.Value, options))));
        Section(terminal, ["SUBSCRIPTION", "FROM", "TO"], options.Subscriptions.Where(s => s.Value.Enabled).Select(s => Row(s.Key, s.Value.From, To(s.Value))));
        if (DashboardFiles.Built.IsBuilt)
            WriteDashboard(terminal, server.Addresses.All.FirstOrDefault(a => a.Kind == ListenerKind.Admin).Url, server.TokenFile);
        terminal.Out.WriteLine();
        terminal.Out.WriteLine("Ready. Ctrl+C stops.");
        terminal.Out.Flush();
    }

    /// <summary>The address of the dashboard; on a terminal with the token that Weft made, which the page takes from there.</summary>
    internal static void WriteDashboard(Terminal terminal, string? admin, string? tokenFile)
    {
        if (admin is null)
            return;
        // What is not a terminal may be a log, and a secret does not belong there. The part behind # is not sent to any server.
        string? token = tokenFile is not null && terminal.IsTerminal ? AdminTokenFile.TryRead(tokenFile) : null;
        terminal.Out.WriteLine();
        terminal.Out.WriteLine($"Dashboard at {admin}/{(token is null ? "" : $"#token={token}")}");
    }

    /// <summary>The requests that a route takes, such as <c>GET,POST api.example.com/v1/orders/{**rest}</c>.</summary>
    public static string Takes(MatchOptions match) =>
        $"{(match.Methods.Count == 0 ? "*" : string.Join(',', match.Methods))} {match.Host}{match.Path}";

    /// <summary>What a route does with them.</summary>
    public static string Does(RouteOptions route) => route.Forward is { } forward ? $"forward to {forward.Service}" : $"publish to {route.Publish?.Topic}";

    /// <summary>Where a subscription delivers.</summary>
    public static string To(SubscriptionOptions subscription) =>
        subscription.Push is { } push ? $"push to {push.Service} {push.Path}" : $"handler {subscription.Handler}";

    private static string OpenTo(string name, TopicOptions topic, WeftOptions options) => topic.Accept is not { } accept
        ? "routes and code only"
        : $"POST /topics/{name} by {(accept.Auth?.IsNone ?? options.Defaults.Auth is "none" ? "anybody" : accept.Auth is { } auth ? string.Join(" or ", auth.AnyOf) : options.Defaults.Auth)}";

    private static void Section(Terminal terminal, string[] headers, IEnumerable<string[]> rows)
    {
        var all = rows.ToArray();
        if (all.Length == 0)
            return;
        terminal.Out.WriteLine();
        terminal.WriteTable(headers, all);
    }

    private static string[] Row(params string[] cells) => cells;
}
