using Weft.Options;

namespace Weft.Sqlite;

/// <summary>How a store is opened.</summary>
internal sealed record SqliteLogOptions
{
    /// <summary>The database file.</summary>
    public required string Path { get; init; }

    /// <summary>What a commit survives.</summary>
    public Durability Durability { get; init; } = Durability.Sync;

    /// <summary>How long a commit waits while another program has the database locked.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The registered virtual file system of SQLite to use, which then also says what <see cref="Path"/> means and who may use
    /// the file; null for that of the operating system.
    /// </summary>
    public string? Vfs { get; init; }

    /// <summary>Runs the commits in place of a thread, one after another; null for the thread. For simulations, where one scheduler has everything.</summary>
    public Action<Action>? Steps { get; init; }
}
