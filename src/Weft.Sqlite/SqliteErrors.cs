using System.Globalization;
using Weft.Diagnostics;
using Weft.Flows;
using Weft.Sqlite.Native;

namespace Weft.Sqlite;

/// <summary>Everything that the SQLite log can complain about: place, cause and remedy, each with its code.</summary>
internal static class SqliteErrors
{
    public static LogException HeldByAnother(string path, int? holder, Exception? cause) => New(3001,
        $"Store '{path}' is in use by another process{(holder is null ? "" : string.Create(CultureInfo.InvariantCulture, $" (process id {holder})"))}, " +
        $"which holds '{path}.lock'. One process owns a store. Stop that process, or give this one a store of its own.", cause);

    public static LogException NotOurs(string path, string why) => New(3002,
        $"'{path}' is not a Weft store: {why}. Nothing was changed in it. Name another file, or a new one to have it created.");

    public static LogException NewerVersion(string path, long version, long supported) => New(3003, string.Create(CultureInfo.InvariantCulture,
        $"Store '{path}' has version {version} and this Weft reads up to {supported}: a newer Weft has written it. Run that one, or use another store."));

    public static LogException NetworkFileSystem(string path, string kind) => New(3004,
        $"Store '{path}' is on a network file system ({kind}), where file locks and syncs cannot be relied on. Put it on a local disk.");

    public static LogException CannotOpen(string path, string detail, Exception? cause = null) => New(3005,
        $"Store '{path}' cannot be opened: {detail.TrimEnd('.')}. Check that the directory exists and that this user may read and write in it.", cause);

    public static LogException SubscriptionIsOpen(string name) => New(3011,
        $"Subscription '{name}' is open already, and it has one reader at a time. Close that reader first, or use another name.");

    public static LogException SubscriptionOfAnotherTopic(string name, string topic, string wanted) => New(3012,
        $"Subscription '{name}' reads topic '{topic}' and cannot be opened on '{wanted}'. Use another name, or remove it first.");

    public static LogException SubscriptionIsClosed(string name) => New(3013,
        $"Subscription '{name}' was closed before the transaction that changes it was committed. Commit first, then close.");

    public static LogException TooBig(string path, long size, long limit) => New(3014, string.Create(CultureInfo.InvariantCulture,
        $"A message of {size} bytes does not fit store '{path}': message and key can have {limit} bytes together. Keep large data elsewhere and send its address."));

    public static LogException CheckpointMoved(string path, string name) => New(3016,
        $"Checkpoint '{name}' of store '{path}' is not where it was: somebody else has gone on. Nothing was written. Whoever feeds the store reads it again and goes on from there.");

    public static LogException NotThere(string path) => New(3022,
        $"Store '{path}' does not exist. Check the path under 'connections'; the first start with it creates it.");

    public static LogException BackupExists(string file) => New(3023,
        $"'{file}' exists already, and a backup replaces nothing. Name a new file.");

    public static LogException BackupFailed(string path, string file, string why, Exception cause) => New(3024,
        $"Store '{path}' could not be backed up to '{file}': {why.TrimEnd('.')}. Check that the directory exists, that this user may write there, and that there is room for it.", cause);

    /// <summary>What a result code of SQLite means for the store.</summary>
    public static LogException FromResult(string path, int code, string detail) => (code & 0xff) switch
    {
        ResultCode.Busy or ResultCode.Locked => New(3006,
            $"Store '{path}' is locked by another program ({detail}), and waiting for it has timed out. Nothing was written. End the other program's transaction and try again."),
        ResultCode.Full => New(3007,
            $"Store '{path}' cannot grow: the disk or a quota is full ({detail}). Nothing was written. Free space; writing goes on by itself then."),
        ResultCode.ReadOnly => New(3008,
            $"Store '{path}' is read-only ({detail}). Make the file and its directory writable for this user; restart when the file was moved or replaced."),
        ResultCode.Corrupt => New(3009,
            $"Store '{path}' is damaged ({detail}). Stop, keep a copy, and restore a backup or rescue what can be read with 'sqlite3 FILE .recover'."),
        ResultCode.NotADatabase => NotOurs(path, "it is no SQLite database"),
        ResultCode.IoError => New(3010, string.Create(CultureInfo.InvariantCulture,
            $"Reading or writing store '{path}' failed ({detail}, SQLite code {code}). Whether the last commit was stored is unknown. Check the disk and the system log.")),
        ResultCode.CannotOpen or ResultCode.Permission => CannotOpen(path, detail),
        ResultCode.TooBig => New(3014, $"A message does not fit store '{path}' ({detail}). Keep large data elsewhere and send its address."),
        _ => New(3015, string.Create(CultureInfo.InvariantCulture, $"Store '{path}' failed with SQLite code {code} ({detail}). Nothing was written.")),
    };

    /// <summary>The error of one caller when the commit that it shared has failed.</summary>
    public static LogException OfCommit(string path, Exception cause) => cause is LogException known
        ? new LogException(known.Code, known.Message, known)
        : New(3015, $"Store '{path}' failed: {cause.Message} Whether the last commit was stored is unknown.", cause);

    private static LogException New(int code, string message, Exception? cause = null) => new(new EventCode(code), message, cause);
}
