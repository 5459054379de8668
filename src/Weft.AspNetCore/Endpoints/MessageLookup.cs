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
        var search = new LogSearch(log, query.Newest);
        await search.BeginAsync(Bound("from", query.From), Bound("to", query.To), cancellation).ConfigureAwait(false);
        if (query.After is { Length: > 0 } text && !search.TryGoOn(text))
            throw new AdminException(400, $"'after' is '{text}'; it is a position, or what 'next' of the page before says.");

        var items = new List<MessageView>();
        var budget = new SearchBudget(time);
        bool Found(LogEntry entry)
        {
            items.Add(MessageViews.Of(log.Name, entry, whole: false));
            return items.Count < limit;
        }
        bool more = await search.RunAsync(where, budget, Found, cancellation).ConfigureAwait(false);
        return new(items, more ? search.Place : null, budget.Scanned) { WhereErrors = DeadLetters.Errors(where) };
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
        return await LogReading.FindAsync(log, position, cancellation).ConfigureAwait(false)
            ?? throw new AdminException(404, $"Topic '{topic}' has no message at position {DeadLetters.Text(position)}: its last one is {DeadLetters.Text(log.Head)}, and old ones go after 'keep'.");
    }

    private static SearchBound? Bound(string name, string? text)
    {
        if (text is null)
            return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long position))
            return new(position, default);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? new(null, at)
            : throw new AdminException(400, $"'{name}' is '{text}'; allowed are a position and a time such as 2026-05-01T00:00:00Z.");
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
