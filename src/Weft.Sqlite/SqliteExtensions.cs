using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weft.EventBus;
using Weft.Options;
using Weft.Sqlite;
using Weft.Sqlite.Outbox;

namespace Weft;

/// <summary>Adds SQLite to Weft.</summary>
public static class SqliteExtensions
{
    /// <summary>Lets <c>connections</c> name SQLite files.</summary>
    public static WeftBuilder UseSqlite(this WeftBuilder weft)
    {
        weft.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ILogFactory, SqliteLogFactory>());
        weft.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IOutboxFactory, SqliteOutboxFactory>());
        return weft;
    }

    /// <summary>Lets <c>connections</c> name SQLite files, and adds one by the name of <c>main</c>.</summary>
    /// <param name="weft">The app's Weft.</param>
    /// <param name="path">The database file, created when missing. Must be on a local disk.</param>
    /// <param name="durability">What a publish survives once it returned.</param>
    public static WeftBuilder UseSqlite(this WeftBuilder weft, string path, Durability durability = Durability.Sync) =>
        weft.UseSqlite().Connection("main", new ConnectionOptions { Sqlite = path, Durability = durability });
}
