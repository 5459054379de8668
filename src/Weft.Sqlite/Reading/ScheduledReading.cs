using Weft.Flows;
using Weft.Messages;
using Weft.Sqlite.Native;

namespace Weft.Sqlite.Reading;

/// <summary>Reads messages that wait for their time.</summary>
internal static class ScheduledReading
{
    /// <summary>Runs a query.</summary>
    public static IReadOnlyList<ScheduledMessage> Read(Connection connection, ScheduledQuery query, Func<long, string> topicName)
    {
        using var statement = connection.Prepare($"""
            select token, due, topic, key, event from timer
            where due <= ?1 {(query.Token is null ? "" : "and token = ?2")}
            {(query.Topic is null ? "" : "and topic = (select id from topic where name = ?4)")}
            order by due, token limit ?3
            """);
        statement.Bind(1, query.DueBefore?.UtcTicks ?? long.MaxValue).Bind(3, query.Limit);
        if (query.Token is { } token)
            statement.Bind(2, token);
        if (query.Topic is { } topic)
            statement.Bind(4, topic);
        var found = new List<ScheduledMessage>();
        while (statement.Step())
        {
            found.Add(new()
            {
                Token = statement.Text(0),
                Due = new DateTimeOffset(statement.Int64(1), TimeSpan.Zero),
                Topic = topicName(statement.Int64(2)),
                Key = statement.Bytes(3).ToArray(),
                Message = new Message(statement.Bytes(4).ToArray()),
            });
        }
        return found;
    }
}
