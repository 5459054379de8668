using Weft.Diagnostics;

namespace Weft.Options.Schema;

/// <summary>Rules between keys and between sections. Each looks at one thing and says what to do.</summary>
internal static class OptionsRules
{
    public static void RouteHasAuth(RouteOptions route, OptionsPath path, Checking checking) => HasAuth(route.Auth, path, checking);

    public static void AcceptHasAuth(AcceptOptions accept, OptionsPath path, Checking checking) => HasAuth(accept.Auth, path, checking);

    private static void HasAuth(RouteAuthOptions? auth, OptionsPath path, Checking checking)
    {
        if (auth is null && checking.Options.Defaults.Auth is null)
            checking.ReportAbsence(ProblemCodes.NoAuth, path.Key("auth"),
                $"{path}.auth is missing and there is no defaults.auth: it is not said who may call. Name an entry of auth, or 'none' for everybody.");
    }

    public static void TopicHasStore(TopicOptions topic, OptionsPath path, Checking checking)
    {
        string[] stores = [.. checking.Options.Connections.Where(c => c.Value.IsStore).Select(c => c.Key)];
        if (topic.Store is { } named && checking.Options.Connections.TryGetValue(named, out var connection) && !connection.IsStore)
            checking.Report(ProblemCodes.WrongForm, path.Key("store"), named, $"{path}.store names {named}, a SQLite database with an outbox, which keeps no topics. Name another connection, such as {{ sqlite: weft.db }}.");
        if (topic.Store is not null || stores.Length == 1)
            return;
        checking.ReportAbsence(ProblemCodes.StoreNeeded, path.Key("store"), stores.Length == 0
            ? $"{path} has no store: there is no connection. Add connections: {{ main: {{ sqlite: weft.db }} }}."
            : $"{path}.store is missing and there are {stores.Length} connections. Name one: {string.Join(", ", stores)}.");
    }

    public static void KeyNeedsType(PublishOptions publish, OptionsPath path, Checking checking)
    {
        if (publish.Key is not null && publish.Type is null)
            checking.Report(ProblemCodes.WrongForm, path.Key("key"), null,
                $"{path}.key is for events that the route makes, and without type it makes none: the request is the event and has its own partitionkey. Add type, or remove key.");
    }

    public static void TestOfItsTopic(TestOptions test, OptionsPath path, Checking checking)
    {
        foreach (string name in test.Expect)
        {
            if (checking.Options.Subscriptions.TryGetValue(name, out var subscription) && subscription.From != test.Topic)
                checking.Report(ProblemCodes.WrongForm, path.Key("expect"), name, $"{path}.expect has {name}, which reads the topic {subscription.From} and gets nothing of {test.Topic}. Take it out, or test the other topic.");
        }
    }

    public static void CapNotBelowBase(DeliveryRetryOptions retry, OptionsPath path, Checking checking)
    {
        if (retry.Cap < retry.Base)
            checking.Report(ProblemCodes.CapBelowBase, path.Key("cap"), null, $"{path}.cap is shorter than {path}.base. Raise cap or lower base.");
    }

    public static void StatusOnce(PushStatusOptions status, OptionsPath path, Checking checking)
    {
        if (status.Dead.Intersect(status.Pause).Select(s => (int?)s).FirstOrDefault() is { } twice)
            checking.Report(ProblemCodes.WrongForm, path, null, $"{path} has {twice} in dead and in pause. It can mean one of the two: write both lists, and {twice} in one.");
    }

    public static void Certificate(ListenOptions listen, OptionsPath path, Checking checking)
    {
        if (!Uri.TryCreate(listen.Url, UriKind.Absolute, out var uri))
            return;
        if (uri.Scheme == "https" && listen.Certificate is null)
            checking.ReportAbsence(ProblemCodes.Certificate, path, $"{path} listens on https and has no certificate. Add certificate, and key when the certificate file does not hold it.");
        else if (uri.Scheme == "http" && (listen.Certificate ?? listen.Key) is not null)
            checking.Report(ProblemCodes.Certificate, path, null, $"{path} has a certificate but listens on http. Write https in url, or remove the certificate.");
        if (uri.Scheme == "http" && listen.ClientCertificates is not null)
            checking.Report(ProblemCodes.Certificate, path.Key("clientCertificates"), null, $"{path}.clientCertificates is for https, and {path} listens on http. Write https in url, or remove it.");
        if (uri.AbsolutePath != "/")
            checking.Report(ProblemCodes.WrongForm, path.Key("url"), null, $"{path}.url has a path; an address to listen on has none.");
    }

    public static void AdminIsSafe(AdminOptions admin, OptionsPath path, Checking checking)
    {
        if (!Uri.TryCreate(admin.Listen.Url, UriKind.Absolute, out var uri) || uri.IsLoopback)
            return;
        var secure = uri.Scheme == "https";
        if (!secure || admin.Tokens.Count == 0)
            checking.Report(ProblemCodes.OpenListener, path.Key("listen"), null,
                $"{path}.listen can be reached from other machines and needs {(secure ? "" : "TLS (https)")}{(secure || admin.Tokens.Count > 0 ? "" : " and ")}{(admin.Tokens.Count > 0 ? "" : "tokens")}. Add it, or listen on 127.0.0.1.");
    }

    public static void DistinctAddresses(WeftOptions options, OptionsPath path, Checking checking)
    {
        var server = path.Key("server");
        var seen = new Dictionary<string, OptionsPath>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < options.Server.Listen.Count; i++)
            Add(options.Server.Listen[i].Url, server.Key("listen").Item(i));
        Add(options.Server.Probes, server.Key("probes"));
        Add(options.Server.Admin?.Listen.Url, server.Key("admin").Key("listen"));

        void Add(string? url, OptionsPath at)
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Port == 0 || seen.TryAdd(uri.Authority, at))
                return;
            checking.Report(ProblemCodes.SameAddress, at, null, $"{at} is the address of {seen[uri.Authority]} too. Give each its own port; port 0 takes a free one.");
        }
    }

    public static void DistinctFiles(WeftOptions options, OptionsPath path, Checking checking)
    {
        var seen = new Dictionary<string, OptionsPath>(StringComparer.Ordinal);
        foreach (var (name, connection) in options.Connections)
        {
            var at = path.Key("connections").Key(name).Key("sqlite");
            if (string.IsNullOrEmpty(connection.Sqlite) || connection.Sqlite.Contains('\0', StringComparison.Ordinal))
                continue;
            var file = Path.GetFullPath(connection.Sqlite);
            if (!seen.TryAdd(file, at))
                checking.Report(ProblemCodes.SameFile, at, null, $"{at} is the file of {seen[file]} too. A file is opened once: use one connection, or name another file.");
        }
    }

    /// <summary>Two routes must not take the same requests: same path but for the names of holes, a method in common, same host.</summary>
    public static void DistinctRoutes(WeftOptions options, OptionsPath path, Checking checking)
    {
        foreach (var (name, other) in RouteClashes.Find(options.Routes.Where(r => r.Value.Enabled)))
        {
            checking.Report(ProblemCodes.SameRoute, path.Key("routes").Key(name).Key("match"), null,
                $"routes.{name} takes the same requests as routes.{other}. Tell them apart by path, methods, host, headers or query, give one of them a priority, or switch one off with enabled: false.");
        }
    }
}
