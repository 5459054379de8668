using Weft.Flows;
using Weft.Messages;

namespace Weft.EventBus;

/// <summary>What an operator can see and do. Every change is of one named subscription; what does not run is opened for it.</summary>
internal sealed class BusAdmin(EventBus bus, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(30);

    private const int MaxBatch = 256, MaxBatchBytes = 4 << 20;

    // Between reading dead letters and changing them, nobody else may change them.
    private readonly SemaphoreSlim _changing = new(1);

    /// <summary>The topics in use.</summary>
    public IReadOnlyDictionary<string, Topic> Topics => bus.Topics;

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
    public bool Pause(string subscription) => With(subscription, static runner => runner.Pause());

    /// <summary>Lets a subscription go on; a subscriber that was down is tried at once. False when it does not run.</summary>
    public bool Resume(string subscription) => With(subscription, static runner => runner.Resume());

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
        ForEachDeadAsync(subscription, positions, async (source, info, dead) =>
        {
            var marked = dead.Select(d => d with { Message = Causation.Replayed(d.Message) }).ToArray();
            if (!toTopic)
                Array.ForEach(marked, source.Replay);
            else if (bus.Topics.GetValueOrDefault(info.Topic) is { } topic)
                await source.MoveAsync(marked, topic.Log, message => topic.KeyOf(message), cancellation).ConfigureAwait(false);
            else
                throw new InvalidOperationException($"Topic '{info.Topic}' is not in the file. Add it under 'topics', or replay to the subscription.");
        }, cancellation);

    /// <summary>Forgets dead letters.</summary>
    /// <returns>The positions that were found and are gone.</returns>
    public Task<IReadOnlyList<long>> DiscardAsync(string subscription, IReadOnlyCollection<long> positions, CancellationToken cancellation) =>
        ForEachDeadAsync(subscription, positions, static (source, _, dead) =>
        {
            foreach (var letter in dead)
                source.Discard(letter);
            return default;
        }, cancellation);

    /// <summary>Changes the event of a dead letter. What it was before the first change is kept beside it.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="position">Where it is.</param>
    /// <param name="by">Who changes it.</param>
    /// <param name="change">Makes the new event of the old one; what it throws is thrown, and nothing is changed.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>False when there is none at that position.</returns>
    public async Task<bool> EditAsync(string subscription, long position, string by, Func<Message, Message> change, CancellationToken cancellation)
    {
        var done = await ForEachDeadAsync(subscription, [position], (source, _, dead) =>
        {
            var (letter, notes) = (dead[0], ParkedNotes.Read(dead[0].Notes));
            var edited = notes with { Edit = new(time.GetUtcNow(), by, notes.Edit?.Original ?? letter.Message) };
            source.Replace(letter with { Message = change(letter.Message), Notes = edited.Write() });
            return default;
        }, cancellation).ConfigureAwait(false);
        return done.Count == 1;
    }

    /// <inheritdoc/>
    public void Dispose() => _changing.Dispose();

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
        if (runner.HeldBack is { } reason)
            return new(info, runner.IsPaused ? SubscriptionState.Paused : SubscriptionState.Down, reason);
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

    private static async Task<ParkedMessage?> ReadAsync(IMessageLog store, string subscription, ParkedState state, long position, CancellationToken cancellation) =>
        await store.ReadParkedAsync(subscription, new(state, After: position - 1, Limit: 1, UpTo: position), cancellation).ConfigureAwait(false) is [var parked] ? parked : null;

    private async Task<IReadOnlyList<long>> ForEachDeadAsync(
        string subscription, IReadOnlyCollection<long> positions, Func<LogSource, SubscriptionInfo, IReadOnlyList<ParkedMessage>, ValueTask> act, CancellationToken cancellation)
    {
        if (await FindStoreAsync(subscription, cancellation).ConfigureAwait(false) is not { } found)
            return [];
        await _changing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var all = new List<long>();
            var topic = await found.Store.OpenTopicAsync(found.Info.Topic, cancellation).ConfigureAwait(false);
            foreach (var ofShard in positions.Order().GroupBy(topic.ShardOf))
            {
                if (bus.Subscriptions.GetValueOrDefault(subscription)?.SourceOf(ofShard.First()) is { } running)
                {
                    all.AddRange(await ActAsync(running, ofShard).ConfigureAwait(false));
                    continue;
                }
                var opened = await topic.Shards[ofShard.Key].OpenSubscriptionAsync(subscription, SubscriptionStart.New, cancellation).ConfigureAwait(false);
                var source = new LogSource(found.Store, opened, new(), time);
                await using (source.ConfigureAwait(false))
                    all.AddRange(await ActAsync(source, ofShard).ConfigureAwait(false));
            }
            return all;
        }
        finally
        {
            _changing.Release();
        }

        async Task<IReadOnlyList<long>> ActAsync(LogSource source, IEnumerable<long> ofShard)
        {
            var done = new List<long>();
            var batch = new List<ParkedMessage>();
            long bytes = 0;
            foreach (long position in ofShard)
            {
                if (await ReadAsync(found.Store, subscription, ParkedState.Dead, position, cancellation).ConfigureAwait(false) is not { } dead)
                    continue;
                batch.Add(dead);
                bytes += dead.Message.Bytes.Length;
                if (batch.Count == MaxBatch || bytes > MaxBatchBytes)
                    await StoreAsync().ConfigureAwait(false);
            }
            await StoreAsync().ConfigureAwait(false);
            return done;

            // A bounded part at a time, so that many large ones do not take all memory.
            async Task StoreAsync()
            {
                if (batch.Count == 0)
                    return;
                await act(source, found.Info, batch).ConfigureAwait(false);
                await source.FlushAsync(cancellation).ConfigureAwait(false);
                done.AddRange(batch.Select(d => d.Position));
                batch.Clear();
                bytes = 0;
            }
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
