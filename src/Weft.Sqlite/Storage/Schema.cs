using System.Globalization;
using Weft.Options;
using Weft.Sqlite.Native;

namespace Weft.Sqlite.Storage;

/// <summary>The layout of a store and its version.</summary>
internal static class Schema
{
    /// <summary>What this Weft writes, and the newest that it reads.</summary>
    public const long Version = 4;

    // "Weft", so that tools can tell a store from other SQLite databases.
    private const long ApplicationId = 0x57656674;

    // What version 2 adds: messages that wait for their time, and identities of those that were appended.
    private const string Second = """
        create table timer(token text primary key, due int not null, topic int not null, key blob, event blob);
        create index timer_due on timer(topic, due, token);
        create table seen(topic int not null, id blob not null, until int not null, pos int not null, primary key(topic, id)) without rowid;
        create index seen_until on seen(topic, until);
        """;

    // What version 3 adds: what is noted beside parked messages. Rows stay as they are, so it takes no longer with many of them.
    private const string Third = "alter table parked add column notes blob;";

    // What version 4 adds: up to where messages may be worked on, and how far those are that feed the log from outside.
    private const string Fourth = """
        alter table cursor add column mark int not null default 0;
        create table checkpoint(name text primary key, value blob not null) without rowid;
        """;

    private static readonly string s_create = string.Create(CultureInfo.InvariantCulture, $"""
        begin immediate;
        create table meta(key text primary key, value) without rowid;
        create table topic(id integer primary key, name text not null unique, trimmed int not null default 0);
        create table sub(id integer primary key, name text not null unique, topic int not null);
        create table cursor(sub integer primary key, low int not null, above blob, updated int not null);
        create table parked(sub int not null, pos int not null, state int not null, key blob, due int not null, attempts int not null,
            first_at int not null, last_at int not null, reason text, detail text, event blob, primary key(sub, pos));
        create index parked_state on parked(sub, state, pos);
        create index parked_due on parked(sub, due, pos) where state = 0;
        create index parked_key on parked(sub, key, pos);
        {Second}
        {Third}
        {Fourth}
        insert into meta values('version', {Version});
        pragma application_id = {ApplicationId};
        commit;
        """);

    /// <summary>
    /// Checks that a database is a store that this Weft knows, makes it one when it is empty, and brings one of an older version up to date: in one
    /// transaction, by adding to it.
    /// </summary>
    public static void Prepare(Connection connection, string path)
    {
        if (connection.IsReadOnly)
            throw SqliteErrors.FromResult(path, ResultCode.ReadOnly, "it can be opened for reading only");
        long application = connection.QueryInt64("pragma application_id");
        if (application == 0 && connection.QueryInt64("select count(*) from sqlite_schema") == 0)
        {
            connection.Execute(s_create);
            return;
        }
        if (VersionOf(connection, path) is var version && version < Version)
            connection.Execute($"begin immediate; {(version < 2 ? Second : "")} {(version < 3 ? Third : "")} {Fourth} update meta set value = {Version} where key = 'version'; commit");
    }

    /// <summary>The version of a store; changes nothing.</summary>
    /// <exception cref="Flows.LogException">It is no store, or one of a newer version.</exception>
    public static long VersionOf(Connection connection, string path)
    {
        if (connection.QueryInt64("pragma application_id") != ApplicationId)
            throw SqliteErrors.NotOurs(path, "it is a SQLite database of another program");
        long version = connection.QueryInt64("select value from meta where key = 'version'");
        return version is >= 1 and <= Version ? version : throw SqliteErrors.NewerVersion(path, version, Version);
    }

    /// <summary>Sets what a connection that writes needs. Comes after <see cref="Prepare"/>, since it changes the file.</summary>
    public static void Tune(Connection connection, Durability durability)
    {
        string synchronous = durability switch { Durability.Sync => "full", Durability.Os => "normal", _ => "off" };
        connection.Execute($"""
            pragma journal_mode = wal;
            pragma synchronous = {synchronous};
            pragma fullfsync = {(durability == Durability.Sync ? 1 : 0)};
            pragma checkpoint_fullfsync = {(durability == Durability.Sync ? 1 : 0)};
            pragma wal_autocheckpoint = 8000;
            pragma journal_size_limit = 134217728;
            pragma cache_size = -16384;
            """);
    }

    /// <summary>Makes the table of a topic.</summary>
    public static string CreateLog(long topic) => string.Create(CultureInfo.InvariantCulture,
        $"create table if not exists {LogTable(topic)}(pos integer primary key, at int not null, key blob, event blob)");

    /// <summary>The name of the table of a topic.</summary>
    public static string LogTable(long topic) => string.Create(CultureInfo.InvariantCulture, $"log_{topic}");
}
