using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;
using Weft.Load.Cells;

namespace Weft.Load.Bus;

/// <summary>
/// The least that gives callers a durable append: they queue, one thread writes what waits in one transaction and lets them go on. No bus, no
/// reader, bytes that are there already. What a bus does beyond it is what it costs.
/// </summary>
internal sealed class GroupCommit
{
    private readonly object _gate = new();
    private readonly Action<List<(byte[] Bytes, TaskCompletionSource Stored)>> _write;
    private readonly Thread _writer;
    private List<(byte[] Bytes, TaskCompletionSource Stored)> _waiting = [], _writing = [];
    private bool _closed;

    private GroupCommit(Action<List<(byte[] Bytes, TaskCompletionSource Stored)>> write)
    {
        _write = write;
        _writer = new Thread(Run) { IsBackground = true };
        _writer.Start();
    }

    /// <summary>Runs 64 publishers over it.</summary>
    public static async Task<CellResult> RunAsync(CellArgs args, Action<List<(byte[] Bytes, TaskCompletionSource Stored)>> write)
    {
        var commits = new GroupCommit(write);
        byte[][] bytes = [.. Enumerable.Range(0, args.Publishers).Select(i => Order.Json(i))];
        using var telemetry = Telemetry.Listen();
        var result = await new ClosedLoop(args, (publisher, _) => commits.AppendAsync(bytes[publisher]), []).RunAsync(telemetry);
        commits.Close();
        return result;
    }

    /// <summary>On SQLite, with the settings of Weft's store.</summary>
    public static async Task<CellResult> SqliteAsync(CellArgs args)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = args.Text("store"), Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 8000; pragma cache_size = -16384; create table log(pos integer primary key, body blob)";
        command.ExecuteNonQuery();
        using var insert = connection.CreateCommand();
        insert.CommandText = "insert into log(body) values($body)";
        var body = insert.Parameters.Add("$body", SqliteType.Blob);
        body.Value = Array.Empty<byte>();
        insert.Prepare();
        return await RunAsync(args, batch =>
        {
            using var transaction = connection.BeginTransaction();
            insert.Transaction = transaction;
            foreach (var (bytes, _) in batch)
            {
                body.Value = bytes;
                insert.ExecuteNonQuery();
            }
            transaction.Commit();
        });
    }

    /// <summary>On PostgreSQL, an insert from an array per transaction, over one connection.</summary>
    public static async Task<CellResult> PostgresAsync(CellArgs args)
    {
        using var connection = new NpgsqlConnection(args.Text("connection"));
        connection.Open();
        using (var create = new NpgsqlCommand("create table log(pos bigint generated always as identity primary key, body bytea not null)", connection))
            create.ExecuteNonQuery();
        using var insert = new NpgsqlCommand("insert into log(body) select * from unnest($1)", connection);
        var bodies = insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        bodies.Value = Array.Empty<byte[]>();
        insert.Prepare();
        return await RunAsync(args, batch =>
        {
            bodies.Value = batch.Select(b => b.Bytes).ToArray();
            insert.ExecuteNonQuery();
        });
    }

    private ValueTask AppendAsync(byte[] bytes)
    {
        var stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Add((bytes, stored));
            if (_waiting.Count == 1)
                Monitor.Pulse(_gate);
        }
        return new(stored.Task);
    }

    private void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }
        _writer.Join();
    }

    private void Run()
    {
        while (true)
        {
            lock (_gate)
            {
                while (_waiting.Count == 0 && !_closed)
                    Monitor.Wait(_gate);
                if (_closed)
                    return;
                (_waiting, _writing) = (_writing, _waiting);
            }
            _write(_writing);
            foreach (var (_, stored) in _writing)
                stored.SetResult();
            _writing.Clear();
        }
    }
}
