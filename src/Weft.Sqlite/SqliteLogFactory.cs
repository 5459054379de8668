using Microsoft.Extensions.Logging;
using Weft.EventBus;
using Weft.Flows;
using Weft.Options;

namespace Weft.Sqlite;

/// <summary>Opens the connections that name a SQLite file.</summary>
internal sealed class SqliteLogFactory(TimeProvider clock, ILogger<SqliteMessageLog> logger) : ILogFactory
{
    public bool Handles(ConnectionOptions connection) => connection.Sqlite is not null;

    public ValueTask<IMessageLog> OpenAsync(string name, ConnectionOptions connection, CancellationToken cancellation) =>
        ValueTask.FromResult<IMessageLog>(SqliteMessageLog.Open(connection.Sqlite!, connection.Durability, clock, logger));

    public IStoreTools? Tools(ConnectionOptions connection) => new SqliteStoreTools(connection.Sqlite!, clock);
}
