using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Weft.Postgres.Tests.Rig;

/// <summary>
/// A server of the tests on loopback, with a data directory and a port of its own. The variable WEFT_TEST_POSTGRES has the URL of one that
/// runs already. A machine without a server fails the tests.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresServer>> s_shared = new(StartSharedAsync);
    private static readonly Lock s_lock = new();
    private static int s_schemas;

    private readonly string? _directory;
    private readonly int _port;
    private readonly string _url;
    private Process? _process;

    private PostgresServer(string? directory, int port, string url) => (_directory, _port, _url) = (directory, port, url);

    /// <summary>The one that all tests share.</summary>
    public static Task<PostgresServer> SharedAsync() => s_shared.Value;

    /// <summary>Starts one for a test that stops it.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        string directory = Directory.CreateTempSubdirectory("weft-postgres-").FullName;
        if (Environment.UserName == "root")
            await RunAsync("chown", "postgres", directory);
        var server = new PostgresServer(directory, FreePort(), "");
        server = new PostgresServer(directory, server._port, $"postgres://weft@127.0.0.1:{server._port}/postgres");
        await RunAsync(AsPostgres(Tool("initdb"), "-D", Path.Combine(directory, "data"), "-U", "weft", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"));
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>A store in a schema of its own.</summary>
    public PostgresLogOptions NewStore(int shards = 1)
    {
        string schema = $"t{Environment.ProcessId}_{Interlocked.Increment(ref s_schemas)}";
        Assert.True(PostgresUrl.TryRead($"{_url}?schema={schema}", out var options, out var problem), problem);
        // Small pools, because many stores are open at once.
        options.Connection.MaxPoolSize = 20;
        options.Connection.ApplicationName = $"{schema}_{Guid.NewGuid():N}";
        return options with { Shards = shards };
    }

    /// <summary>Runs a statement beside the logs.</summary>
    public async Task<object?> ExecuteAsync(string sql)
    {
        Assert.True(PostgresUrl.TryRead(_url, out var options, out _));
        await using var connection = new NpgsqlConnection(options.Connection.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Cuts all connections of a store that was opened with these options.</summary>
    public Task CutAsync(PostgresLogOptions options) =>
        ExecuteAsync($"select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = '{options.Connection.ApplicationName}'");

    /// <summary>Stops it as a crash does.</summary>
    public async Task CrashAsync()
    {
        // SIGQUIT: every process of the server ends at once, and the next start recovers.
        await RunAsync("kill", "-QUIT", _process!.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await _process.WaitForExitAsync();
    }

    /// <summary>Stops it, letting go of all connections, or as a crash does, and starts it again.</summary>
    public async Task RestartAsync(bool immediate)
    {
        await RunAsync("kill", immediate ? "-QUIT" : "-INT", _process!.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await _process.WaitForExitAsync();
        await StartAgainAsync();
    }

    /// <summary>Starts it on the same data and port.</summary>
    public async Task StartAgainAsync()
    {
        string[] command = AsPostgres(Tool("postgres"), "-D", Path.Combine(_directory!, "data"), "-p", $"{_port}", "-c", "listen_addresses=127.0.0.1",
            "-c", "unix_socket_directories=", "-c", "max_connections=400", "-c", "fsync=off", "-c", "log_min_messages=fatal");
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.ErrorDataReceived += static (_, _) => { };
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        for (int tries = 0; ; tries++)
        {
            try
            {
                await ExecuteAsync("select 1");
                return;
            }
            catch (Exception e) when (e is NpgsqlException && tries < 300 && !_process.HasExited)
            {
                await Task.Delay(100);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await CrashAsync();
        if (_directory is not null)
            Directory.Delete(_directory, recursive: true);
    }

    private static async Task<PostgresServer> StartSharedAsync()
    {
        if (Environment.GetEnvironmentVariable("WEFT_TEST_POSTGRES") is { Length: > 0 } url)
            return new PostgresServer(null, 0, url);
        var server = await StartAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(10));
        return server;
    }

    // PostgreSQL refuses to run as root.
    public static string[] AsPostgres(params string[] command) =>
        Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", .. command] : command;

    private static string Tool(string name)
    {
        var installed = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        return installed.Select(d => Path.Combine(d, "bin", name)).Where(File.Exists).OrderDescending(StringComparer.Ordinal).FirstOrDefault()
            ?? throw new InvalidOperationException($"There is no PostgreSQL server on this machine ({name}). Install the Debian package postgresql, or set WEFT_TEST_POSTGRES to the URL of one that runs.");
    }

    private static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {await output}{await errors}");
    }

    public static int FreePort()
    {
        lock (s_lock)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return ((IPEndPoint)socket.LocalEndPoint!).Port;
        }
    }
}
