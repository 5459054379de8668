using System.Globalization;
using System.Text;
using Npgsql;
using Weft.Flows;
using Weft.Messages;
using Weft.Postgres.Storage;

namespace Weft.Postgres.Reading;

/// <summary>Reads what stands beside the log: parked and scheduled messages.</summary>
internal static class ParkedReading
{
    /// <summary>Runs a query; nothing for a name that is not there.</summary>
    public static async ValueTask<IReadOnlyList<ParkedMessage>> ReadAsync(Database database, string subscription, ParkedQuery query, CancellationToken cancellation)
    {
        bool retries = query.State == ParkedState.Retry;
        var arguments = new List<NpgsqlParameter> { Arg.Of(subscription), Arg.Of(query.After), Arg.Of(query.Limit), Arg.Of(query.UpTo) };
        string due = retries && query.DueBefore is { } before ? $"and due <= {Add(Arg.Of(before.UtcTicks))}" : "";
        string key = query.Key is { } bytes ? $"and key = {Add(Arg.Of(bytes.ToArray()))}" : "";
        string shard = query.Shard is { } of ? string.Create(CultureInfo.InvariantCulture, $"and shard = {of}") : "";
        return await database.QueryAsync($"""
            select pos, key, due, attempts, first_at, last_at, reason, detail, event, notes from {database.Schema}.parked
            where sub = (select id from {database.Schema}.sub where name = $1) and state = {(int)query.State} and pos > $2 and pos <= $4 {due} {key} {shard}
            order by {(retries ? "due, pos" : "pos")} limit $3
            """, row => Parked(row, query.State), cancellation, [.. arguments]).ConfigureAwait(false);

        string Add(NpgsqlParameter argument)
        {
            arguments.Add(argument);
            return string.Create(CultureInfo.InvariantCulture, $"${arguments.Count}");
        }
    }

    /// <summary>The keys that have something parked on a shard, dead letters aside.</summary>
    public static async ValueTask<IReadOnlyList<ParkedKey>> ReadKeysAsync(Database database, int subscription, int shard, CancellationToken cancellation) => await database.QueryAsync($"""
        select key, coalesce(min(pos) filter (where state = {(int)ParkedState.Retry}), 0), count(*) filter (where state = {(int)ParkedState.Behind})::int
        from {database.Schema}.parked where sub = $1 and shard = $2 and state <> {(int)ParkedState.Dead} and key <> '' group by key
        """, row => new ParkedKey(row.GetFieldValue<byte[]>(0), row.GetInt64(1), row.GetInt32(2)), cancellation, Arg.Of(subscription), Arg.Of(shard)).ConfigureAwait(false);

    /// <summary>Runs a query for messages that wait for their time.</summary>
    public static async ValueTask<IReadOnlyList<ScheduledMessage>> ReadScheduledAsync(Database database, ScheduledQuery query, CancellationToken cancellation) => await database.QueryAsync($"""
        select token, t.name, due, key, event from {database.Schema}.timer join {database.Schema}.topic t on t.id = topic
        where ($1::text is null or t.name = $1) and ($2::text is null or token = $2) and due <= $3 order by due, token collate "C" limit $4
        """, row => new ScheduledMessage
    {
        Token = row.GetString(0),
        Topic = row.GetString(1),
        Due = Time(row, 2),
        Key = row.GetFieldValue<byte[]>(3),
        Message = new Message(row.GetFieldValue<byte[]>(4)),
    }, cancellation, Arg.Text(query.Topic), Arg.Text(query.Token), Arg.Of(query.DueBefore?.UtcTicks ?? long.MaxValue), Arg.Of(query.Limit)).ConfigureAwait(false);

    private static ParkedMessage Parked(NpgsqlDataReader row, ParkedState state) => new()
    {
        Position = row.GetInt64(0),
        State = state,
        Key = row.GetFieldValue<byte[]>(1),
        Due = Time(row, 2),
        Attempts = row.GetInt32(3),
        FirstAt = Time(row, 4),
        LastAt = Time(row, 5),
        Reason = Text(row, 6),
        Detail = Text(row, 7),
        Message = new Message(row.GetFieldValue<byte[]>(8)),
        Notes = row.GetFieldValue<byte[]>(9),
    };

    private static string? Text(NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(at));

    private static DateTimeOffset Time(NpgsqlDataReader row, int at) => new(row.GetInt64(at), TimeSpan.Zero);
}
