using Weft.Flows;
using Weft.Messages;

namespace Weft.EventBus;

/// <summary>What an operator can see and do. Every change is of one named subscription; what does not run is opened for it.</summary>
internal sealed class BusAdmin(EventBus bus)
{
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(30);

    /// <summary>The topics in use.</summary>
    public IReadOnlyDictionary<string, Topic> Topics => bus.Topics;

    /// <summary>All subscriptions, those that no file names any more included.</summary>
    public async Task<IReadOnlyList<SubscriptionStatus>> ListAsync(CancellationToken cancellation)
    {
        var all = new List<SubscriptionStatus>();
        foreach (var store in Stores)
        {
            var paused = await Pauses.ReadAsync(store, cancellation).ConfigureAwait(false);
            foreach (var info in await store.ListSubscriptionsAsync(cancellation).ConfigureAwait(false))
                all.Add(Status(info, paused.Contains(info.Name)));
        }
        return [.. all.OrderBy(s => s.Info.Name, StringComparer.Ordinal)];
    }

    /// <summary>Holds a subscription back until <see cref="ResumeAsync"/>, in all processes and over restarts. False when there is none.</summary>
    public Task<bool> PauseAsync(string subscription, CancellationToken cancellation) => HoldAsync(subscription, true, static runner => runner.Pause(), cancellation);

    /// <summary>Lets a subscription go on; a subscriber that was down is tried at once. False when there is none.</summary>
    public Task<bool> ResumeAsync(string subscription, CancellationToken cancellation) => HoldAsync(subscription, false, static runner => runner.Resume(), cancellation);

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
        if (await FindStoreAsync(subscription, cancellation).ConfigureAwait(false) is not { } found
            || !await found.Store.RemoveSubscriptionAsync(subscription, cancellation).ConfigureAwait(false))
            return false;
        // One that gets the name later is another.
        await Pauses.SetAsync(found.Store, subscription, false, cancellation).ConfigureAwait(false);
        return true;
    }

    /// <summary>All subscriptions with the stores that keep them, by name.</summary>
    public async Task<IReadOnlyList<(IMessageLog Store, SubscriptionInfo Info)>> FindAllAsync(CancellationToken cancellation)
    {
        var all = new List<(IMessageLog, SubscriptionInfo Info)>();
        foreach (var store in Stores)
            all.AddRange((await store.ListSubscriptionsAsync(cancellation).ConfigureAwait(false)).Select(info => (store, info)));
        return [.. all.OrderBy(s => s.Info.Name, StringComparer.Ordinal)];
    }

    /// <summary>One dead letter; null when there is none at that position.</summary>
    public async Task<ParkedMessage?> ShowDeadAsync(string subscription, long position, CancellationToken cancellation) =>
        await FindStoreAsync(subscription, cancellation).ConfigureAwait(false) is { } found ? await ReadAsync(found.Store, subscription, ParkedState.Dead, position, cancellation).ConfigureAwait(false) : null;

    /// <summary>
    /// What became of a message in a subscription: the row that it left, and whether the subscription is past it. Neither means that it was
    /// not taken yet or is on its way; past it without a row, that it is done.
    /// </summary>
    public static async Task<(ParkedMessage? Parked, bool HasPassed)> FateAsync(IMessageLog store, string subscription, long position, CancellationToken cancellation)
    {
        // In this order, so that one that dies meanwhile does not look done.
        bool hasPassed = await store.HasPassedAsync(subscription, position, cancellation).ConfigureAwait(false);
        foreach (var state in (ParkedState[])[ParkedState.Behind, ParkedState.Retry, ParkedState.Dead])
        {
            if (await ReadAsync(store, subscription, state, position, cancellation).ConfigureAwait(false) is { } parked)
                return (parked, hasPassed);
        }
        return (null, hasPassed);
    }

    /// <summary>
    /// Delivers dead letters again, in the order of their positions, with their tries counted anew and <c>weftreplay</c> set: to their
    /// subscription, in their place among those of their key that wait; or to all subscriptions of their topic, as new messages at its end.
    /// </summary>
    /// <returns>The positions that were found and are stored to be delivered.</returns>
    /// <exception cref="InvalidOperationException">The topic is not in use.</exception>
    public Task<IReadOnlyList<long>> ReplayAsync(string subscription, IReadOnlyCollection<long> positions, bool toTopic, CancellationToken cancellation) =>
        ChangeAsync(subscription, new(toTopic ? DeadChangeKind.ReplayToTopic : DeadChangeKind.Replay, [.. positions]), cancellation);

    /// <summary>Forgets dead letters.</summary>
    /// <returns>The positions that were found and are gone.</returns>
    public Task<IReadOnlyList<long>> DiscardAsync(string subscription, IReadOnlyCollection<long> positions, CancellationToken cancellation) =>
        ChangeAsync(subscription, new(DeadChangeKind.Discard, [.. positions]), cancellation);

    /// <summary>Changes the event of a dead letter. What it was before the first change is kept beside it.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="position">Where it is.</param>
    /// <param name="by">Who changes it.</param>
    /// <param name="change">Makes the new event of the old one; what it throws is thrown, and nothing is changed.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>False when there is none at that position.</returns>
    public async Task<bool> EditAsync(string subscription, long position, string by, Func<Message, Message> change, CancellationToken cancellation)
    {
        while (await ShowDeadAsync(subscription, position, cancellation).ConfigureAwait(false) is { } letter)
        {
            var edit = new DeadChange(DeadChangeKind.Edit, [position]) { By = by, From = letter.Message.Bytes.ToArray(), To = change(letter.Message).Bytes.ToArray() };
            if ((await ChangeAsync(subscription, edit, cancellation).ConfigureAwait(false)).Count == 1)
                return true;
            // Somebody else has changed it meanwhile, or it is gone.
        }
        return false;
    }

    private async Task<IReadOnlyList<long>> ChangeAsync(string subscription, DeadChange change, CancellationToken cancellation) =>
        await FindStoreAsync(subscription, cancellation).ConfigureAwait(false) is { } found
            ? await bus.Dead.ChangeAsync(found.Store, found.Info, change, cancellation).ConfigureAwait(false)
            : [];

    private IEnumerable<IMessageLog> Stores => bus.Topics.Values.Select(t => t.Store).Distinct();

    private SubscriptionStatus Status(SubscriptionInfo info, bool isPaused)
    {
        if (bus.Subscriptions.GetValueOrDefault(info.Name) is not { } runner)
        {
            return isPaused ? new(info, SubscriptionState.Paused, FlowGate.ByOperator)
                : bus.Named.Contains(info.Name)
                ? new(info, SubscriptionState.Off, "switched off in the file; what it has not read is kept")
                : new(info, SubscriptionState.Orphaned, "in the store and not in the file");
        }
        if (runner.Error is { } error)
            return new(info, SubscriptionState.Failed, error.Message);
        if (runner.HeldBack is { } reason)
            return new(info, runner.IsPaused ? SubscriptionState.Paused : SubscriptionState.Down, reason);
        return new(info, SubscriptionState.Running, null) { RuleErrors = runner.RuleErrors };
    }

    private async Task<bool> HoldAsync(string subscription, bool isPaused, Action<SubscriptionRunner> act, CancellationToken cancellation)
    {
        if (await FindStoreAsync(subscription, cancellation).ConfigureAwait(false) is not { } found)
            return false;
        await Pauses.SetAsync(found.Store, subscription, isPaused, cancellation).ConfigureAwait(false);
        if (bus.Subscriptions.GetValueOrDefault(subscription) is { } runner)
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

    private static Task<ParkedMessage?> ReadAsync(IMessageLog store, string subscription, ParkedState state, long position, CancellationToken cancellation) =>
        DeadChanges.ReadAsync(store, subscription, state, position, cancellation);
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
