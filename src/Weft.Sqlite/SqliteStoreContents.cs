using System.Globalization;
using Weft.EventBus;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;
using Weft.Sqlite.Native;
using Weft.Sqlite.Reading;
using Weft.Sqlite.Storage;

namespace Weft.Sqlite;

/// <summary>All that a store in a SQLite file holds, brought up to date first and held against other processes.</summary>
internal sealed class SqliteStoreContents : IStoreContents
{
    private readonly SqliteMessageLog _held;
    private readonly Connection _connection;
    private readonly Dictionary<string, long> _topics = new(StringComparer.Ordinal);

    private SqliteStoreContents(SqliteMessageLog held, Connection connection)
    {
        (_held, _connection) = (held, connection);
        using (var topics = _connection.Prepare("select id, name from topic order by name"))
        {
            while (topics.Step())
                _topics.Add(topics.Text(1), topics.Int64(0));
        }
        Subscriptions = ReadSubscriptions();
    }

    /// <summary>Opens it as a process does, which refuses a store that another one has, and keeps others out.</summary>
    public static async Task<SqliteStoreContents> OpenAsync(string place, TimeProvider clock)
    {
        var held = SqliteMessageLog.Open(place, Durability.Sync, clock);
        Connection? connection = null;
        try
        {
            connection = Connection.Open(place, null, TimeSpan.FromSeconds(5));
            return new SqliteStoreContents(held, connection);
        }
        catch
        {
            connection?.Dispose();
            await held.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public IReadOnlyList<string> Topics => [.. _topics.Keys];

    public IReadOnlyList<MovedSubscription> Subscriptions { get; }

    public IEnumerable<LogEntry> Messages(string topic)
    {
        long id = _topics[topic];
        using var rows = _connection.Prepare(string.Create(CultureInfo.InvariantCulture,
            $"select pos, at, key, event from {Schema.LogTable(id)} where pos > (select trimmed from topic where id = {id}) order by pos"));
        while (rows.Step())
            yield return new(rows.Int64(0), Time(rows.Int64(1)), new Message(rows.Bytes(3).ToArray()), rows.Bytes(2).ToArray());
    }

    public IEnumerable<ParkedMessage> Parked(string subscription)
    {
        foreach (var state in Enum.GetValues<ParkedState>())
        {
            // Retries come by time and not by position, so they are read as one page; they are few.
            int limit = state == ParkedState.Retry ? int.MaxValue : 256;
            for (long after = 0; ;)
            {
                var page = ParkedReading.Read(_connection, subscription, new(state, After: after, Limit: limit));
                foreach (var parked in page)
                    yield return parked;
                if (page.Count < limit)
                    break;
                after = page[^1].Position;
            }
        }
    }

    public IEnumerable<ScheduledMessage> Scheduled()
    {
        var names = _topics.ToDictionary(t => t.Value, t => t.Key);
        return ScheduledReading.Read(_connection, new(Limit: int.MaxValue), id => names[id]);
    }

    public IEnumerable<MovedIdentity> Identities(string topic)
    {
        using var rows = _connection.Prepare("select id, until, pos from seen where topic = ?1 order by id");
        rows.Bind(1, _topics[topic]);
        while (rows.Step())
            yield return new(rows.Bytes(0).ToArray(), rows.Int64(1), rows.Int64(2));
    }

    public IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> Checkpoints()
    {
        using var rows = _connection.Prepare("select name, value from checkpoint order by name");
        while (rows.Step())
            yield return new(rows.Text(0), rows.Bytes(1).ToArray());
    }

    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return _held.DisposeAsync();
    }

    private List<MovedSubscription> ReadSubscriptions()
    {
        var names = _topics.ToDictionary(t => t.Value, t => t.Key);
        using var rows = _connection.Prepare("select s.name, s.topic, c.low, c.above, c.mark from sub s join cursor c on c.sub = s.id order by s.name");
        var found = new List<MovedSubscription>();
        while (rows.Step())
            found.Add(new(rows.Text(0), names[rows.Int64(1)], new Cursor(rows.Int64(2), rows.Bytes(3).ToArray()), rows.Int64(4)));
        return found;
    }

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
}
