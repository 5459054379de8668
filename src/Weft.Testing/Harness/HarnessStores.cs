using Weft.EventBus;
using Weft.Flows;
using Weft.Options;

namespace Weft.Testing;

/// <summary>Has every connection keep its log in memory, over restarts.</summary>
internal sealed class HarnessStores(TimeProvider time, HarnessRecord record) : ILogFactory
{
    private readonly SortedDictionary<string, (InMemoryMessageLog Log, bool IsFresh)> _logs = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>The stored topics of all connections.</summary>
    public IReadOnlyDictionary<string, LogEntry[]> Topics() => Read(log => log.Topics.Select(t => (t.Name, Value: t.Entries.ToArray())));

    /// <summary>The stored subscriptions of all connections.</summary>
    public IReadOnlyDictionary<string, StoredWork> Subscriptions(ParkedState state) =>
        Read(log => log.Subscriptions.Values.Select(s => (s.Name, Value: s.ToWork(state))));

    /// <summary>What waits for its time, of all connections.</summary>
    public DateTimeOffset NextScheduled()
    {
        lock (_lock)
            return _logs.Values.Select(l => Locked(l.Log, s => s.Scheduled.Values.Select(m => m.Due).DefaultIfEmpty(DateTimeOffset.MaxValue).Min())).DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
    }

    /// <inheritdoc/>
    public bool Handles(ConnectionOptions connection) => true;

    /// <inheritdoc/>
    public ValueTask<IMessageLog> OpenAsync(string name, ConnectionOptions connection, CancellationToken cancellation)
    {
        lock (_lock)
        {
            var log = !_logs.TryGetValue(name, out var known) ? Make() : known.IsFresh ? known.Log : known.Log.CrashAndReopen();
            _logs[name] = (log, false);
            return new(log);
        }
    }

    /// <summary>Ends all logs as a crash would.</summary>
    public void Crash(bool powerFails)
    {
        lock (_lock)
        {
            foreach (var (name, known) in _logs.ToArray())
                _logs[name] = (known.Log.CrashAndReopen(powerFails), true);
        }
    }

    private InMemoryMessageLog Make()
    {
        var log = new InMemoryMessageLog(time);
        log.Store.Changed += record.SayChanged;
        return log;
    }

    private Dictionary<string, T> Read<T>(Func<InMemoryStore, IEnumerable<(string Name, T Value)>> read)
    {
        lock (_lock)
            return _logs.Values.SelectMany(l => Locked(l.Log, store => read(store).ToArray())).ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
    }

    private static T Locked<T>(InMemoryMessageLog log, Func<InMemoryStore, T> read)
    {
        lock (log.Gate)
            return read(log.Store);
    }
}

/// <summary>What a subscription has before it, as the store knows it.</summary>
/// <param name="Unread">How many positions it has not settled.</param>
/// <param name="NextDue">When the next retry is due; <see cref="DateTimeOffset.MaxValue"/> for none.</param>
/// <param name="Released">How many keys have messages whose turn it is.</param>
/// <param name="Held">How many keys of those have a dead letter.</param>
/// <param name="Rows">The rows in the state that was asked for.</param>
internal sealed record StoredWork(long Unread, DateTimeOffset NextDue, int Released, int Held, IReadOnlyList<ParkedMessage> Rows);
