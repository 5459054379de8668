using System.Diagnostics;
using Npgsql;

namespace Weft.Load.Bus;

/// <summary>A PostgreSQL server on loopback with a temporary directory, fsync on and otherwise as the package has it.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("weft-bench-").FullName;
    private readonly int _port = Servers.FreePort();
    private Process? _process;
    private int _databases;

    public string Version { get; private set; } = "";

    public static async Task<PostgresServer> StartAsync()
    {
        var server = new PostgresServer();
        string data = Path.Combine(server._directory, "data");
        if (Environment.UserName == "root")
            await Servers.RunAsync("chown", "postgres", server._directory);
        await Servers.RunAsync(AsPostgres(Tool("initdb"), "-D", data, "-U", "weft", "-A", "trust", "-E", "UTF8", "--no-locale"));
        server._process = Servers.Start(AsPostgres(Tool("postgres"), "-D", data, "-p", $"{server._port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="));
        await Servers.UntilAsync(server._process, async () => server.Version = (string)(await server.ExecuteAsync("show server_version"))!);
        return server;
    }

    /// <summary>Makes an empty database and has the server write what it still holds of others.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        string name = $"cell{++_databases}";
        await ExecuteAsync($"create database {name}");
        await ExecuteAsync("checkpoint");
        return name;
    }

    public Task DropAsync(string database) => ExecuteAsync($"drop database {database} with (force)");

    public string ConnectionOf(string database) => $"Host=127.0.0.1;Port={_port};Username=weft;Database={database}";

    public string UrlOf(string database) => $"postgres://weft@127.0.0.1:{_port}/{database}";

    public async ValueTask DisposeAsync()
    {
        await Servers.EndAsync(_process, "-INT");
        Directory.Delete(_directory, recursive: true);
    }

    private async Task<object?> ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionOf("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    // It refuses to run as root.
    private static string[] AsPostgres(params string[] command) =>
        Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", .. command] : command;

    private static string Tool(string name)
    {
        var installed = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        return installed.Select(d => Path.Combine(d, "bin", name)).Where(File.Exists).OrderDescending(StringComparer.Ordinal).FirstOrDefault()
            ?? throw new InvalidOperationException($"There is no {name} below /usr/lib/postgresql. Install the Debian package postgresql.");
    }
}
