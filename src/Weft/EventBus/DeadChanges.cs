using Weft.Flows;
using Weft.Messages;

namespace Weft.EventBus;

/// <summary>
/// Changes dead letters. Only who reads a shard may change what is parked there, since it knows what of a key waits: a shard that
/// runs here is changed through its source, one that nobody reads is opened for it, and the process that reads any other is asked.
/// </summary>
#pragma warning disable CA1001 // The semaphore holds nothing to free: its wait handle is never made.
internal sealed class DeadChanges(EventBus bus, TimeProvider time)
#pragma warning restore CA1001
{
    private const int MaxBatch = 256, MaxBatchBytes = 4 << 20;
    private static readonly TimeSpan s_moving = TimeSpan.FromMilliseconds(100);

    // Between reading dead letters and changing them, nobody else here may change them.
    private readonly SemaphoreSlim _changing = new(1);

    /// <summary>Makes a change, wherever the shards are read.</summary>
    /// <returns>The positions that were found and changed.</returns>
    /// <exception cref="InvalidOperationException">It cannot be made; the text says why.</exception>
    public async Task<IReadOnlyList<long>> ChangeAsync(IMessageLog store, SubscriptionInfo info, DeadChange change, CancellationToken cancellation)
    {
        var all = new List<long>();
        var topic = await store.OpenTopicAsync(info.Topic, cancellation).ConfigureAwait(false);
        foreach (var ofShard in change.Positions.Order().GroupBy(topic.ShardOf))
            all.AddRange(await ChangeShardAsync(store, info, topic.Shards[ofShard.Key], change with { Positions = [.. ofShard] }, cancellation).ConfigureAwait(false));
        return all;
    }

    /// <summary>Does what another process asks for a shard that is read here.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(IMessageLog store, string subscription, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        try
        {
            var change = DeadChange.Read(request);
            var info = (await store.ListSubscriptionsAsync(cancellation).ConfigureAwait(false)).FirstOrDefault(s => s.Name == subscription);
            return info is not null && bus.Subscriptions.GetValueOrDefault(subscription)?.SourceOf(change.Positions[0]) is { } running
                ? new DeadChanged(await ActAsync(running, store, info, change, cancellation).ConfigureAwait(false), null).Write()
                : new DeadChanged([], null) { IsMoving = true }.Write();
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            return new DeadChanged([], e.Message).Write();
        }
    }

    /// <summary>A message beside the log; null when there is none in that state at the position.</summary>
    public static async Task<ParkedMessage?> ReadAsync(IMessageLog store, string subscription, ParkedState state, long position, CancellationToken cancellation) =>
        await store.ReadParkedAsync(subscription, new(state, After: position - 1, Limit: 1, UpTo: position), cancellation).ConfigureAwait(false) is [var parked] ? parked : null;

    private async Task<IReadOnlyList<long>> ChangeShardAsync(IMessageLog store, SubscriptionInfo info, ILogTopic shard, DeadChange change, CancellationToken cancellation)
    {
        while (true)
        {
            if (bus.Subscriptions.GetValueOrDefault(info.Name)?.SourceOf(change.Positions[0]) is { } running)
                return await ActAsync(running, store, info, change, cancellation).ConfigureAwait(false);
            if (await store.AskAsync(info.Name, shard.Shard, change.Write(), cancellation).ConfigureAwait(false) is { } answer)
            {
                var changed = DeadChanged.Read(answer);
                if (changed.IsMoving)
                {
                    await Task.Delay(s_moving, time, cancellation).ConfigureAwait(false);
                    continue;
                }
                return changed.Error is null ? changed.Positions : throw new InvalidOperationException(changed.Error);
            }
            ILogSubscription opened;
            try
            {
                opened = await shard.OpenSubscriptionAsync(info.Name, SubscriptionStart.New, cancellation).ConfigureAwait(false);
            }
            catch (LogException) when (bus.Subscriptions.GetValueOrDefault(info.Name)?.SourceOf(change.Positions[0]) is not null)
            {
                continue; // It has fallen to this process meanwhile.
            }
            var source = new LogSource(store, opened, new(), time);
            await using (source.ConfigureAwait(false))
                return await ActAsync(source, store, info, change, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<long>> ActAsync(LogSource source, IMessageLog store, SubscriptionInfo info, DeadChange change, CancellationToken cancellation)
    {
        await _changing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var done = new List<long>();
            var batch = new List<ParkedMessage>();
            long bytes = 0;
            foreach (long position in change.Positions)
            {
                if (await ReadAsync(store, info.Name, ParkedState.Dead, position, cancellation).ConfigureAwait(false) is not { } dead
                    || (change.From is { } from && !dead.Message.Bytes.Span.SequenceEqual(from)))
                    continue;
                batch.Add(dead);
                bytes += dead.Message.Bytes.Length;
                // A bounded part at a time, so that many large ones do not take all memory.
                if (batch.Count == MaxBatch || bytes > MaxBatchBytes)
                    await StoreAsync().ConfigureAwait(false);
            }
            if (batch.Count > 0)
                await StoreAsync().ConfigureAwait(false);
            return done;

            async Task StoreAsync()
            {
                await ActAsync(source, info, change, batch, cancellation).ConfigureAwait(false);
                await source.FlushAsync(cancellation).ConfigureAwait(false);
                done.AddRange(batch.Select(d => d.Position));
                batch.Clear();
                bytes = 0;
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    private async ValueTask ActAsync(LogSource source, SubscriptionInfo info, DeadChange change, List<ParkedMessage> dead, CancellationToken cancellation)
    {
        switch (change.Kind)
        {
            case DeadChangeKind.Discard:
                dead.ForEach(source.Discard);
                break;
            case DeadChangeKind.Replay:
                foreach (var letter in dead)
                    source.Replay(Marked(letter));
                break;
            case DeadChangeKind.ReplayToTopic when bus.Topics.GetValueOrDefault(info.Topic) is { } topic:
                await source.MoveAsync([.. dead.Select(Marked)], topic.Log, message => topic.KeyOf(message), cancellation).ConfigureAwait(false);
                break;
            case DeadChangeKind.ReplayToTopic:
                throw new InvalidOperationException($"Topic '{info.Topic}' is not in the file. Add it under 'topics', or replay to the subscription.");
            case DeadChangeKind.Edit:
                foreach (var letter in dead)
                {
                    var notes = ParkedNotes.Read(letter.Notes);
                    var edited = notes with { Edit = new(time.GetUtcNow(), change.By!, notes.Edit?.Original ?? letter.Message) };
                    source.Replace(letter with { Message = new Message(change.To!), Notes = edited.Write() });
                }
                break;
            default:
                throw new InvalidOperationException($"A process of a newer Weft asks for '{change.Kind}'.");
        }
    }

    private static ParkedMessage Marked(ParkedMessage dead) => dead with { Message = Causation.Replayed(dead.Message) };
}
