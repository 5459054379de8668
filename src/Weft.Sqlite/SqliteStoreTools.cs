using Weft.EventBus;
using Weft.Flows;
using Weft.Options;
using Weft.Sqlite.Native;
using Weft.Sqlite.Storage;

namespace Weft.Sqlite;

/// <summary>
/// Looks at a store in a SQLite file and copies it. SQLite lets others read while one process writes, so these need no claim on the store; each
/// sees it as of one moment.
/// </summary>
internal sealed class SqliteStoreTools(string file, TimeProvider clock) : IStoreTools
{
    private static readonly TimeSpan s_busy = TimeSpan.FromSeconds(5);

    public string Place { get; } = Path.GetFullPath(file);

    public ValueTask<StoreFacts> InspectAsync(CancellationToken cancellation)
    {
        using var connection = Open();
        long version = Schema.VersionOf(connection, Place);
        return new(new StoreFacts(
            version,
            Schema.Version,
            connection.QueryInt64("select page_count * page_size from pragma_page_count(), pragma_page_size()"),
            (int)connection.QueryInt64("select count(*) from topic"),
            (int)connection.QueryInt64("select count(*) from sub")));
    }

    public ValueTask<IReadOnlyList<string>> CheckAsync(CancellationToken cancellation)
    {
        using var connection = Open();
        long version = Schema.VersionOf(connection, Place);
        // All of it sees one moment.
        connection.Execute("begin");
        var findings = StoreCheck.Run(connection, version, cancellation);
        connection.Execute("rollback");
        return new(findings);
    }

    public ValueTask<long> BackUpAsync(string file, CancellationToken cancellation)
    {
        string to = Path.GetFullPath(file);
        if (File.Exists(to))
            throw SqliteErrors.BackupExists(to);
        using var connection = Open();
        _ = Schema.VersionOf(connection, Place);
        // Under another name until it is whole: a backup that was cut off must not look like one.
        string part = to + ".part";
        try
        {
            if (File.Exists(part))
                File.Delete(part);
            using (var copy = connection.Prepare("vacuum into ?1"))
                copy.Bind(1, part).Run();
            Sync(part);
            cancellation.ThrowIfCancellationRequested();
            File.Move(part, to);
            return new(new FileInfo(to).Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LogException)
        {
            throw SqliteErrors.BackupFailed(Place, to, e.Message, e);
        }
        finally
        {
            if (File.Exists(part))
                File.Delete(part);
        }
    }

    public async ValueTask<long> UpgradeAsync(CancellationToken cancellation)
    {
        long before;
        using (var connection = Open())
            before = Schema.VersionOf(connection, Place);
        await SqliteMessageLog.Open(Place, Durability.Sync, clock).DisposeAsync().ConfigureAwait(false);
        return before;
    }

    public async Task<IStoreContents?> OpenAsync(CancellationToken cancellation) =>
        File.Exists(Place) ? await SqliteStoreContents.OpenAsync(Place, clock).ConfigureAwait(false) : throw SqliteErrors.NotThere(Place);

    private Connection Open() => File.Exists(Place) ? Connection.Open(Place, null, s_busy) : throw SqliteErrors.NotThere(Place);

    private static void Sync(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }
}
