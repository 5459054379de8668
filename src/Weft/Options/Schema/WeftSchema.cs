using static Weft.Options.Schema.Forms;

namespace Weft.Options.Schema;

/// <summary>
/// Every key of the file, once: its name, what stands there, its range, where it is kept, and a sentence. The reader, the checks,
/// the editor's schema, <c>weft explain</c> and the printed configuration are all made from this table; defaults come from the records.
/// </summary>
internal static class WeftSchema
{
    /// <summary>The version of the form of the file.</summary>
    public const int Version = 1;

    /// <summary>Keys at the top of a file that are about files: the reader takes them out before options are made.</summary>
    public static IReadOnlyList<FileKey> FileKeys { get; } =
    [
        new("weft", "The version of the form of this file: 1.", new() { ["const"] = Version }),
        new("include", "Files to read as well, or patterns such as services/*.yaml, relative to this file. Maps merge; a name that is defined twice is an error.",
            new() { ["type"] = "array", ["items"] = new System.Text.Json.Nodes.JsonObject { ["type"] = "string" } }),
    ];

    /// <summary>The whole file. What belongs to files, and not to options, is in <see cref="FileKeys"/>.</summary>
    public static Section<WeftOptions> Root { get; } = Section.Of(new WeftOptions(), "what one Weft process does")
        .Key("name", SystemName, o => o.Name, (o, v) => o with { Name = v },
            "The name of this system, in logs, metrics and the source of events that it makes.")
        .Key("vars", new MapOf<string>(new Text(), VariableName), o => o.Vars, (o, v) => o with { Vars = v },
            "Values by name, for use in several places.")
        .Key("secrets", new MapOf<SecretOptions>(ProcessKeys.Secret, Name), o => o.Secrets, (o, v) => o with { Secrets = v },
            "Where secrets are found, by name; elsewhere they are written secret://NAME.")
        .Key("server", ProcessKeys.Server, o => o.Server, (o, v) => o with { Server = v },
            "Listeners, limits and logging of the process.")
        .Key("defaults", ProcessKeys.Defaults, o => o.Defaults, (o, v) => o with { Defaults = v },
            "What holds where a route or topic says nothing.")
        .Key("connections", new MapOf<ConnectionOptions>(ProcessKeys.Connection, Name), o => o.Connections, (o, v) => o with { Connections = v },
            "Stores and databases by name.")
        .Key("auth", new MapOf<AuthOptions>(AuthKeys.Auth, AuthName), o => o.Auth, (o, v) => o with { Auth = v },
            "Ways to authenticate a caller, by name.")
        .Key("policies", new PolicyMap(PolicyKeys.Policy, PolicyName), o => o.Policies, (o, v) => o with { Policies = v },
            "What protects calls, by name: deadline, timeout, retry, breaker, bulkhead, hedge and fallback. A policy called standard changes what holds where none is named.")
        .Key("limits", new MapOf<LimitOptions>(HttpKeys.Limit, Name), o => o.Limits, (o, v) => o with { Limits = v },
            "How many requests routes let through, by name.")
        .Key("services", new MapOf<ServiceOptions>(HttpKeys.Service, Name), o => o.Services, (o, v) => o with { Services = v },
            "The services that Weft calls, by name.")
        .Key("routes", new MapOf<RouteOptions>(HttpKeys.Route, Name), o => o.Routes, (o, v) => o with { Routes = v },
            "What the gateway answers, by name.")
        .Key("topics", new MapOf<TopicOptions>(EventBusKeys.Topic, Name), o => o.Topics, (o, v) => o with { Topics = v },
            "The topics of the event bus, by name: durable logs of events.")
        .Key("subscriptions", new MapOf<SubscriptionOptions>(EventBusKeys.Subscription, Name), o => o.Subscriptions, (o, v) => o with { Subscriptions = v },
            "Who gets the events of a topic, by name.")
        .Key("tests", new MapOf<TestOptions>(EventBusKeys.Test, Name), o => o.Tests, (o, v) => o with { Tests = v },
            "What weft test finds out, by name: which subscriptions get an event.")
        .Later("answers composed of several calls", "compositions")
        .Later("routing of messages by content", "routers")
        .Later("moving data in batches", "pipelines")
        .Later("capturing changes of databases", "captures")
        .Later("figures kept over changes", "views")
        .Later("contracts of messages and services", "contracts")
        .Others(FileKeys.Select(k => k.Name))
        .Rule(OptionsRules.DistinctRoutes)
        .Rule(OptionsRules.DistinctFiles)
        .Rule(OptionsRules.DistinctAddresses)
        .Rule(PolicyUseRules.Check);
}


/// <summary>A key at the top of a file that is about files.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Type">JSON Schema of its value.</param>
internal sealed record FileKey(string Name, string Summary, System.Text.Json.Nodes.JsonObject Type);
