using System.Globalization;
using Weft.Flows;

namespace Weft.EventBus;

/// <summary>Where a search begins or ends: at a position or at a time.</summary>
/// <param name="Position">The position; null for a time. In a divided topic it stands for the time of its message in the other shards.</param>
/// <param name="At">The time.</param>
internal readonly record struct SearchBound(long? Position, DateTimeOffset At);

/// <summary>
/// Goes through the log of a topic, forwards or backwards, a bounded stretch at a time. The shards of a divided topic are merged by the
/// time at which messages were appended; within a shard the order is that of positions, whatever the clocks of its publishers said.
/// </summary>
internal sealed class LogSearch
{
    private readonly ILogTopic _log;
    private readonly bool _newest;
    private readonly ShardReader[] _shards;

    /// <summary>Prepares a search over all of a topic or of one shard.</summary>
    public LogSearch(ILogTopic log, bool newest)
    {
        (_log, _newest) = (log, newest);
        // A shard says that the topic has several; it is gone through alone.
        bool isDivided = log.Shards.Count > 1 && !log.Shards.Contains(log);
        _shards = isDivided ? [.. log.Shards.Select(s => new ShardReader(s, newest))] : [new ShardReader(log, newest)];
    }

    /// <summary>How far it has come, for <see cref="TryGoOn"/>: the last position looked at; of a divided topic, one for each shard.</summary>
    public string Place => string.Join('.', _shards.Select(s => s.Place.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Bounds it, both ends included; null for none.</summary>
    public async Task BeginAsync(SearchBound? from, SearchBound? to, CancellationToken cancellation)
    {
        var (first, last) = (await TimeOfAsync(from, cancellation).ConfigureAwait(false), await TimeOfAsync(to, cancellation).ConfigureAwait(false));
        foreach (var shard in _shards)
        {
            long low = 1, high = shard.Log.Head;
            if (from is { Position: { } begins } && Owns(shard, begins))
                low = begins;
            else if (first is { } after)
                low = await LogReading.FirstAtAsync(shard.Log, after, cancellation).ConfigureAwait(false);
            if (to is { Position: { } ends } && Owns(shard, ends))
                high = Math.Min(ends, high);
            else if (last is { } before)
                high = await LogReading.FirstAtAsync(shard.Log, before.AddTicks(1), cancellation).ConfigureAwait(false) - 1;
            shard.Bound(low, high);
        }
    }

    /// <summary>Goes on behind a place. False when it is none of this topic.</summary>
    public bool TryGoOn(string place)
    {
        string[] parts = place.Split('.');
        if (parts.Length != _shards.Length)
            return false;
        for (int i = 0; i < parts.Length; i++)
        {
            if (!long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out long position))
                return false;
            _shards[i].Pass(position);
        }
        return true;
    }

    /// <summary>Looks at messages until there are none left, enough were found, or the budget is spent.</summary>
    /// <param name="where">Which messages; null for all.</param>
    /// <param name="budget">How much may be looked at.</param>
    /// <param name="found">Called for each that is wanted; false when it was the last.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Whether there may be more behind <see cref="Place"/>.</returns>
    public async Task<bool> RunAsync(Where? where, SearchBudget budget, Func<LogEntry, bool> found, CancellationToken cancellation)
    {
        while (await NextAsync(cancellation).ConfigureAwait(false) is { } shard)
        {
            var entry = shard.Take();
            budget.Count(entry.Message);
            if (((where is null || where.Holds(entry)) && !found(entry)) || budget.IsSpent)
                return Array.Exists(_shards, s => s.MayHaveMore);
        }
        return false;
    }

    private async Task<ShardReader?> NextAsync(CancellationToken cancellation)
    {
        ShardReader? next = null;
        foreach (var shard in _shards)
        {
            if (await shard.FillAsync(cancellation).ConfigureAwait(false) && (next is null || Comes(shard.Next, next.Next)))
                next = shard;
        }
        return next;
    }

    private bool Comes(in LogEntry a, in LogEntry b)
    {
        int order = a.AppendedAt.CompareTo(b.AppendedAt);
        return _newest ? order > 0 || (order == 0 && a.Position > b.Position) : order < 0 || (order == 0 && a.Position < b.Position);
    }

    private bool Owns(ShardReader shard, long position) => _shards.Length == 1 || _log.ShardOf(position) == shard.Log.Shard;

    // What a bound means in the shards that its position is not of.
    private async Task<DateTimeOffset?> TimeOfAsync(SearchBound? bound, CancellationToken cancellation)
    {
        if (bound is not { Position: { } position })
            return bound?.At;
        if (_shards.Length == 1)
            return null;
        var one = new LogEntry[1];
        var shard = Array.Find(_shards, s => Owns(s, position))!;
        // One that is not there yet comes after all that is.
        return await shard.Log.ReadAsync(position - 1, one, cancellation).ConfigureAwait(false) == 1 ? one[0].AppendedAt : DateTimeOffset.MaxValue.AddTicks(-1);
    }
}
