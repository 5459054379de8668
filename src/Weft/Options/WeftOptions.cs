namespace Weft.Options;

/// <summary>
/// Everything that one Weft process is told, as one immutable value: what <c>weft.yaml</c> says, or what the C# builder says.
/// Two values are equal when they say the same. Only what code alone can give (handlers) stands beside it, by name.
/// </summary>
public sealed record WeftOptions
{
    /// <summary>The name of this system, in logs, metrics and <c>source</c> of events it makes. Default <c>weft</c>.</summary>
    public string Name { get; init; } = "weft";

    /// <summary>Values that expressions and templates may read as <c>vars.NAME</c>.</summary>
    public OptionsMap<string> Vars { get; init; } = [];

    /// <summary>Secrets by name. Only where to find them is kept here, never their value.</summary>
    public OptionsMap<SecretOptions> Secrets { get; init; } = [];

    /// <summary>Listeners, limits and logging of the process. Ignored, but for limits, when hosted in an app.</summary>
    public ServerOptions Server { get; init; } = new();

    /// <summary>What holds where a route or topic says nothing.</summary>
    public DefaultsOptions Defaults { get; init; } = new();

    /// <summary>Stores and databases by name.</summary>
    public OptionsMap<ConnectionOptions> Connections { get; init; } = [];

    /// <summary>Ways to authenticate a caller, by name.</summary>
    public OptionsMap<AuthOptions> Auth { get; init; } = [];

    /// <summary>
    /// What protects calls, by name. The built-in policies are <c>standard</c>, which holds where none is named, and <c>none</c>; one called <c>standard</c> here
    /// takes its place.
    /// </summary>
    public OptionsMap<PolicyOptions> Policies { get; init; } = [];

    /// <summary>How many requests routes let through, by name.</summary>
    public OptionsMap<LimitOptions> Limits { get; init; } = [];

    /// <summary>The services that Weft calls, by name.</summary>
    public OptionsMap<ServiceOptions> Services { get; init; } = [];

    /// <summary>What the gateway answers, by name.</summary>
    public OptionsMap<RouteOptions> Routes { get; init; } = [];

    /// <summary>The topics of the event bus, by name.</summary>
    public OptionsMap<TopicOptions> Topics { get; init; } = [];

    /// <summary>Who gets the events of a topic, by name.</summary>
    public OptionsMap<SubscriptionOptions> Subscriptions { get; init; } = [];

    /// <summary>What <c>weft test</c> finds out, by name. Nothing of it runs otherwise.</summary>
    public OptionsMap<TestOptions> Tests { get; init; } = [];

    /// <summary>The policy of a name, built-in ones included; <c>standard</c> for null.</summary>
    /// <param name="name">A name under <see cref="Policies"/>, <c>standard</c>, <c>none</c>, or null.</param>
    /// <exception cref="KeyNotFoundException">There is no such policy.</exception>
    public PolicyOptions PolicyOf(string? name) =>
        Policies.TryGetValue(name ?? PolicyOptions.StandardName, out var policy) ? policy
        : name is null or PolicyOptions.StandardName ? new()
        : name == PolicyOptions.NoneName ? PolicyOptions.None
        : throw new KeyNotFoundException($"There is no policy '{name}'. Defined: {string.Join(", ", Schema.PolicyKeys.Names(this).Select(n => n.Name))}.");
}

/// <summary>Where a secret's value is found. Exactly one is set.</summary>
public sealed record SecretOptions
{
    /// <summary>The environment variable that holds the value.</summary>
    public string? Env { get; init; }

    /// <summary>The file that holds the value; a trailing line break is dropped. Relative to the file that names it.</summary>
    public string? File { get; init; }

    /// <summary>The key in the configuration of the host (<c>Section:Key</c>), looked up when the secret is needed; in the file <c>config://Section:Key</c>.</summary>
    public string? Config { get; init; }
}

/// <summary>What holds where a route or an open topic says nothing.</summary>
public sealed record DefaultsOptions
{
    /// <summary>The <c>auth</c> of routes and open topics that name none: <c>none</c> or a name under <c>auth</c>. Without it, naming none is an error.</summary>
    public string? Auth { get; init; }
}

/// <summary>A store or database.</summary>
public sealed record ConnectionOptions
{
    /// <summary>The SQLite database file. Relative to the file that names it; created when missing. Network file systems are refused.</summary>
    public string? Sqlite { get; init; }

    /// <summary>
    /// The PostgreSQL database, as <c>postgres://user:password@host:5432/database</c>; several processes may share it. Its tables are made when missing,
    /// in the schema <c>weft</c> unless <c>?schema=NAME</c> says otherwise. <c>lease=SECONDS</c> (10; 1 to 600) is how long a process that is not heard of
    /// keeps its shards, and <c>listen=false</c> does without a connection that listens. Null for another kind of store.
    /// </summary>
    public string? Postgres { get; init; }

    /// <summary>
    /// With <see cref="Postgres"/>: how many shards a new topic has, 1 to 256. So many processes can read a subscription at once, and order holds within
    /// a key, which is always in one shard. A topic keeps the number that it was made with. Default 8.
    /// </summary>
    public int Shards { get; init; } = 8;

    /// <summary>What a publish survives once it returned. Default <see cref="Durability.Sync"/>.</summary>
    public Durability Durability { get; init; } = Durability.Sync;

    /// <summary>
    /// Whether it is a database of the app whose table <c>weft_outbox</c> is relayed; the table is made when missing. A SQLite database with an
    /// outbox is no store of topics. Default false.
    /// </summary>
    public bool Outbox { get; init; }

    /// <summary>Whether topics can be kept in it.</summary>
    internal bool IsStore => !(Outbox && Sqlite is not null);
}

/// <summary>What a message that was accepted survives.</summary>
public enum Durability
{
    /// <summary>Power loss: the file is synced before a publish returns.</summary>
    Sync,

    /// <summary>A crash of the process, not of the machine: the last commits may be lost on power loss, never order or consistency.</summary>
    Os,

    /// <summary>Nothing is promised after a crash.</summary>
    Memory,
}
