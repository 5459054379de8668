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
            await ChangeShardAsync(store, info, topic.Shards[ofShard.Key], change with { Positions = [.. ofShard] }, all, cancellation).ConfigureAwait(false);
        return all;
    }

    /// <summary>Does what another process asks for a shard that is read here.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(IMessageLog store, string subscription, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        var done = new List<long>();
        try
        {
            var change = DeadChange.Read(request);
            var info = (await store.ListSubscriptionsAsync(cancellation).ConfigureAwait(false)).FirstOrDefault(s => s.Name == subscription);
            bool isHere = info is not null && bus.Subscriptions.GetValueOrDefault(subscription)?.SourceOf(change.Positions[0]) is { } running
                && await TryActAsync(running, store, info, change, done, cancellation).ConfigureAwait(false);
            return new DeadChanged(done, null) { IsMoving = !isHere }.Write();
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            return new DeadChanged(done, e.Message).Write();
        }
    }

    /// <summary>A message beside the log; null when there is none in that state at the position.</summary>
    public static async Task<ParkedMessage?> ReadAsync(IMessageLog store, string subscription, ParkedState state, long position, CancellationToken cancellation) =>
        await store.ReadParkedAsync(subscription, new(state, After: position - 1, Limit: 1, UpTo: position), cancellation).ConfigureAwait(false) is [var parked] ? parked : null;

    // While the shard moves from one process to another, whoever has it next is asked for the rest.
    private async Task ChangeShardAsync(IMessageLog store, SubscriptionInfo info, ILogTopic shard, DeadChange change, List<long> done, CancellationToken cancellation)
    {
        for (bool isMoving = true; isMoving;)
        {
            var rest = change with { Positions = [.. change.Positions.Except(done)] };
            if (rest.Positions.Count == 0)
                return;
            if (SourceOf(rest) is { } running)
            {
                isMoving = !await TryActAsync(running, store, info, rest, done, cancellation).ConfigureAwait(false);
            }
            else if (await store.AskAsync(info.Name, shard.Shard, rest.Write(), cancellation).ConfigureAwait(false) is { } answer)
            {
                var changed = DeadChanged.Read(answer);
                done.AddRange(changed.Positions);
                isMoving = changed.IsMoving;
                if (changed.Error is not null)
                    throw new InvalidOperationException(changed.Error);
            }
            else
            {
                isMoving = !await TryOpenAndActAsync(store, info, shard, rest, done, cancellation).ConfigureAwait(false);
            }
            if (isMoving)
                await Task.Delay(s_moving, time, cancellation).ConfigureAwait(false);
        }

        LogSource? SourceOf(DeadChange change) => bus.Subscriptions.GetValueOrDefault(info.Name)?.SourceOf(change.Positions[0]);
    }

    private async Task<bool> TryOpenAndActAsync(IMessageLog store, SubscriptionInfo info, ILogTopic shard, DeadChange change, List<long> done, CancellationToken cancellation)
    {
        ILogSubscription opened;
        try
        {
            opened = await shard.OpenSubscriptionAsync(info.Name, SubscriptionStart.New, cancellation).ConfigureAwait(false);
        }
        catch (LogException) when (bus.Subscriptions.GetValueOrDefault(info.Name)?.SourceOf(change.Positions[0]) is not null)
        {
            return false; // It has fallen to this process meanwhile.
        }
        var source = new LogSource(store, opened, new(), time);
        await using (source.ConfigureAwait(false))
            return await TryActAsync(source, store, info, change, done, cancellation).ConfigureAwait(false);
    }

    // False when the source was closed before all was done.
    private async Task<bool> TryActAsync(LogSource source, IMessageLog store, SubscriptionInfo info, DeadChange change, List<long> done, CancellationToken cancellation)
    {
        await _changing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
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
            return true;

            async Task StoreAsync()
            {
                await ActAsync(source, info, change, batch, cancellation).ConfigureAwait(false);
                await source.FlushAsync(cancellation).ConfigureAwait(false);
                done.AddRange(batch.Select(d => d.Position));
                batch.Clear();
                bytes = 0;
            }
        }
        catch (ObjectDisposedException e) when (e.ObjectName == nameof(LogSource))
        {
            return false;
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
