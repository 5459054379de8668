using System.Diagnostics;
using Weft.EventBus;
using Weft.Postgres.Moving;
using Weft.Postgres.Storage;

namespace Weft.Postgres;

/// <summary>Looks at a store in a PostgreSQL schema. Backups are the business of the server's own tools, and of pg_dump when it is there.</summary>
internal sealed class PostgresStoreTools(PostgresLogOptions options, TimeProvider clock) : IStoreTools
{
    public string Place { get; } = NameOf(options);

    public async ValueTask<StoreFacts> InspectAsync(CancellationToken cancellation)
    {
        var database = new Database(options);
        await using (database.ConfigureAwait(false))
        {
            int version = await VersionAsync(database, cancellation).ConfigureAwait(false);
            string s = database.Schema;
            var facts = await database.QueryAsync($"""
                select (select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = '{s}' and c.relkind = 'r'),
                    (select count(*)::int from {s}.topic), (select count(*)::int from {s}.sub)
                """, row => new StoreFacts(version, Schema.Version, row.GetInt64(0), row.GetInt32(1), row.GetInt32(2)), cancellation).ConfigureAwait(false);
            return facts[0];
        }
    }

    public async ValueTask<IReadOnlyList<string>> CheckAsync(CancellationToken cancellation)
    {
        var database = new Database(options);
        await using (database.ConfigureAwait(false))
        {
            _ = await VersionAsync(database, cancellation).ConfigureAwait(false);
            return await StoreCheck.RunAsync(database, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Has pg_dump write the schema, as of one moment, in the form that pg_restore reads; without it, says which command does so.</summary>
    public async ValueTask<long> BackUpAsync(string file, CancellationToken cancellation)
    {
        string to = Path.GetFullPath(file);
        if (File.Exists(to))
            throw PostgresErrors.BackupFailed(Place, to, "the file exists");
        _ = await InspectAsync(cancellation).ConfigureAwait(false);
        string part = to + ".part";
        File.Delete(part);
        string[] arguments = ["--format=custom", $"--schema={options.Schema}", "--file", part, .. Connection()];
        var start = new ProcessStartInfo("pg_dump", arguments) { RedirectStandardError = true };
        // Not among the arguments, which all users of the machine see.
        if (options.Connection.Password is { Length: > 0 } password)
            start.Environment["PGPASSWORD"] = password;
        try
        {
            using var dump = Process.Start(start)!;
            string errors = await dump.StandardError.ReadToEndAsync(cancellation).ConfigureAwait(false);
            await dump.WaitForExitAsync(cancellation).ConfigureAwait(false);
            if (dump.ExitCode != 0)
                throw PostgresErrors.BackupFailed(Place, to, $"pg_dump ended with {errors.Trim().ReplaceLineEndings(" ")}");
            File.Move(part, to);
            return new FileInfo(to).Length;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw PostgresErrors.BackupFailed(Place, to, $"there is no pg_dump on the PATH. Where there is one, run: pg_dump --format=custom --schema={options.Schema} --file={to} {string.Join(' ', Connection())}", e);
        }
        finally
        {
            File.Delete(part);
        }
    }

    public async ValueTask<long> UpgradeAsync(CancellationToken cancellation)
    {
        var database = new Database(options);
        await using (database.ConfigureAwait(false))
        {
            int before = await VersionAsync(database, cancellation).ConfigureAwait(false);
            await Schema.PrepareAsync(database, cancellation).ConfigureAwait(false);
            return before;
        }
    }

    public async Task<StoreMoved?> FillAsync(IStoreContents contents, CancellationToken cancellation)
    {
        var database = new Database(options);
        await using (database.ConfigureAwait(false))
        {
            await Schema.PrepareAsync(database, cancellation).ConfigureAwait(false);
            return await database.RunAsync(async connection =>
            {
                var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
                await using (transaction.ConfigureAwait(false))
                {
                    var moved = await new StoreFiller(connection, database.Schema, options.Shards, clock.GetUtcNow().UtcTicks, cancellation).RunAsync(contents).ConfigureAwait(false);
                    await transaction.CommitAsync(cancellation).ConfigureAwait(false);
                    return moved;
                }
            }, cancellation).ConfigureAwait(false);
        }
    }

    private static async ValueTask<int> VersionAsync(Database database, CancellationToken cancellation) =>
        await Schema.FindVersionAsync(database, cancellation).ConfigureAwait(false) ?? throw PostgresErrors.NotThere(database.Name);

    private string[] Connection()
    {
        var c = options.Connection;
        string[] user = c.Username is { } name ? [$"--username={name}"] : [];
        return [$"--host={c.Host}", $"--port={c.Port}", .. user, $"--dbname={c.Database ?? c.Username}"];
    }

    private static string NameOf(PostgresLogOptions options) => Database.NameOf(options.Connection, options.Schema);
}
