namespace Weft.Options;

/// <summary>Listeners, limits and logging of a Weft process.</summary>
public sealed record ServerOptions
{
    /// <summary>The public addresses: routes and open topics. Default <c>http://127.0.0.1:8080</c>. Port 0 takes a free port.</summary>
    public OptionsList<ListenOptions> Listen { get; init; } = [new() { Url = "http://127.0.0.1:8080" }];

    /// <summary>The address of health and metrics and nothing else; null switches it off.</summary>
    public string? Probes { get; init; }

    /// <summary>The address of everything else that acts on the process; null switches it off.</summary>
    public AdminOptions? Admin { get; init; }

    /// <summary>How long a stopping process lets requests and handlers finish. 0 s to 10 min, default 30 s.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest request body in bytes that a route takes, unless it says otherwise. 0 to 1 TB, default 30 MB.</summary>
    public long MaxBody { get; init; } = 30L << 20;

    /// <summary>
    /// Proxies in front, as addresses or networks such as <c>10.0.0.0/8</c>. Only they are believed for whom they forward (<c>X-Forwarded-*</c>), how long
    /// their caller waits (<c>weft-timeout-ms</c>, <c>grpc-timeout</c> and the like) and that it repeats (<c>weft-attempt</c>). Default none.
    /// </summary>
    public OptionsList<string> TrustedProxies { get; init; } = [];

    /// <summary>Takes several requests in one; null for not.</summary>
    public BatchOptions? Batch { get; init; }

    /// <summary>Where this process is, such as a data centre: instances of the same zone are preferred. Null, the default, when nobody says.</summary>
    public string? Zone { get; init; }

    /// <summary>How the process logs.</summary>
    public LogOptions Log { get; init; } = new();
}

/// <summary>Several requests in one. Each is authenticated, limited and answered as if it had come by itself.</summary>
public sealed record BatchOptions
{
    /// <summary>Where they are sent with POST. Default <c>/batch</c>.</summary>
    public string Path { get; init; } = "/batch";

    /// <summary>How many operations a batch may have. 1 to 1000, default 20.</summary>
    public int Max { get; init; } = 20;

    /// <summary>How many of them run at once. 1 to 256, default 8.</summary>
    public int Parallel { get; init; } = 8;

    /// <summary>How long each may take until its answer is whole. 1 ms to 1 h, default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest answer of one in bytes, which is kept in memory. 1 byte to 64 MB, default 1 MB.</summary>
    public int MaxAnswer { get; init; } = 1 << 20;
}

/// <summary>One address to listen on.</summary>
public sealed record ListenOptions
{
    /// <summary><c>http://HOST:PORT</c> or <c>https://HOST:PORT</c>.</summary>
    public required string Url { get; init; }

    /// <summary>The certificate file (PEM or PKCS #12) of an <c>https</c> address.</summary>
    public string? Certificate { get; init; }

    /// <summary>The private key file (PEM), when it is not in the certificate file.</summary>
    public string? Key { get; init; }

    /// <summary>Asks callers of an <c>https</c> address for a certificate; null for not at all.</summary>
    public CallerCertificateOptions? ClientCertificates { get; init; }
}

/// <summary>How a listener asks its callers for a certificate (mutual TLS).</summary>
public sealed record CallerCertificateOptions
{
    /// <summary>The file (PEM) of the certificates that sign those of callers. The machine's own are not believed. Revocation is not asked for.</summary>
    public string Ca { get; init; } = "";

    /// <summary>Whether the connection ends without a certificate. Default true; with false, <c>auth</c> of the route decides.</summary>
    public bool Required { get; init; } = true;
}

/// <summary>The admin address and who may use it.</summary>
public sealed record AdminOptions
{
    /// <summary>The address. Anything but loopback needs TLS and configured tokens.</summary>
    public ListenOptions Listen { get; init; } = new() { Url = "http://127.0.0.1:9090" };

    /// <summary>
    /// The accepted bearer tokens. When empty, one with all rights is made at first start and kept in a file that only
    /// the owner can read and that the <c>weft</c> command finds by itself.
    /// </summary>
    public OptionsList<AdminTokenOptions> Tokens { get; init; } = [];
}

/// <summary>A bearer token of the admin address.</summary>
public sealed record AdminTokenOptions
{
    /// <summary>The secret with the token: <c>secret://NAME</c>.</summary>
    public required string Token { get; init; }

    /// <summary>What its bearer may do. Default <see cref="AdminRights.Admin"/>.</summary>
    public AdminRights Rights { get; init; } = AdminRights.Admin;
}

/// <summary>What the bearer of an admin token may do; each includes the ones before.</summary>
public enum AdminRights
{
    /// <summary>Look.</summary>
    Read,

    /// <summary>Pause, resume, replay, discard.</summary>
    Operate,

    /// <summary>Everything, changing the configuration included.</summary>
    Admin,
}

/// <summary>How the process logs.</summary>
public sealed record LogOptions
{
    /// <summary>Default <see cref="LogFormat.Text"/>.</summary>
    public LogFormat Format { get; init; }

    /// <summary>Whether every request of the public addresses is logged. Default false.</summary>
    public bool Access { get; init; }
}

/// <summary>How log lines look.</summary>
public enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}
