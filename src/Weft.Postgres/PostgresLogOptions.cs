using Npgsql;
using Weft.Options;

namespace Weft.Postgres;

/// <summary>How a store is opened.</summary>
internal sealed record PostgresLogOptions
{
    /// <summary>The server and database.</summary>
    public required NpgsqlConnectionStringBuilder Connection { get; init; }

    /// <summary>The schema that holds the store.</summary>
    public string Schema { get; init; } = "weft";

    /// <summary>How many shards a new topic has, 1 to 256. A topic keeps the number that it was made with.</summary>
    public int Shards { get; init; } = 8;

    /// <summary>What a commit survives.</summary>
    public Durability Durability { get; init; } = Durability.Sync;

    /// <summary>How long a reader that is not heard of keeps its shards.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a reader says that it lives.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>By what clock leases end and are renewed here; null for the clock of the store.</summary>
    public TimeProvider? LeaseClock { get; init; }

    /// <summary>How long writes wait for a server that cannot be reached before their callers are told.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long telling other processes of what was appended, and storing what was settled, wait for more after each time. What is settled and not
    /// stored is delivered again after a crash.
    /// </summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Whether a connection listens for what others append; without it they are asked for.</summary>
    public bool Listen { get; init; } = true;
}
