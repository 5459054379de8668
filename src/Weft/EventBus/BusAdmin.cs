using Weft.Flows;

namespace Weft.EventBus;

/// <summary>What an operator can see and do. Every change is of one named subscription; what does not run is opened for it.</summary>
internal sealed class BusAdmin(EventBus bus, TimeProvider time)
{
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(30);

    /// <summary>All subscriptions, those that no file names any more included.</summary>
    public async Task<IReadOnlyList<SubscriptionStatus>> ListAsync(CancellationToken cancellation)
    {
        var all = new List<SubscriptionStatus>();
        foreach (var store in Stores)
        {
            foreach (var info in await store.ListSubscriptionsAsync(cancellation).ConfigureAwait(false))
                all.Add(Status(info));
        }
        return [.. all.OrderBy(s => s.Info.Name, StringComparer.Ordinal)];
    }

    /// <summary>Holds a subscription back until <see cref="Resume"/> or the next start. False when it does not run.</summary>
    public bool Pause(string subscription) => With(subscription, static runner => runner.Gate.Pause());

    /// <summary>Lets a subscription go on; a subscriber that was down is tried at once. False when it does not run.</summary>
    public bool Resume(string subscription) => With(subscription, static runner => runner.Gate.Resume());

    /// <summary>Moves a subscription to another place of its topic. What it has parked stays parked. False when there is none.</summary>
    public async Task<bool> SeekAsync(string subscription, SubscriptionStart start, CancellationToken cancellation)
    {
        if (await FindStoreAsync(subscription, cancellation).ConfigureAwait(false) is not { } found)
            return false;
        if (bus.Subscriptions.GetValueOrDefault(subscription) is { } runner)
            await runner.RestartAsync(Drain, async () => await found.Store.SeekAsync(subscription, start, cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        else
            await found.Store.SeekAsync(subscription, start, cancellation).ConfigureAwait(false);
        return true;
    }

    /// <summary>Forgets a subscription that the configuration no longer names. False when there is none.</summary>
    /// <exception cref="InvalidOperationException">The configuration names it.</exception>
    public async Task<bool> RemoveAsync(string subscription, CancellationToken cancellation)
    {
        if (bus.Named.Contains(subscription))
            throw new InvalidOperationException($"Subscription '{subscription}' is in use. Take it out of the file first, then remove it.");
        return await FindStoreAsync(subscription, cancellation).ConfigureAwait(false) is { } found
            && await found.Store.RemoveSubscriptionAsync(subscription, cancellation).ConfigureAwait(false);
    }

    /// <summary>Dead letters of a subscription, oldest position first; null when there is no such subscription.</summary>
    public async Task<IReadOnlyList<ParkedMessage>?> ListDeadAsync(string subscription, long after, int limit, CancellationToken cancellation)
    {
        if (await FindStoreAsync(subscription, cancellation).ConfigureAwait(false) is not { } found)
            return null;
        return await found.Store.ReadParkedAsync(subscription, new(ParkedState.Dead, After: after, Limit: limit), cancellation).ConfigureAwait(false);
    }

    /// <summary>One dead letter; null when there is none at that position.</summary>
    public async Task<ParkedMessage?> ShowDeadAsync(string subscription, long position, CancellationToken cancellation) =>
        await ListDeadAsync(subscription, position - 1, 1, cancellation).ConfigureAwait(false) is [var dead] && dead.Position == position ? dead : null;

    /// <summary>Delivers dead letters again to their subscription, with their tries counted anew.</summary>
    /// <returns>The positions that were found and are stored to be delivered.</returns>
    public Task<IReadOnlyList<long>> ReplayAsync(string subscription, IReadOnlyCollection<long> positions, CancellationToken cancellation) =>
        ForEachDeadAsync(subscription, positions, static (source, dead) => source.Replay(dead), cancellation);

    /// <summary>Forgets dead letters.</summary>
    /// <returns>The positions that were found and are gone.</returns>
    public Task<IReadOnlyList<long>> DiscardAsync(string subscription, IReadOnlyCollection<long> positions, CancellationToken cancellation) =>
        ForEachDeadAsync(subscription, positions, static (source, dead) => source.Discard(dead), cancellation);

    private IEnumerable<IMessageLog> Stores => bus.Topics.Values.Select(t => t.Store).Distinct();

    private SubscriptionStatus Status(SubscriptionInfo info)
    {
        if (bus.Subscriptions.GetValueOrDefault(info.Name) is not { } runner)
        {
            return bus.Named.Contains(info.Name)
                ? new(info, SubscriptionState.Off, "switched off in the file; what it has not read is kept")
                : new(info, SubscriptionState.Orphaned, "in the store and not in the file");
        }
        if (runner.Error is { } error)
            return new(info, SubscriptionState.Failed, error.Message);
        if (runner.Gate.Reason is { } reason)
            return new(info, runner.Gate.IsPaused ? SubscriptionState.Paused : SubscriptionState.Down, reason);
        return new(info, SubscriptionState.Running, null) { RuleErrors = runner.RuleErrors };
    }

    private bool With(string subscription, Action<SubscriptionRunner> act)
    {
        if (bus.Subscriptions.GetValueOrDefault(subscription) is not { } runner)
            return false;
        act(runner);
        return true;
    }

    private async Task<(IMessageLog Store, SubscriptionInfo Info)?> FindStoreAsync(string subscription, CancellationToken cancellation)
    {
        foreach (var store in Stores)
        {
            var known = await store.ListSubscriptionsAsync(cancellation).ConfigureAwait(false);
            if (known.FirstOrDefault(s => s.Name == subscription) is { } info)
                return (store, info);
        }
        return null;
    }

    private async Task<IReadOnlyList<long>> ForEachDeadAsync(
        string subscription, IReadOnlyCollection<long> positions, Action<LogSource, ParkedMessage> act, CancellationToken cancellation)
    {
        var done = new List<long>();
        if (await FindStoreAsync(subscription, cancellation).ConfigureAwait(false) is not { } found)
            return done;
        if (bus.Subscriptions.GetValueOrDefault(subscription)?.Source is { } running)
        {
            await ActAsync(running).ConfigureAwait(false);
            return done;
        }

        var topic = await found.Store.OpenTopicAsync(found.Info.Topic, cancellation).ConfigureAwait(false);
        var opened = new LogSource(found.Store, await topic.OpenSubscriptionAsync(subscription, SubscriptionStart.New, cancellation).ConfigureAwait(false), ordered: true, time);
        await using (opened.ConfigureAwait(false))
            await ActAsync(opened).ConfigureAwait(false);
        return done;

        async Task ActAsync(LogSource source)
        {
            foreach (long position in positions.Order())
            {
                if (await ShowDeadAsync(subscription, position, cancellation).ConfigureAwait(false) is not { } dead)
                    continue;
                act(source, dead);
                done.Add(position);
            }
            await source.FlushAsync(cancellation).ConfigureAwait(false);
        }
    }
}

/// <summary>How a subscription is.</summary>
internal enum SubscriptionState
{
    /// <summary>It delivers.</summary>
    Running,

    /// <summary>An operator holds it back.</summary>
    Paused,

    /// <summary>Its subscriber takes nothing; it is tried again and again, and no attempts are spent.</summary>
    Down,

    /// <summary>It cannot be opened or its store fails; it is tried again and again.</summary>
    Failed,

    /// <summary>The file names it and says that it is not to run, or another process runs it.</summary>
    Off,

    /// <summary>The store knows it and the file does not.</summary>
    Orphaned,
}

/// <summary>A subscription as an operator sees it.</summary>
/// <param name="Info">What the store knows.</param>
/// <param name="State">How it is.</param>
/// <param name="Reason">Why it does not run; null when it does.</param>
internal sealed record SubscriptionStatus(SubscriptionInfo Info, SubscriptionState State, string? Reason)
{
    /// <summary>Events for which its condition had no value; null when it does not run.</summary>
    public RuleErrors? RuleErrors { get; init; }
}
