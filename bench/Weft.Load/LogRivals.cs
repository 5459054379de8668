using Microsoft.Data.Sqlite;
using Weft.Load.Harness;
using Weft.Options;

namespace Weft.Load;

/// <summary>What one thread gets out of SQLite and out of the disk with nobody to wait for.</summary>
internal static class LogRivals
{
    /// <summary>Inserts by Microsoft.Data.Sqlite, one prepared command, a fixed number per commit.</summary>
    public static Task<Sample> RawSqliteAsync(int batch, Durability durability, TimeSpan duration)
    {
        using var directory = new LogDirectory();
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = directory.File("raw.db"), Pooling = false }.ToString());
        connection.Open();
        Execute(connection, $"pragma journal_mode = wal; pragma synchronous = {(durability == Durability.Sync ? "full" : "normal")}; pragma wal_autocheckpoint = 8000; pragma cache_size = -16384");
        Execute(connection, "create table log_1(pos integer primary key, at int not null, key blob, event blob)");
        using var insert = connection.CreateCommand();
        insert.CommandText = "insert into log_1 values($pos, $at, $key, $event)";
        var position = insert.Parameters.Add("$pos", SqliteType.Integer);
        insert.Parameters.Add("$at", SqliteType.Integer).Value = TimeProvider.System.GetUtcNow().UtcTicks;
        insert.Parameters.Add("$key", SqliteType.Blob).Value = DBNull.Value;
        insert.Parameters.Add("$event", SqliteType.Blob).Value = LogLoad.RandomBytes();
        insert.Prepare();

        long next = 0;
        return MeasureAsync(duration, batch, () =>
        {
            using var transaction = connection.BeginTransaction();
            insert.Transaction = transaction;
            for (int i = 0; i < batch; i++)
            {
                position.Value = ++next;
                insert.ExecuteNonQuery();
            }
            transaction.Commit();
        });
    }

    /// <summary>Writes to the end of a file and syncs it, a fixed number of events per sync.</summary>
    public static Task<Sample> FileAsync(int batch, TimeSpan duration)
    {
        using var directory = new LogDirectory();
        using var file = new FileStream(directory.File("raw.log"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var bytes = Enumerable.Repeat(LogLoad.RandomBytes(), batch).SelectMany(b => b).ToArray();
        return MeasureAsync(duration, batch, () =>
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        });
    }

    public static string SqliteVersion()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        return connection.ServerVersion;
    }

    private static Task<Sample> MeasureAsync(TimeSpan duration, int batch, Action commit)
    {
        Repeat(duration / 10);
        return Measure.OnceAsync(() => Task.FromResult(Repeat(duration)));

        long Repeat(TimeSpan time)
        {
            using var stop = new CancellationTokenSource(time);
            long count = 0;
            for (; !stop.IsCancellationRequested; count += batch)
                commit();
            return count;
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
