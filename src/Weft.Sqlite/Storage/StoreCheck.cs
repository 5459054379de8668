using System.Globalization;
using Weft.Flows;
using Weft.Sqlite.Native;

namespace Weft.Sqlite.Storage;

/// <summary>Whether a store is whole: the file as SQLite sees it, and what Weft has put into it.</summary>
internal static class StoreCheck
{
    private const string Restore = "Restore a backup, or copy what can be read with 'weft messages list'.";

    private static readonly (string Sql, string Finding)[] s_rules =
    [
        ("select name from sub where topic not in (select id from topic)", "Subscription '{0}' reads a topic that is not there. " + Restore),
        ("select name from sub where id not in (select sub from cursor)", "Subscription '{0}' has no position. Remove it with 'weft subscriptions remove' and let it begin anew."),
        ("select distinct sub from parked where sub not in (select id from sub)", "Subscription number {0} is gone and has left messages that nobody will try again. " + Restore),
        ("select name || ' at ' || pos from parked join sub on sub.id = parked.sub where state not in (0, 1, 2)", "A message of {0} is in a state that this Weft does not know. " + Restore),
    ];

    private static readonly (string Sql, string Finding)[] s_sinceSecond =
    [
        ("select token from timer where topic not in (select id from topic)", "The scheduled message '{0}' is for a topic that is not there. " + Restore),
    ];

    /// <summary>Runs all checks.</summary>
    public static IReadOnlyList<string> Run(Connection connection, long version, CancellationToken cancellation)
    {
        var findings = new List<string>();
        CheckFile(connection, findings);
        if (findings.Count > 0)
            return findings; // What the damaged parts say means nothing.

        foreach (var (sql, finding) in version < 2 ? s_rules : [.. s_rules, .. s_sinceSecond])
            AddRows(connection, sql, finding, findings);
        foreach (var (id, name, trimmed) in Topics(connection))
        {
            cancellation.ThrowIfCancellationRequested();
            CheckTopic(connection, id, name, trimmed, findings);
        }
        return findings;
    }

    private static void CheckFile(Connection connection, List<string> findings)
    {
        try
        {
            using var integrity = connection.Prepare("pragma integrity_check(20)");
            while (integrity.Step())
            {
                if (integrity.Text(0) is var line and not "ok")
                    findings.Add($"SQLite finds the file damaged: {line}. {Restore}");
            }
        }
        catch (LogException e)
        {
            // Too damaged to be looked at to its end.
            findings.Add($"{e.Code} {e.Message}");
        }
    }

    private static void CheckTopic(Connection connection, long id, string name, long trimmed, List<string> findings)
    {
        string table = Schema.LogTable(id);
        if (connection.QueryInt64($"select count(*) from sqlite_schema where name = '{table}'") == 0)
        {
            findings.Add($"Topic '{name}' has no messages table. {Restore}");
            return;
        }
        long count = connection.QueryInt64($"select count(*) from {table}");
        long first = connection.QueryInt64($"select min(pos) from {table}"), last = connection.QueryInt64($"select max(pos) from {table}");
        if (count > 0 && (last - first + 1 != count || first <= trimmed))
            findings.Add(Text($"Topic '{name}' has {count} messages from position {first} to {last}, of which those up to {trimmed} were dropped: some are missing. {Restore}"));
        long head = Math.Max(last, trimmed);
        AddRows(connection, Text($"select name || ' at ' || low from sub join cursor on cursor.sub = sub.id where topic = {id} and low > {head}"),
            Text($"Subscription {{0}} is past the end of topic '{name}', which is at {head}: what is published next would be left out. Move it with 'weft subscriptions seek'."), findings);

        using var parked = connection.Prepare(Text($"select sub.name, pos, low, above from parked join sub on sub.id = parked.sub join cursor on cursor.sub = sub.id where topic = {id}"));
        while (parked.Step())
        {
            long position = parked.Int64(1);
            if (!new Cursor(parked.Int64(2), parked.Bytes(3).ToArray()).Contains(position))
                findings.Add(Text($"Subscription '{parked.Text(0)}' has parked the message at {position}, and would be delivered it once more. Nothing is lost."));
        }
    }

    private static List<(long Id, string Name, long Trimmed)> Topics(Connection connection)
    {
        using var statement = connection.Prepare("select id, name, trimmed from topic");
        var found = new List<(long, string, long)>();
        while (statement.Step())
            found.Add((statement.Int64(0), statement.Text(1), statement.Int64(2)));
        return found;
    }

    private static void AddRows(Connection connection, string sql, string finding, List<string> findings)
    {
        using var statement = connection.Prepare(sql + " limit 20");
        while (statement.Step())
            findings.Add(string.Format(CultureInfo.InvariantCulture, finding, statement.Text(0)));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
