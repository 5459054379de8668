using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Weft.Load.Bus;

/// <summary>A RabbitMQ node on loopback with a temporary directory. Its schedulers do not spin, since it shares two cores with its clients.</summary>
internal sealed class RabbitServer : IAsyncDisposable
{
    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    private readonly string _directory = Directory.CreateTempSubdirectory("weft-bench-").FullName;
    private readonly int _port = Servers.FreePort(), _epmd = Servers.FreePort(), _distribution = Servers.FreePort();
    private Process? _process;
    private int _queues;

    public string Version { get; } = Path.GetFileName(Directory.GetDirectories("/usr/lib/rabbitmq/lib", "rabbitmq_server-*").FirstOrDefault() ?? "").Replace("rabbitmq_server-", "", StringComparison.Ordinal);

    public string Url => $"amqp://guest:guest@127.0.0.1:{_port}/";

    public static async Task<RabbitServer> StartAsync()
    {
        if (!File.Exists(Program))
            throw new InvalidOperationException($"There is no {Program}. Install the Debian package rabbitmq-server.");
        var server = new RabbitServer();
        await File.WriteAllTextAsync(Path.Combine(server._directory, "plugins"), "[].");
        server._process = Servers.Start([Program], server.Environment());
        await Servers.UntilAsync(server._process, async () =>
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, server._port);
        });
        return server;
    }

    /// <summary>A name for a queue that nobody has used.</summary>
    public string NewQueue() => $"orders{++_queues}";

    public async ValueTask DisposeAsync()
    {
        await Servers.EndAsync(_process, "-TERM");
        // The port mapper that the node has started outlives it.
        await Servers.RunAsync("epmd", "-port", $"{_epmd}", "-kill");
        Directory.Delete(_directory, recursive: true);
    }

    private Dictionary<string, string> Environment() => new()
    {
        ["HOME"] = _directory,
        ["ERL_EPMD_PORT"] = $"{_epmd}",
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODENAME"] = $"weft{_port}@localhost",
        ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODE_PORT"] = $"{_port}",
        ["RABBITMQ_DIST_PORT"] = $"{_distribution}",
        ["RABBITMQ_MNESIA_BASE"] = _directory,
        ["RABBITMQ_LOG_BASE"] = _directory,
        ["RABBITMQ_LOGS"] = Path.Combine(_directory, "node.log"),
        ["RABBITMQ_PID_FILE"] = Path.Combine(_directory, "pid"),
        ["RABBITMQ_GENERATED_CONFIG_DIR"] = Path.Combine(_directory, "config"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_directory, "plugins"),
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+sbwt none +sbwtdcpu none +sbwtdio none",
    };
}
