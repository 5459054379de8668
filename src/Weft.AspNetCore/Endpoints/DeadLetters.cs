using System.Globalization;
using Weft.Diagnostics;
using Weft.EventBus;
using Weft.Expressions;
using Weft.Flows;
using Weft.Options;

namespace Weft.AspNetCore.Endpoints;

/// <summary>Dead letters as the admin API and the command find, show and change them.</summary>
internal sealed class DeadLetters(BusAdmin bus, Func<WeftOptions> options, TimeProvider time)
{
    /// <summary>The most that one page has.</summary>
    public const int MaxLimit = 1000;

    /// <summary>The most that one change takes.</summary>
    public const int MaxChanged = 10_000;

    // Positions are kept of those that are found, and no events.
    private const int MaxScanned = 100_000;
    private const long MaxScannedBytes = 256 << 20;

    /// <summary>A page of dead letters, by subscription and position.</summary>
    /// <exception cref="AdminException">A name, <c>where</c> or <c>after</c> is wrong.</exception>
    public async Task<DeadPage> ListAsync(DeadQuery query, int limit, CancellationToken cancellation)
    {
        var items = new List<DeadView>();
        var (next, budget, where) = await ScanAsync(query, new(time), (info, dead) =>
        {
            items.Add(DeadViews.Of(info, dead, whole: false));
            return items.Count < limit;
        }, cancellation).ConfigureAwait(false);
        return new(items, next) { Scanned = budget.Scanned, WhereErrors = Errors(where) };
    }

    /// <summary>Dead letters by cause.</summary>
    /// <exception cref="AdminException">A name, <c>where</c> or <c>after</c> is wrong.</exception>
    public async Task<DeadGroups> GroupAsync(DeadQuery query, CancellationToken cancellation)
    {
        var groups = new DeadGrouping();
        var (next, budget, where) = await ScanAsync(query, new(time, MaxScanned, MaxScannedBytes), groups.Add, cancellation).ConfigureAwait(false);
        return new(groups.ToViews(), budget.Scanned, next) { WhereErrors = Errors(where) };
    }

    /// <summary>One dead letter with all it holds.</summary>
    /// <exception cref="AdminException">There is no such subscription or dead letter.</exception>
    public async Task<DeadView> ShowAsync(string subscription, long position, CancellationToken cancellation)
    {
        var (_, info) = (await FindAsync(new() { Subscription = subscription }, cancellation).ConfigureAwait(false))[0];
        return await bus.ShowDeadAsync(subscription, position, cancellation).ConfigureAwait(false) is { } dead
            ? DeadViews.Of(info, dead, whole: true)
            : throw NoneAt(subscription, position);
    }

    /// <summary>Changes the event of a dead letter, and gives it as it is then.</summary>
    /// <exception cref="AdminException">There is no such dead letter, or the event would be none.</exception>
    public async Task<DeadView> EditAsync(string subscription, long position, DeadEdit edit, string by, CancellationToken cancellation)
    {
        await FindAsync(new() { Subscription = subscription }, cancellation).ConfigureAwait(false);
        if (!await bus.EditAsync(subscription, position, by, message => EventEdit.Apply(message, edit), cancellation).ConfigureAwait(false))
            throw NoneAt(subscription, position);
        return await ShowAsync(subscription, position, cancellation).ConfigureAwait(false);
    }

    /// <summary>Replays or discards. The set is fixed before anything is changed: what dies meanwhile is not in it.</summary>
    /// <exception cref="AdminException">The request is not complete, or there is no such subscription.</exception>
    public async Task<DeadResult> ChangeAsync(DeadRequest request, bool replay, CancellationToken cancellation)
    {
        bool toTopic = Check(request, replay);
        string subscription = request.Subscription!;
        var query = new DeadQuery { Subscription = subscription, Where = request.Where, After = request.After };
        var (_, info) = (await FindAsync(query, cancellation).ConfigureAwait(false))[0];
        var asked = new List<long>();
        string? next = null;
        DateTimeOffset? until = null;
        Where? where = null;
        if (request.Positions is { } positions)
        {
            asked.AddRange(positions.Select(ParsePosition).Distinct());
        }
        else
        {
            int limit = request.Limit ?? MaxChanged;
            until = request.Until ?? time.GetUtcNow();
            (next, _, where) = await ScanAsync(query, new(time, MaxScanned, MaxScannedBytes), (_, dead) =>
            {
                asked.Add(dead.Position);
                return asked.Count < limit;
            }, cancellation, until).ConfigureAwait(false);
        }

        var done = request.DryRun ? await AreThereAsync(subscription, asked, cancellation).ConfigureAwait(false)
            : await ChangeAsync(subscription, asked, replay, toTopic, cancellation).ConfigureAwait(false);
        return new(subscription, [.. done.Select(Text)], [.. asked.Except(done).Order().Select(Text)], request.DryRun)
        {
            Receivers = !replay ? null : toTopic ? await ReceiversAsync(info.Topic, cancellation).ConfigureAwait(false) : [subscription],
            Next = next,
            Until = until,
            WhereErrors = Errors(where),
        };
    }

    /// <summary>Reads a position as it stands in JSON.</summary>
    /// <exception cref="AdminException">It is none.</exception>
    public static long ParsePosition(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long position) && position > 0
            ? position
            : throw new AdminException(400, $"'{text}' is no position; a position is a whole number from 1.");

    /// <summary>A position as it stands in JSON.</summary>
    public static string Text(long position) => position.ToString(CultureInfo.InvariantCulture);

    /// <summary>What a condition had no value for; null when there was nothing.</summary>
    public static WhereErrorsView? Errors(Where? where) => where is { Errors: > 0 } ? new(where.Errors, Text(where.ErrorPosition), where.Error!) : null;

    /// <summary>Compiles a condition.</summary>
    /// <exception cref="AdminException">It is wrong; the text shows where.</exception>
    public static Where? Compile(Func<Where?> compile)
    {
        try
        {
            return compile();
        }
        catch (CelException e)
        {
            throw new AdminException(400, $"'where' is wrong:\n{e.Message}");
        }
    }

    /// <summary>Refuses a topic that is not there.</summary>
    /// <exception cref="AdminException">It is none of the known ones.</exception>
    public static void RequireTopic(string topic, IEnumerable<string> known)
    {
        string[] names = [.. known.Order(StringComparer.Ordinal)];
        if (!names.Contains(topic))
            throw new AdminException(404, $"There is no topic '{topic}'.{Nearest.Hint(topic, names)} Topics: {string.Join(", ", names)}.");
    }

    // Whether to the topic.
    private static bool Check(DeadRequest request, bool replay)
    {
        if (request.Subscription is null)
            throw new AdminException(400, "'subscription' is missing.");
        int ways = (request.Positions is { Count: > 0 } ? 1 : 0) + (request.Where is not null ? 1 : 0) + (request.All ? 1 : 0);
        if (ways != 1)
            throw new AdminException(400, "Say which dead letters: either 'positions', or 'where', or 'all': true.");
        if (request.Limit is < 1 or > MaxChanged)
            throw new AdminException(400, $"'limit' is {request.Limit}; allowed 1 to {MaxChanged}.");
        if (request.Positions is { Count: > MaxChanged } positions)
            throw new AdminException(400, $"{positions.Count} positions are more than the {MaxChanged} that one request may name.");
        return (request.To, replay) switch
        {
            (null or "subscription", true) or (null, false) => false,
            ("topic", true) => true,
            (_, true) => throw new AdminException(400, $"'to' is '{request.To}'; allowed are 'subscription' and 'topic'."),
            _ => throw new AdminException(400, "'to' is for a replay only."),
        };
    }

    private async Task<IReadOnlyList<long>> ChangeAsync(string subscription, List<long> positions, bool replay, bool toTopic, CancellationToken cancellation)
    {
        try
        {
            return replay
                ? await bus.ReplayAsync(subscription, positions, toTopic, cancellation).ConfigureAwait(false)
                : await bus.DiscardAsync(subscription, positions, cancellation).ConfigureAwait(false);
        }
        catch (InvalidOperationException e)
        {
            throw new AdminException(409, e.Message);
        }
    }

    private async Task<IReadOnlyList<long>> AreThereAsync(string subscription, List<long> positions, CancellationToken cancellation)
    {
        var found = new List<long>();
        foreach (long position in positions.Order())
        {
            if (await bus.ShowDeadAsync(subscription, position, cancellation).ConfigureAwait(false) is not null)
                found.Add(position);
        }
        return found;
    }

    private async Task<IReadOnlyList<string>> ReceiversAsync(string topic, CancellationToken cancellation) =>
        [.. (await bus.FindAllAsync(cancellation).ConfigureAwait(false)).Where(s => s.Info.Topic == topic).Select(s => s.Info.Name)];

    private async Task<(string? Next, SearchBudget Budget, Where? Where)> ScanAsync(
        DeadQuery query, SearchBudget budget, Func<SubscriptionInfo, ParkedMessage, bool> found, CancellationToken cancellation, DateTimeOffset? until = null)
    {
        var where = Compile(() => EventBus.Where.OverDead(query.Where, options()));
        var all = await FindAsync(query, cancellation).ConfigureAwait(false);
        var (name, after) = query.Cursor();
        var left = all.SkipWhile(s => name is not null && string.CompareOrdinal(s.Info.Name, name) < 0).ToArray();
        if (name is not null && left.Length > 0 && left[0].Info.Name != name)
            after = 0;
        var end = await DeadSearch.RunAsync(left.Where(s => s.Info.Dead > 0), after, where, until, budget, found, cancellation).ConfigureAwait(false);
        return (end is { } at ? query.Subscription is null ? $"{at.Subscription.Name}/{Text(at.Position)}" : Text(at.Position) : null, budget, where);
    }

    private async Task<IReadOnlyList<(IMessageLog Store, SubscriptionInfo Info)>> FindAsync(DeadQuery query, CancellationToken cancellation)
    {
        var all = await bus.FindAllAsync(cancellation).ConfigureAwait(false);
        string[] names = [.. all.Select(s => s.Info.Name)];
        if (query.Subscription is { } subscription && !names.Contains(subscription))
            throw new AdminException(404, $"There is no subscription '{subscription}'.{Nearest.Hint(subscription, names)} Subscriptions: {string.Join(", ", names)}.");
        if (query.Topic is { } topic)
            RequireTopic(topic, bus.Topics.Keys.Union(all.Select(s => s.Info.Topic)));
        return [.. all.Where(s => (query.Subscription is null || s.Info.Name == query.Subscription) && (query.Topic is null || s.Info.Topic == query.Topic))];
    }

    private static AdminException NoneAt(string subscription, long position) =>
        new(404, $"Subscription '{subscription}' has no dead letter at position {Text(position)}.");
}

/// <summary>Which dead letters; null for no restriction.</summary>
internal sealed record DeadQuery
{
    public string? Subscription { get; init; }

    public string? Topic { get; init; }

    /// <summary>A condition over <c>event</c> and <c>dead</c>.</summary>
    public string? Where { get; init; }

    /// <summary>The <c>next</c> of the page before: a position, or <c>SUBSCRIPTION/POSITION</c> when there are several subscriptions.</summary>
    public string? After { get; init; }

    /// <summary>The subscription and position to go on behind.</summary>
    /// <exception cref="AdminException"><see cref="After"/> is no cursor.</exception>
    public (string? Subscription, long Position) Cursor()
    {
        if (After is null or "")
            return (Subscription, 0);
        int slash = After.LastIndexOf('/');
        if (slash < 0 && Subscription is null)
            throw new AdminException(400, $"'after' is '{After}'; over several subscriptions it is SUBSCRIPTION/POSITION: what 'next' of the page before says.");
        return (slash < 0 ? Subscription : After[..slash], After[(slash + 1)..] is "0" ? 0 : DeadLetters.ParsePosition(After[(slash + 1)..]));
    }
}
