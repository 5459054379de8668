using System.Globalization;
using Weft.EventBus;
using Weft.Flows;
using Weft.Options;

namespace Weft.AspNetCore.Endpoints;

/// <summary>Messages of topics as the admin API and the command find and show them.</summary>
internal sealed class MessageLookup(BusAdmin bus, Func<WeftOptions> options, TimeProvider time)
{
    /// <summary>The most that one page has.</summary>
    public const int MaxLimit = 1000;

    /// <summary>A page of messages.</summary>
    /// <exception cref="AdminException">The topic, <c>where</c>, <c>from</c>, <c>to</c> or <c>after</c> is wrong.</exception>
    public async Task<MessagePage> ListAsync(MessageQuery query, int limit, CancellationToken cancellation)
    {
        var where = DeadLetters.Compile(() => Where.OverMessages(query.Where, options()));
        var log = Topic(query.Topic).Log;
        long from = query.From is null ? 1 : await PositionAsync(log, "from", query.From, orAfter: false, cancellation).ConfigureAwait(false);
        long to = query.To is null ? log.Head : await PositionAsync(log, "to", query.To, orAfter: true, cancellation).ConfigureAwait(false);
        long? after = query.After is { Length: > 0 } text ? DeadLetters.ParsePosition(text) : null;

        var items = new List<MessageView>();
        var budget = new SearchBudget(time);
        bool Found(LogEntry entry)
        {
            items.Add(MessageViews.Of(log.Name, entry, whole: false));
            return items.Count < limit;
        }
        long? next = query.Newest
            ? await LogSearch.BackwardAsync(log, Math.Min(after ?? long.MaxValue, to + 1), from, where, budget, Found, cancellation).ConfigureAwait(false)
            : await LogSearch.ForwardAsync(log, Math.Max(after ?? 0, from - 1), to, where, budget, Found, cancellation).ConfigureAwait(false);
        return new(items, next is { } position ? DeadLetters.Text(position) : null, budget.Scanned) { WhereErrors = DeadLetters.Errors(where) };
    }

    /// <summary>One message with all it holds.</summary>
    /// <exception cref="AdminException">There is no such topic, or it has no message there.</exception>
    public async Task<MessageView> ShowAsync(string topic, long position, CancellationToken cancellation) =>
        MessageViews.Of(topic, await FindAsync(topic, position, cancellation).ConfigureAwait(false), whole: true);

    /// <summary>Where a message came from and what became of it.</summary>
    /// <exception cref="AdminException">There is no such topic, or it has no message there.</exception>
    public async Task<TraceView> TraceAsync(string topic, long position, CancellationToken cancellation)
    {
        var entry = await FindAsync(topic, position, cancellation).ConfigureAwait(false);
        var deliveries = new List<DeliveryView>();
        foreach (var (store, info) in await bus.FindAllAsync(cancellation).ConfigureAwait(false))
        {
            if (info.Topic != topic)
                continue;
            var (parked, hasPassed) = await BusAdmin.FateAsync(store, info.Name, position, cancellation).ConfigureAwait(false);
            deliveries.Add(MessageViews.Delivery(info.Name, entry, parked, hasPassed, options()));
        }
        var related = new RelatedMessages(topic, entry, new(time, messages: 50_000));
        foreach (var other in bus.Topics.Values)
            await related.LookThroughAsync(other.Log, cancellation).ConfigureAwait(false);
        var trace = Causation.TraceOf(entry.Message);
        return new(MessageViews.Of(topic, entry, whole: false), deliveries, related.Caused())
        {
            Request = trace is { } t ? new(t.TraceId.ToHexString(), t.SpanId.ToHexString(), t.TraceFlags.HasFlag(System.Diagnostics.ActivityTraceFlags.Recorded)) : null,
            Cause = related.Cause,
            Complete = related.IsComplete,
        };
    }

    private Topic Topic(string name)
    {
        DeadLetters.RequireTopic(name, bus.Topics.Keys);
        return bus.Topics[name];
    }

    private async Task<LogEntry> FindAsync(string topic, long position, CancellationToken cancellation)
    {
        var log = Topic(topic).Log;
        return await LogSearch.FindAsync(log, position, cancellation).ConfigureAwait(false)
            ?? throw new AdminException(404, $"Topic '{topic}' has no message at position {DeadLetters.Text(position)}: its last one is {DeadLetters.Text(log.Head)}, and old ones go after 'keep'.");
    }

    // A position, or that of the first message at a time; with orAfter, of the last one.
    private static async Task<long> PositionAsync(ILogTopic log, string name, string text, bool orAfter, CancellationToken cancellation)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long position))
            return position;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            throw new AdminException(400, $"'{name}' is '{text}'; allowed are a position and a time such as 2026-05-01T00:00:00Z.");
        return orAfter
            ? await LogSearch.FirstAtAsync(log, at.AddTicks(1), cancellation).ConfigureAwait(false) - 1
            : await LogSearch.FirstAtAsync(log, at, cancellation).ConfigureAwait(false);
    }
}

/// <summary>Which messages of a topic.</summary>
/// <param name="Topic">The topic.</param>
internal sealed record MessageQuery(string Topic)
{
    /// <summary>A condition over <c>event</c>; null for all.</summary>
    public string? Where { get; init; }

    /// <summary>The first position or time; null for the oldest message.</summary>
    public string? From { get; init; }

    /// <summary>The last position or time; null for the newest message.</summary>
    public string? To { get; init; }

    /// <summary>The <c>next</c> of the page before.</summary>
    public string? After { get; init; }

    /// <summary>Whether the newest come first.</summary>
    public bool Newest { get; init; }
}
