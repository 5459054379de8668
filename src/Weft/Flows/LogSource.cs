using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Weft.Diagnostics;
using Weft.Messages;

namespace Weft.Flows;

/// <summary>
/// A subscription of a log as a source. What is settled in passing only moves the cursor; what is not is parked beside the
/// log: waiting for its next try, behind another of its key, or dead. A key with a parked message is blocked: later
/// ones of it are parked behind, and come one at a time, in order, once the one before is settled. So every log that
/// implements <see cref="IMessageLog"/> has order per key through retries, and only the exceptions cost a row.
/// </summary>
/// <remarks>
/// After a crash, <see cref="CrashWatch"/> finds the message that ends its process. One reader; any lane may settle. Verdicts gather in memory and <see cref="VerdictWriter"/> stores them; disposing
/// stores what is left. What a crash takes is delivered again.
/// </remarks>
internal sealed class LogSource : ISource<Message>
{
    private const int PageSize = 256;
    private const int DetailLimit = 4096;
    private const int SkipSlice = 1 << 16;

    private readonly IMessageLog _log;
    private readonly ILogSubscription _subscription;
    private readonly TimeProvider _time;
    private readonly AsyncSignal _more = new();
    private readonly VerdictWriter _verdicts;
    private readonly BackgroundLoop _waker;
    private readonly ITimer _timer;
    private readonly LogSourceSettings _settings;
    private Exception? _waitFailed;

    // Guarded by the lock.
    private readonly Lock _lock = new();
    private readonly BlockedKeys _blocked;
    private readonly CrashWatch _crashes;
    private readonly Dictionary<long, ReadOnlyMemory<byte>> _redelivering = []; // By position, what is noted beside each.
    private HashSet<long>? _justSettled; // What was redelivered and settled while the reader looks at rows; null while it does not.
    private DateTimeOffset _nextDue = DateTimeOffset.MinValue;
    private int _underWay; // Handed out and not settled.

    // The reader's own.
    private readonly LogEntry[] _page = new LogEntry[PageSize];
    private readonly CatchUpPace _pace;
    private long _read;
    private bool _prepared;

    /// <summary>Takes up a subscription that was just opened, with what it has parked.</summary>
    /// <param name="log">The log that the subscription belongs to.</param>
    /// <param name="subscription">Owned by the source from here on.</param>
    /// <param name="settings">How it delivers.</param>
    /// <param name="time">The clock by which retries are due.</param>
    public LogSource(IMessageLog log, ILogSubscription subscription, LogSourceSettings settings, TimeProvider time)
    {
        (_log, _subscription, _settings, _time) = (log, subscription, settings, time);
        Capabilities = new(Settling.Each, Order: settings.Ordered, Delay: true, DeadLetters: true, Replay: true);
        _blocked = new BlockedKeys(_more.Set);
        _crashes = new CrashWatch(subscription.UnderWay, settings.Crashes, time, _more.Set);
        _read = subscription.Opened.Low;
        _pace = new(time);
        _timer = time.CreateTimer(static signal => ((AsyncSignal)signal!).Set(), _more, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _verdicts = new VerdictWriter(log, subscription, time, _more.Set);
        foreach (var parked in subscription.ParkedKeys)
            _blocked.Restore(parked);
        _waker = BackgroundLoop.Start($"{subscription.Name}/wake", WakeAsync, EndWaking);
    }

    /// <inheritdoc/>
    public SourceCapabilities Capabilities { get; }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Memory<Delivery<Message>> into, CancellationToken cancellation)
    {
        while (true)
        {
            if (Volatile.Read(ref _waitFailed) is { } failed)
                ExceptionDispatchInfo.Throw(failed);
            await _verdicts.HealthyAsync(cancellation).ConfigureAwait(false);
            if (!_prepared)
                await PrepareAsync(cancellation).ConfigureAwait(false);
            int count = _crashes.Recovers
                ? await RecoverAsync(into, cancellation).ConfigureAwait(false)
                : await TakeAsync(into, cancellation).ConfigureAwait(false);
            if (count > 0)
                return count;
            if (_crashes.Waits || _subscription.Topic.Head == _read)
                await _more.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public bool Admit(in Delivery<Message> delivery)
    {
        if (delivery.Key.IsEmpty || !Capabilities.Order)
            return true;
        lock (_lock)
        {
            if (!_blocked.TryWait(delivery.Key, delivery.Position))
                return true;
            TakeBack();
            _verdicts.Add(delivery.Position, settled: true, Park(delivery, ParkedState.Behind, attempts: 0));
            return false;
        }
    }

    /// <inheritdoc/>
    public void Settle(in Delivery<Message> delivery, in Outcome outcome, CommitScope? scope)
    {
        if (scope is null)
        {
            Settle(delivery, outcome);
        }
        else if (scope is LogTransaction transaction && ReferenceEquals(scope.Store, _log))
        {
            var (settled, parked) = Verdict(delivery, outcome);
            VerdictWriter.Write(transaction, _subscription, delivery.Position, settled, parked);
            var (item, verdict) = (delivery, outcome);
            scope.AfterCommit(() => Remember(item, verdict));
        }
        else
        {
            var (item, verdict) = (delivery, outcome);
            scope.AfterCommit(() => Settle(item, verdict));
        }
    }

    /// <summary>Delivers a dead letter again, in its place among those of its key that wait.</summary>
    public void Replay(ParkedMessage dead)
    {
        lock (_lock)
        {
            bool keyed = !dead.Key.IsEmpty;
            var now = _time.GetUtcNow();
            _verdicts.Add(dead.Position, settled: false, dead with { State = keyed ? ParkedState.Behind : ParkedState.Retry, Due = now, Attempts = 0, FirstAt = now });
            if (keyed)
            {
                _blocked.Unhold(dead.Key, dead.Position);
                _blocked.Add(dead.Key);
            }
            else
            {
                WakeAt(now);
            }
        }
    }

    /// <summary>Forgets a dead letter.</summary>
    public void Discard(ParkedMessage dead)
    {
        lock (_lock)
        {
            _verdicts.Add(dead.Position, settled: false, parked: null);
            _blocked.Unhold(dead.Key, dead.Position);
        }
    }

    /// <summary>Puts a dead letter that an operator changed into the place of what it was.</summary>
    public void Replace(ParkedMessage dead) => _verdicts.Add(dead.Position, settled: false, dead);

    /// <summary>Appends dead letters to a topic of the same log, in their order, and forgets them: both or neither.</summary>
    /// <param name="dead">Them.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="keyOf">What must stay in order.</param>
    /// <param name="cancellation">Gives up waiting; it may be done all the same.</param>
    public async ValueTask MoveAsync(IReadOnlyCollection<ParkedMessage> dead, ILogTopic topic, Func<Message, ReadOnlyMemory<byte>> keyOf, CancellationToken cancellation)
    {
        await _verdicts.FlushAsync(cancellation).ConfigureAwait(false);
        var transaction = _log.Begin();
        await using (transaction.ConfigureAwait(false))
        {
            foreach (var letter in dead)
            {
                transaction.Append(topic, letter.Message, keyOf(letter.Message));
                transaction.Unpark(_subscription, letter.Position);
            }
            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        }
        lock (_lock)
        {
            foreach (var letter in dead)
                _blocked.Unhold(letter.Key, letter.Position);
        }
    }

    /// <summary>How many messages are neither settled nor parked, and when the oldest of them was appended; null when there is none.</summary>
    public async ValueTask<(long Count, DateTimeOffset? Oldest)> LagAsync(CancellationToken cancellation)
    {
        long low = _verdicts.Low;
        var first = new LogEntry[1];
        return await _subscription.Topic.ReadAsync(low, first, cancellation).ConfigureAwait(false) == 0 ? (0, null) : (_subscription.Topic.Head - low, first[0].AppendedAt);
    }

    /// <summary>Returns once everything that was settled before the call is stored.</summary>
    public ValueTask FlushAsync(CancellationToken cancellation) => _verdicts.FlushAsync(cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _waker.DisposeAsync().ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        _crashes.Dispose();
        // The flow has ended before, so nothing is under way. What was suspected and not tried yet stays so, but nothing of this life counts as a crash.
        lock (_lock)
        {
            foreach (var row in _crashes.TakenBack(_time.GetUtcNow()))
                _verdicts.Add(row.Position, settled: false, row);
        }
        if (_crashes.HasMarked)
            _verdicts.Mark(0);
        await _verdicts.DisposeAsync().ConfigureAwait(false);
        await _subscription.DisposeAsync().ConfigureAwait(false);
    }

    // Once, before anything is handed out: what dead letters hold, and what was being tried when the process ended.
    private async ValueTask PrepareAsync(CancellationToken cancellation)
    {
        int shard = _subscription.Topic.Shard;
        for (long after = 0; _settings is { Holds: true, Ordered: true } && after < long.MaxValue;)
        {
            var page = await _log.ReadParkedAsync(_subscription.Name, new(ParkedState.Dead, After: after, Limit: PageSize, Shard: shard), cancellation).ConfigureAwait(false);
            lock (_lock)
            {
                foreach (var dead in page.Where(d => !d.Key.IsEmpty))
                    _blocked.Hold(dead.Key, dead.Position);
            }
            after = page.Count < PageSize ? long.MaxValue : page[^1].Position;
        }
        if (_crashes.Recovers)
        {
            _crashes.Begin(await _log.ReadParkedAsync(
                _subscription.Name, new(ParkedState.Retry, DueBefore: CrashWatch.Due, Limit: int.MaxValue, Shard: shard), cancellation).ConfigureAwait(false));
        }
        _prepared = true;
    }

    private async ValueTask<int> RecoverAsync(Memory<Delivery<Message>> into, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (!_crashes.MayHandOut(_underWay))
                return 0;
        }
        if (_crashes.Next() is { } again)
            return await TryAloneAsync(again, into, cancellation).ConfigureAwait(false);
        if (!_crashes.Suspects(_read + 1))
            _crashes.End();
        return await TakeAsync(into[..Math.Min(into.Length, CrashWatch.AtOnce)], cancellation).ConfigureAwait(false);
    }

    private async ValueTask<int> TryAloneAsync(ParkedMessage row, Memory<Delivery<Message>> into, CancellationToken cancellation)
    {
        if (_crashes.IsProven(row))
        {
            lock (_lock)
            {
                _redelivering[row.Position] = row.Notes;
                _underWay++;
                Settle(new(row.Message, row.Position, row.Key, row.Attempts, row.FirstAt), _crashes.Verdict);
            }
            return 0;
        }
        lock (_lock)
            into.Span[0] = Redeliver(row, out _);
        await _verdicts.FlushAsync(cancellation).ConfigureAwait(false);
        return 1;
    }

    private async ValueTask<int> TakeAsync(Memory<Delivery<Message>> into, CancellationToken cancellation)
    {
        int count = await TakeReleasedAsync(into, cancellation).ConfigureAwait(false);
        if (count == 0)
            count = await TakeDueAsync(into, cancellation).ConfigureAwait(false);
        if (count == 0)
            count = await TakeNewAsync(into, cancellation).ConfigureAwait(false);
        return count;
    }

    // The first of each key whose turn has come.
    private async ValueTask<int> TakeReleasedAsync(Memory<Delivery<Message>> into, CancellationToken cancellation)
    {
        int count = 0;
        bool noted = false;
        while (count < into.Length && TryTakeRelease(out var key))
        {
            await _verdicts.FlushAsync(cancellation).ConfigureAwait(false);
            var first = await _log.ReadParkedAsync(_subscription.Name, new(ParkedState.Behind, Key: key, Limit: 1, Shard: _subscription.Topic.Shard), cancellation).ConfigureAwait(false);
            lock (_lock)
            {
                // None is left when an operator discarded a dead letter that another was replaying.
                _blocked.Turn(key, first is [var next] ? next.Position : null);
                if (first is not [var row])
                    continue;
                into.Span[count++] = Redeliver(row, out bool isNoted);
                noted |= isNoted;
            }
        }
        if (noted)
            await _verdicts.FlushAsync(cancellation).ConfigureAwait(false);
        return count;
    }

    private bool TryTakeRelease(out ReadOnlyMemory<byte> key)
    {
        lock (_lock)
            return _blocked.TryTake(out key);
    }

    // What was to be tried again at a time that has come.
    private async ValueTask<int> TakeDueAsync(Memory<Delivery<Message>> into, CancellationToken cancellation)
    {
        int limit;
        lock (_lock)
        {
            if (_nextDue > _time.GetUtcNow())
            {
                Arm();
                return 0;
            }
            _nextDue = DateTimeOffset.MaxValue;
            _justSettled = [];
            limit = into.Length + _redelivering.Count + 1; // One more than can be taken says when to look again.
        }

        await _verdicts.FlushAsync(cancellation).ConfigureAwait(false);
        var rows = await _log.ReadParkedAsync(_subscription.Name, new(ParkedState.Retry, Limit: limit, Shard: _subscription.Topic.Shard), cancellation).ConfigureAwait(false);
        var now = _time.GetUtcNow();
        int count = 0;
        bool noted = false;
        lock (_lock)
        {
            foreach (var row in rows)
            {
                if (_redelivering.ContainsKey(row.Position) || _justSettled!.Contains(row.Position))
                    continue;
                if (row.Due > now || count == into.Length)
                {
                    WakeAt(row.Due);
                    break;
                }
                into.Span[count++] = Redeliver(row, out bool isNoted);
                noted |= isNoted;
            }
            _justSettled = null;
        }
        if (noted)
            await _verdicts.FlushAsync(cancellation).ConfigureAwait(false);
        return count;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> TakeNewAsync(Memory<Delivery<Message>> into, CancellationToken cancellation)
    {
        long head = _subscription.Topic.Head;
        if (head == _read)
            return 0;
        if (head - _read > CatchUpPace.Backlog)
            await _pace.WaitAsync(head, cancellation).ConfigureAwait(false);
        int room = (int)Math.Min(await MarkAsync(cancellation).ConfigureAwait(false), Math.Min(into.Length, PageSize));
        int read = await _subscription.Topic.ReadAsync(_read, _page.AsMemory(0, room), cancellation).ConfigureAwait(false);
        if (read == 0)
            await SkipAsync(head, cancellation).ConfigureAwait(false);
        int count = 0;
        for (int i = 0; i < read; i++)
        {
            var entry = _page[i];
            await SkipAsync(entry.Position - 1, cancellation).ConfigureAwait(false);
            _read = entry.Position;
            if (!_subscription.Opened.Contains(entry.Position))
                into.Span[count++] = new(entry.Message, entry.Position, entry.Key, Attempt: 1);
        }
        _page.AsSpan(0, read).Clear();
        return await HandOutAsync(into[..count], cancellation).ConfigureAwait(false);
    }

    // Nothing is handed out beyond what the store knows as under way; the next note is on its way long before it is needed.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<long> MarkAsync(CancellationToken cancellation)
    {
        if (_crashes.NextMark(_read) is { } next)
            _verdicts.Mark(next);
        if (_verdicts.Marked <= _read)
            await _verdicts.FlushAsync(cancellation).ConfigureAwait(false);
        return _verdicts.Marked - _read;
    }

    // Suspects get a row first, and those among them that wait for another of their key stay behind.
    private ValueTask<int> HandOutAsync(Memory<Delivery<Message>> read, CancellationToken cancellation)
    {
        var span = read.Span;
        if (span.IsEmpty || !_crashes.Suspects(span[0].Position))
        {
            lock (_lock)
                _underWay += span.Length;
            return new(span.Length);
        }
        int count = 0;
        lock (_lock)
        {
            foreach (var delivery in span)
            {
                if (!_crashes.Suspects(delivery.Position))
                {
                    _underWay++;
                    span[count++] = delivery;
                    continue;
                }
                var row = Park(delivery, ParkedState.Behind, attempts: 0);
                if (Capabilities.Order && !delivery.Key.IsEmpty && _blocked.TryWait(delivery.Key, delivery.Position))
                {
                    _verdicts.Add(delivery.Position, settled: true, row);
                    continue;
                }
                if (!delivery.Key.IsEmpty)
                    _blocked.Block(delivery.Key, delivery.Position);
                // As one verdict: without a key, a row that only stands behind is never found again.
                span[count++] = Redeliver(row, out _, inPassing: true);
            }
        }
        return FlushedAsync(count, cancellation);
    }

    private async ValueTask<int> FlushedAsync(int count, CancellationToken cancellation)
    {
        await _verdicts.FlushAsync(cancellation).ConfigureAwait(false);
        return count;
    }

    // Gets the cursor over positions that were trimmed away, in slices, so that a long gap takes no memory.
    private async ValueTask SkipAsync(long upTo, CancellationToken cancellation)
    {
        long dropped = 0;
        while (_read < upTo)
        {
            _verdicts.Add(++_read, settled: true, parked: null);
            dropped += _subscription.Opened.Contains(_read) ? 0 : 1;
            if (_read % SkipSlice == 0)
                await _verdicts.FlushAsync(cancellation).ConfigureAwait(false);
        }
        if (dropped > 0)
            _settings.OnDropped?.Invoke(dropped);
    }

    private Delivery<Message> Redeliver(ParkedMessage row, out bool noted, bool inPassing = false)
    {
        _redelivering[row.Position] = row.Notes;
        _underWay++;
        // Should the process end now, this is what tells; the verdict takes its place.
        noted = _crashes.Note(row, _time.GetUtcNow()) is { } note && Add(note);
        DateTimeOffset? since = row.State == ParkedState.Retry && row.Attempts > 0 ? row.FirstAt : null;
        return new(row.Message, row.Position, row.Key, row.Attempts + 1, since, Again: true);

        bool Add(ParkedMessage note)
        {
            _verdicts.Add(note.Position, settled: inPassing, note);
            return true;
        }
    }

    private void Settle(in Delivery<Message> delivery, in Outcome outcome)
    {
        lock (_lock)
        {
            var (settled, parked) = Verdict(delivery, outcome);
            _verdicts.Add(delivery.Position, settled, parked);
            Remember(delivery, outcome);
        }
    }

    // What to store: whether the cursor has to pass the position, and the row it leaves; none takes a row there away.
    private (bool Settled, ParkedMessage? Parked) Verdict(in Delivery<Message> delivery, in Outcome outcome)
    {
        lock (_lock)
        {
            bool inPassing = !_redelivering.ContainsKey(delivery.Position);
            return outcome.Kind switch
            {
                OutcomeKind.Acknowledged => (inPassing, null),
                OutcomeKind.Retry => (inPassing, Park(delivery, ParkedState.Retry, delivery.Attempt, outcome)),
                OutcomeKind.Dead => (inPassing, Park(delivery, ParkedState.Dead, delivery.Attempt, outcome)),
                _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome.Kind, "Only a final outcome can be settled."),
            };
        }
    }

    // What the verdict means for the items that follow.
    private void Remember(in Delivery<Message> delivery, in Outcome outcome)
    {
        lock (_lock)
        {
            TakeBack();
            _crashes.Settled(delivery.Position);
            if (_redelivering.Remove(delivery.Position))
                _justSettled?.Add(delivery.Position);
            bool keyed = !delivery.Key.IsEmpty;
            if (outcome.Kind == OutcomeKind.Retry)
                WakeAt(outcome.Due!.Value);
            if (keyed && outcome.Kind == OutcomeKind.Retry)
                _blocked.Block(delivery.Key, delivery.Position);
            if (keyed && outcome.Kind == OutcomeKind.Dead && _settings is { Holds: true, Ordered: true })
                _blocked.Hold(delivery.Key, delivery.Position);
            if (keyed && outcome.Kind != OutcomeKind.Retry)
                _blocked.Pass(delivery.Key, delivery.Position);
        }
    }

    // One fewer is under way.
    private void TakeBack()
    {
        _underWay--;
        if (_crashes.Waits)
            _more.Set();
    }

    private void WakeAt(DateTimeOffset due)
    {
        if (due >= _nextDue)
            return;
        _nextDue = due;
        Arm();
    }

    // Timers cannot be set for more than some weeks; one that fires early finds nothing due and is armed again.
    private void Arm()
    {
        if (_nextDue == DateTimeOffset.MaxValue)
            return;
        var wait = _nextDue - _time.GetUtcNow();
        _timer.Change(TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, TimeSpan.TicksPerDay)), Timeout.InfiniteTimeSpan);
    }

    private ParkedMessage Park(in Delivery<Message> delivery, ParkedState state, int attempts, in Outcome outcome = default)
    {
        var now = _time.GetUtcNow();
        var notes = _redelivering.GetValueOrDefault(delivery.Position);
        if (outcome.Kind != OutcomeKind.Acknowledged)
            notes = ParkedNotes.Read(notes).With(new(attempts, now, outcome.Reason ?? "unknown", outcome.Detail)).Write();
        return new()
        {
            Position = delivery.Position,
            State = state,
            Key = delivery.Key.ToArray(),
            Due = outcome.Due ?? now,
            Attempts = attempts,
            FirstAt = delivery.FailingSince ?? now,
            LastAt = now,
            Reason = outcome.Reason,
            Detail = outcome.Detail is { Length: > DetailLimit } ? outcome.Detail[..DetailLimit] : outcome.Detail,
            Message = delivery.Item,
            Notes = notes,
        };
    }

    private async Task WakeAsync(CancellationToken cancellation)
    {
        long seen = _read;
        while (true)
        {
            await _subscription.Topic.WaitAsync(seen, cancellation).ConfigureAwait(false);
            seen = _subscription.Topic.Head;
            _more.Set();
        }
    }

    // Without it the reader would never hear of another message.
    private void EndWaking(Exception e)
    {
        Volatile.Write(ref _waitFailed, e);
        _more.Set();
    }
}
