using Weft.Diagnostics;
using static Weft.Options.Schema.Forms;

namespace Weft.Options.Schema;

/// <summary>The process: listeners, secrets, stores, who may call. Order matters: a section stands after those that it holds.</summary>
internal static class ProcessKeys
{
    public static Section<SecretOptions> Secret { get; } = Section.Of(new SecretOptions(), "where a secret is found")
        .Key("env", Variable, o => o.Env, (o, v) => o with { Env = v },
            "The environment variable that holds the value.")
        .Key("file", new FilePath("a file, relative to this one"), o => o.File, (o, v) => o with { File = v },
            "The file that holds the value; a trailing line break is dropped.")
        .Key("config", new HostReference(), o => o.Config, (o, v) => o with { Config = v },
            "The key in the configuration of the host, looked up when the secret is needed.")
        .ExactlyOne("env", "file", "config")
        .ShortFor("config");

    public static Section<ListenOptions> Listen { get; } = Section.Of(new ListenOptions { Url = "" }, "an address with TLS")
        .Key("url", Address("an address such as http://127.0.0.1:8080"), o => o.Url, (o, v) => o with { Url = v },
            "http://HOST:PORT or https://HOST:PORT; port 0 takes a free one.", required: true)
        .Key("certificate", new FilePath("a file (PEM or PKCS #12), relative to this one"), o => o.Certificate, (o, v) => o with { Certificate = v },
            "The certificate of an https address.")
        .Key("key", new FilePath("a file (PEM), relative to this one"), o => o.Key, (o, v) => o with { Key = v },
            "The private key, when it is not in the certificate file.")
        .Key("clientCertificates", AuthKeys.CallerCertificate, o => o.ClientCertificates, (o, v) => o with { ClientCertificates = v },
            "Asks callers for a certificate (mutual TLS); who of them may call is said under auth.")
        .ShortFor("url")
        .Rule(OptionsRules.Certificate);

    public static Section<AdminTokenOptions> AdminToken { get; } = Section.Of(new AdminTokenOptions { Token = "" }, "a token and its rights")
        .Key("token", new SecretReference(), o => o.Token, (o, v) => o with { Token = v },
            "The secret with the bearer token.", required: true)
        .Key("rights", new Choice<AdminRights>(), o => o.Rights, (o, v) => o with { Rights = v },
            "What its bearer may do; each includes the ones before.")
        .ShortFor("token");

    public static Section<AdminOptions> Admin { get; } = Section.Of(new AdminOptions(), "the admin address")
        .Key("listen", Listen, o => o.Listen, (o, v) => o with { Listen = v },
            "The admin address. Anything but loopback needs TLS and tokens.")
        .Key("tokens", new ListOf<AdminTokenOptions>(AdminToken, 100), o => o.Tokens, (o, v) => o with { Tokens = v },
            "The bearer tokens. Without any, one is made at first start and kept in a file that only the owner can read.")
        .Rule(OptionsRules.AdminIsSafe);

    public static Section<LogOptions> Log { get; } = Section.Of(new LogOptions(), "how the process logs")
        .Key("format", new Choice<LogFormat>(), o => o.Format, (o, v) => o with { Format = v },
            "How log lines look.")
        .Key("access", new Truth(), o => o.Access, (o, v) => o with { Access = v },
            "Whether every request of the public addresses is logged.");

    public static Section<BatchOptions> Batch { get; } = Section.Of(new BatchOptions(), "several requests in one")
        .Key("path", Forms.ServicePath, o => o.Path, (o, v) => o with { Path = v },
            "Where they are sent with POST.")
        .Key("max", new Integer(1, 1000), o => o.Max, (o, v) => o with { Max = v },
            "How many operations a batch may have.")
        .Key("parallel", new Integer(1, 256), o => o.Parallel, (o, v) => o with { Parallel = v },
            "How many of them run at once.")
        .Key("timeout", new Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)), o => o.Timeout, (o, v) => o with { Timeout = v },
            "How long each may take until its answer is whole.")
        .Key("maxAnswer", new Size(1, 64 << 20), o => o.MaxAnswer, (o, v) => o with { MaxAnswer = (int)v },
            "The largest answer of one; it is kept in memory.")
        .ShortFor("path");

    public static Section<ServerOptions> Server { get; } = Section.Of(new ServerOptions(), "the process")
        .Key("listen", new ListOf<ListenOptions>(Listen, 100), o => o.Listen, (o, v) => o with { Listen = v },
            "The public addresses: routes and open topics.")
        .Key("probes", Address("an address such as http://127.0.0.1:8081"), o => o.Probes, (o, v) => o with { Probes = v },
            "The address of health and metrics and nothing else, safe to show to a cluster.")
        .Key("admin", Admin, o => o.Admin, (o, v) => o with { Admin = v },
            "The address of everything else that acts on the process.")
        .Key("drain", new Duration(TimeSpan.Zero, TimeSpan.FromMinutes(10)), o => o.Drain, (o, v) => o with { Drain = v },
            "How long a stopping process lets requests and handlers finish.")
        .Key("maxBody", new Size(0, 1L << 40), o => o.MaxBody, (o, v) => o with { MaxBody = v },
            "The largest request body that a route takes, unless it says otherwise.")
        .Key("log", Log, o => o.Log, (o, v) => o with { Log = v },
            "How the process logs.")
        .Key("trustedProxies", new ListOf<string>(Network, 100), o => o.TrustedProxies, (o, v) => o with { TrustedProxies = v },
            "Proxies in front, as addresses or networks. Only they are believed for whom they forward, how long their caller waits, and that it repeats.")
        .Key("zone", SystemName, o => o.Zone, (o, v) => o with { Zone = v },
            "Where this process is, such as a data centre: instances of services in the same zone are preferred.")
        .Key("batch", Batch, o => o.Batch, (o, v) => o with { Batch = v },
            "Takes several requests in one; not when not said.")
        .Later("addresses of optimised images", "images");

    public static Section<DefaultsOptions> Defaults { get; } = Section.Of(new DefaultsOptions(), "what holds where nothing is said")
        .Key("auth", new NameOf("auth", AuthNames, noneAllowed: true), o => o.Auth, (o, v) => o with { Auth = v },
            "Who may call routes and open topics that say nothing. Without it, saying nothing is an error.");

    private static readonly int s_shards = new ConnectionOptions().Shards;

    public static Section<ConnectionOptions> Connection { get; } = Section.Of(new ConnectionOptions(), "a store or database")
        .Key("sqlite", new FilePath("a file, relative to this one"), o => o.Sqlite, (o, v) => o with { Sqlite = v },
            "The SQLite database file, made when missing. Network file systems are refused.",
            remedy: "For a store that keeps nothing, set durability: memory.")
        .Key("durability", new Choice<Durability>(), o => o.Durability, (o, v) => o with { Durability = v },
            "What an accepted event survives: sync: power loss; os: a crash of the process; memory: nothing.")
        .Key("postgres", new PostgresAddress(), o => o.Postgres, (o, v) => o with { Postgres = v },
            "The PostgreSQL database: postgres://USER:PASSWORD@HOST:5432/DATABASE. Several processes may share it. Its tables are made when missing, in the schema weft unless ?schema=NAME says otherwise.")
        .Key("shards", new Integer(1, 256), o => o.Shards, (o, v) => o with { Shards = v },
            "With postgres: how many shards a new topic has. So many processes can read a subscription at once; a topic keeps the number that it was made with.")
        .Key("outbox", new Truth(), o => o.Outbox, (o, v) => o with { Outbox = v },
            "Whether it is a database of the app whose table weft_outbox is relayed to the topics. With sqlite it keeps no topics then.")
        .Later("other stores and databases", "mysql", "rabbitmq", "kafka", "redis")
        .ExactlyOne("sqlite", "postgres")
        .Rule((connection, path, checking) =>
        {
            if (connection.Sqlite is not null && connection.Shards != s_shards)
                checking.Report(ProblemCodes.ExactlyOne, path.Key("shards"), null, $"{path}.shards goes with postgres and does nothing beside sqlite, whose topics are read by one process. Remove it.");
        });

    public static IEnumerable<(string Name, bool Enabled)> AuthNames(WeftOptions options) => options.Auth.Select(a => (a.Key, true));
}
