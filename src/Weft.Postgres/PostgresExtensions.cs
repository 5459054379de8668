using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weft.EventBus;
using Weft.Options;
using Weft.Postgres;
using Weft.Postgres.Outbox;

namespace Weft;

/// <summary>Adds PostgreSQL to Weft.</summary>
public static class PostgresExtensions
{
    /// <summary>Lets <c>connections</c> name PostgreSQL databases.</summary>
    public static WeftBuilder UsePostgres(this WeftBuilder weft)
    {
        weft.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ILogFactory, PostgresLogFactory>());
        weft.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IOutboxFactory, PostgresOutboxFactory>());
        return weft;
    }

    /// <summary>Lets <c>connections</c> name PostgreSQL databases, and adds one by the name of <c>main</c>.</summary>
    /// <param name="weft">The app's Weft.</param>
    /// <param name="url">As <c>postgres://user:password@host:5432/database?schema=weft</c>. The schema is made when missing.</param>
    /// <param name="shards">How many shards a new topic has, 1 to 256: so many processes can read a subscription at once.</param>
    public static WeftBuilder UsePostgres(this WeftBuilder weft, string url, int shards = 8) =>
        weft.UsePostgres().Connection("main", new ConnectionOptions { Postgres = url, Shards = shards });
}
