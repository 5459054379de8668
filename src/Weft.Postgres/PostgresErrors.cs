using System.Globalization;
using System.Net.Sockets;
using Npgsql;
using Weft.Diagnostics;
using Weft.Flows;

namespace Weft.Postgres;

/// <summary>Everything that the PostgreSQL log can complain about: place, cause and remedy, each with its code.</summary>
internal static class PostgresErrors
{
    public static LogException BadUrl(string name, string problem) => New(3101,
        $"connections.{name}.postgres cannot be used: {problem}. Write postgres://USER:PASSWORD@HOST:PORT/DATABASE.");

    public static LogException NewerVersion(string store, long version, long supported) => New(3003, string.Create(CultureInfo.InvariantCulture,
        $"Store '{store}' has version {version} and this Weft reads up to {supported}: a newer Weft has written it. Run that one, or use another schema."));

    public static LogException SubscriptionIsOpen(string name) => New(3011,
        $"Subscription '{name}' is open already, and it has one reader at a time. Close that reader first, or use another name.");

    public static LogException HeldElsewhere(string name, int shard) => New(3011, string.Create(CultureInfo.InvariantCulture,
        $"Subscription '{name}' is read by another process (shard {shard}). Stop it there, or do this with that process."));

    public static LogException SubscriptionOfAnotherTopic(string name, string topic, string wanted) => New(3012,
        $"Subscription '{name}' reads topic '{topic}' and cannot be opened on '{wanted}'. Use another name, or remove it first.");

    public static LogException SubscriptionIsClosed(string name) => New(3013,
        $"Subscription '{name}' was closed before the transaction that changes it was committed. Commit first, then close.");

    public static LogException NotThere(string store) => New(3107,
        $"There is no store at {store}. Check the address and its schema; starting Weft with it makes one.");

    public static LogException BackupFailed(string store, string file, string problem, Exception? cause = null) => New(3108,
        $"Store '{store}' was not backed up to {file}: {problem}.", cause);

    public static LogException NotEmpty(string schema) => New(3109,
        $"Schema '{schema}' has a store that is not empty, and only an empty one is filled. Name another schema with ?schema=NAME, or drop this one.");

    public static LogException NotTheSame(string schema, string what, long given, long stored) => New(3110, string.Create(CultureInfo.InvariantCulture,
        $"The {what} are not the same in schema '{schema}' as they were: {given} were written and {stored} are there, or some differ. Nothing was moved; the store it came from is as it was."));

    public static LogException TooBig(string store, long size, long limit) => New(3014, string.Create(CultureInfo.InvariantCulture,
        $"A message of {size} bytes does not fit store '{store}': message and key can have {limit} bytes together. Keep large data elsewhere and send its address."));

    public static LogException Lost(string name, int shard) => New(3102, string.Create(CultureInfo.InvariantCulture,
        $"Subscription '{name}' has lost shard {shard} to another process. Nothing was written; what was under way is delivered again there."));

    /// <summary>What a failure of the driver means for the store.</summary>
    public static LogException Of(string store, Exception cause) => cause switch
    {
        LogException known => new LogException(known.Code, known.Message, known),
        PostgresException { SqlState: Storage.Schema.MovedState } => New(3016,
            $"A checkpoint of store '{store}' is not where it was: somebody else has gone on. Nothing was written. Whoever feeds the store reads it again and goes on from there.", cause),
        PostgresException { SqlState: var state } when state.StartsWith("28", StringComparison.Ordinal) || state == "3D000" || state == "42501" => New(3103,
            $"Store '{store}' refuses us (SQLSTATE {state}). Check user, password, database and that the user may create a schema in it.", cause),
        PostgresException { SqlState: var state } when state.StartsWith("53", StringComparison.Ordinal) => New(3104,
            $"Store '{store}' has run out of disk, memory or connections (SQLSTATE {state}). Nothing was written. Free some; writing goes on by itself then.", cause),
        PostgresException { SqlState: var state } => New(3105,
            $"Store '{store}' failed with SQLSTATE {state}. Whether the last commit was stored is unknown. The log of the server says more.", cause),
        NpgsqlException or SocketException or TimeoutException or IOException => New(3106,
            $"Store '{store}' cannot be reached. Whether the last commit was stored is unknown. Check that the server runs and can be connected to; it is tried again.", cause),
        _ => New(3105, $"Store '{store}' failed: {cause.Message} Whether the last commit was stored is unknown.", cause),
    };

    /// <summary>Whether the server has certainly taken everything back, and the same may work the next time.</summary>
    public static bool IsRolledBackForNow(Exception cause) => cause is PostgresException { SqlState: "40001" or "40P01" or "55P03" };

    /// <summary>Whether the data of one caller is to blame, and the others of its commit are not.</summary>
    public static bool IsOfOneCaller(Exception cause) =>
        cause is PostgresException { SqlState: var state } && state[..2] is "22" or "23" or "54";

    /// <summary>Whether no server could be reached or none took us, so that nothing was sent.</summary>
    public static bool IsAbsent(Exception cause) => cause switch
    {
        PostgresException { SqlState: var state } => state is "57P01" or "57P02" or "57P03" || state.StartsWith("08", StringComparison.Ordinal) || state == "53300",
        NpgsqlException or SocketException or TimeoutException or IOException => true,
        _ => false,
    };

    private static LogException New(int code, string message, Exception? cause = null) => new(new EventCode(code), message, cause);
}
