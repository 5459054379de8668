using Npgsql;
using Weft.Flows;

namespace Weft.Postgres.Storage;

/// <summary>
/// The connections of a store. None of them has a state of its own between two uses, so that a pooler that hands out another server connection for each
/// transaction may stand between.
/// </summary>
internal sealed class Database : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private int _closed;

    public Database(PostgresLogOptions options)
    {
        var builder = new NpgsqlConnectionStringBuilder(options.Connection.ConnectionString)
        {
            NoResetOnClose = true,
            Enlist = false,
            ApplicationName = options.Connection.ApplicationName ?? "weft",
        };
        _source = new NpgsqlSlimDataSourceBuilder(builder.ConnectionString).EnableArrays().EnableTransportSecurity().Build();
        Schema = options.Schema;
        Name = NameOf(builder, Schema);
        builder.Pooling = false;
        builder.KeepAlive = 10;
        Listening = builder.ConnectionString;
    }

    /// <summary>The schema, which needs no quotes.</summary>
    public string Schema { get; }

    /// <summary>For messages; without user and password.</summary>
    public string Name { get; }

    /// <summary>How a connection of its own is opened that listens.</summary>
    public string Listening { get; }

    /// <summary>A store for messages; without user and password.</summary>
    public static string NameOf(NpgsqlConnectionStringBuilder connection, string schema) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{connection.Host}:{connection.Port}/{connection.Database}#{schema}");

    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    public void CheckOpen() => ObjectDisposedException.ThrowIf(IsClosed, typeof(PostgresMessageLog));

    /// <summary>A connection of the pool.</summary>
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellation)
    {
        CheckOpen();
        return _source.OpenConnectionAsync(cancellation);
    }

    /// <summary>Does something with a connection; what the driver throws comes out as what it means.</summary>
    public async ValueTask<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellation)
    {
        CheckOpen();
        try
        {
            var connection = await _source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
                return await work(connection).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not LogException && !(e is OperationCanceledException && cancellation.IsCancellationRequested))
        {
            CheckOpen();
            throw PostgresErrors.Of(Name, e);
        }
    }

    /// <summary>Runs a statement and says how many rows it touched.</summary>
    public ValueTask<int> ExecuteAsync(string sql, CancellationToken cancellation, params NpgsqlParameter[] parameters) => RunAsync(async connection =>
    {
        var command = Command(connection, sql, parameters);
        await using (command.ConfigureAwait(false))
            return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }, cancellation);

    /// <summary>Reads rows.</summary>
    public ValueTask<List<T>> QueryAsync<T>(string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellation, params NpgsqlParameter[] parameters) => RunAsync(async connection =>
    {
        var command = Command(connection, sql, parameters);
        await using (command.ConfigureAwait(false))
        {
            var found = new List<T>();
            var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
                    found.Add(row(reader));
            }
            return found;
        }
    }, cancellation);

    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _closed, 1) == 0 ? _source.DisposeAsync() : default;

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return command;
    }
}

/// <summary>Parameters by their place.</summary>
internal static class Arg
{
    public static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    /// <summary>Text or null.</summary>
    public static NpgsqlParameter Text(string? value) => new() { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text, Value = (object?)value ?? DBNull.Value };
}
