using Microsoft.Extensions.Logging;
using Weft.EventBus;
using Weft.Flows;
using Weft.Options;

namespace Weft.Postgres;

/// <summary>Opens the connections that name a PostgreSQL database.</summary>
internal sealed class PostgresLogFactory(TimeProvider clock, ILogger<PostgresMessageLog> logger) : ILogFactory
{
    public bool Handles(ConnectionOptions connection) => connection.Postgres is not null;

    public async ValueTask<IMessageLog> OpenAsync(string name, ConnectionOptions connection, CancellationToken cancellation) =>
        PostgresUrl.TryRead(connection.Postgres!, out var options, out var problem)
            ? await PostgresMessageLog.OpenAsync(options with { Shards = connection.Shards, Durability = connection.Durability }, clock, logger, cancellation).ConfigureAwait(false)
            : throw PostgresErrors.BadUrl(name, problem);

    public IStoreTools? Tools(ConnectionOptions connection) =>
        PostgresUrl.TryRead(connection.Postgres!, out var options, out var problem) ? new PostgresStoreTools(options with { Shards = connection.Shards }, clock) : throw PostgresErrors.BadUrl("NAME", problem);
}
