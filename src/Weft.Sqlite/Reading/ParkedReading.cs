using System.Globalization;
using Weft.Flows;
using Weft.Messages;
using Weft.Sqlite.Native;

namespace Weft.Sqlite.Reading;

/// <summary>Reads what a subscription has parked.</summary>
internal static class ParkedReading
{
    /// <summary>Runs a query; nothing for a name that is not there.</summary>
    public static IReadOnlyList<ParkedMessage> Read(Connection connection, string subscription, ParkedQuery query)
    {
        bool retries = query.State == ParkedState.Retry;
        using var statement = connection.Prepare(string.Create(CultureInfo.InvariantCulture, $"""
            select pos, key, due, attempts, first_at, last_at, reason, detail, event, notes from parked
            where sub = (select id from sub where name = ?1) and state = {(int)query.State} and pos > ?2 and pos <= ?6
            {(retries && query.DueBefore is not null ? "and due <= ?3" : "")} {(query.Key is null ? "" : "and key is ?4")}
            order by {(retries ? "due, pos" : "pos")} limit ?5
            """));
        statement.Bind(1, subscription).Bind(2, query.After).Bind(5, query.Limit).Bind(6, query.UpTo);
        if (retries && query.DueBefore is { } due)
            statement.Bind(3, due.UtcTicks);
        if (query.Key is { } key)
            statement.Bind(4, key.Span);

        var found = new List<ParkedMessage>();
        while (statement.Step())
            found.Add(ReadRow(statement, query.State));
        return found;
    }

    /// <summary>The keys that have something parked, dead letters aside.</summary>
    public static IReadOnlyList<ParkedKey> ReadKeys(Connection connection, long subscription)
    {
        using var statement = connection.Prepare($"""
            select key, coalesce(min(case when state = {(int)ParkedState.Retry} then pos end), 0), sum(state = {(int)ParkedState.Behind})
            from parked where sub = ?1 and state <> {(int)ParkedState.Dead} and key is not null group by key order by min(pos)
            """);
        statement.Bind(1, subscription);
        var found = new List<ParkedKey>();
        while (statement.Step())
            found.Add(new ParkedKey(statement.Bytes(0).ToArray(), statement.Int64(1), (int)statement.Int64(2)));
        return found;
    }

    private static ParkedMessage ReadRow(Statement row, ParkedState state) => new()
    {
        Position = row.Int64(0),
        State = state,
        Key = row.Bytes(1).ToArray(),
        Due = Time(row.Int64(2)),
        Attempts = (int)row.Int64(3),
        FirstAt = Time(row.Int64(4)),
        LastAt = Time(row.Int64(5)),
        Reason = row.TextOrNull(6),
        Detail = row.TextOrNull(7),
        Message = new Message(row.Bytes(8).ToArray()),
        Notes = row.Bytes(9).ToArray(),
    };

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
}
