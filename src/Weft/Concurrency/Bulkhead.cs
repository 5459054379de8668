using Weft.Options;

namespace Weft.Concurrency;

/// <summary>How an attempt to enter a <see cref="Bulkhead"/> ended.</summary>
internal enum BulkheadEntry : byte
{
    /// <summary>It is in, and has to exit once.</summary>
    Entered,

    /// <summary>There was no place, nor one in the queue.</summary>
    Full,

    /// <summary>Its deadline came first.</summary>
    Expired,

    /// <summary>Its caller went away.</summary>
    Cancelled,
}

/// <summary>
/// Lets so many calls run at once, so that one slow service does not take all there is (Nygard, Release It!). Those beyond wait in the order in which they came,
/// as far as there is a queue. Safe for use from many threads; entering and leaving allocates nothing unless a call has to wait.
/// </summary>
/// <remarks>
/// How many run and how many wait is one word, changed by compare and swap. While somebody waits, entering is possible under the lock only, so nobody overtakes;
/// whoever begins to wait does it by a swap of the same word, so no exit can miss him.
/// </remarks>
internal sealed class Bulkhead
{
    private const long OneWaiting = 1L << 32;

    private readonly Lock _lock = new();
    private readonly LinkedList<BulkheadWaiter> _waiting = new();
    private readonly TimeProvider _time;
    private BulkheadOptions _options;
    private AdaptiveLimit? _adaptive;
    private int _max;
    private long _state, _rejected;

    /// <summary>A bulkhead with nobody in it.</summary>
    /// <param name="options">Valid options.</param>
    /// <param name="time">For waits, and whose timestamps <see cref="Exit(long, long, LimitSample)"/> takes.</param>
    public Bulkhead(BulkheadOptions options, TimeProvider time)
    {
        _time = time;
        _options = options;
        _max = MaxOf(options);
        _adaptive = AdaptiveLimit.From(options, time);
    }

    /// <summary>How many calls run.</summary>
    public int Running => RunningOf(Volatile.Read(ref _state));

    /// <summary>How many calls wait.</summary>
    public int Queued => QueuedOf(Volatile.Read(ref _state));

    /// <summary>How many calls were turned away: there was no place, or none in time.</summary>
    public long Rejected => Volatile.Read(ref _rejected);

    /// <summary>How many calls may run now.</summary>
    public int Limit => Volatile.Read(ref _adaptive)?.Limit ?? Volatile.Read(ref _max);

    /// <summary>Whether the limit follows: then calls leave by <see cref="Exit(long, long, LimitSample)"/>.</summary>
    public bool IsAdaptive => Volatile.Read(ref _adaptive) is not null;

    /// <summary>Enters if that is possible at once. Counts nothing when it is not.</summary>
    public bool TryEnter()
    {
        var limit = Limit;
        var state = Volatile.Read(ref _state);
        while (QueuedOf(state) == 0 && RunningOf(state) < limit)
        {
            var seen = Interlocked.CompareExchange(ref _state, state + 1, state);
            if (seen == state)
                return true;
            state = seen;
        }
        return false;
    }

    /// <summary>Enters, waiting for a place when there is a queue.</summary>
    /// <param name="remaining">The longest wait; null for as long as it takes. Nothing or less does not wait.</param>
    /// <param name="cancellation">Gives the wait up.</param>
    /// <returns>How it ended; never throws for that.</returns>
    public ValueTask<BulkheadEntry> EnterAsync(TimeSpan? remaining, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return new(BulkheadEntry.Cancelled);
        if (TryEnter())
            return new(BulkheadEntry.Entered);
        return remaining <= TimeSpan.Zero ? new(Reject(BulkheadEntry.Expired)) : WaitAsync(remaining, cancellation);
    }

    /// <summary>Leaves. Whoever waits longest comes in, if the limit allows it.</summary>
    public void Exit()
    {
        if (QueuedOf(Interlocked.Add(ref _state, -1)) > 0)
            Admit();
    }

    /// <summary>Leaves, and lets the limit learn from the call.</summary>
    /// <param name="startedAt">When the call began.</param>
    /// <param name="now">The present timestamp.</param>
    /// <param name="sample">How it ended.</param>
    public void Exit(long startedAt, long now, LimitSample sample)
    {
        // Before it leaves: whoever is about to wait by the old limit then finds the word changed and looks again.
        Volatile.Read(ref _adaptive)?.Record(startedAt, now, Running, sample);
        Exit();
    }

    /// <summary>Takes on new options. Who is in stays in and who waits goes on waiting, also when there are more of them than the options allow.</summary>
    /// <param name="options">Valid options.</param>
    public void Apply(BulkheadOptions options)
    {
        lock (_lock)
        {
            if (options == _options)
                return;
            var limit = Limit;
            if (options.Adaptive == _options.Adaptive)
                _adaptive?.Apply(options.Min, options.Max);
            else
                Volatile.Write(ref _adaptive, AdaptiveLimit.From(options, _time, limit == int.MaxValue ? AdaptiveLimit.Initial : limit));
            Volatile.Write(ref _max, MaxOf(options));
            _options = options;
        }
        Admit();
    }

    /// <summary>Ends a wait that its deadline or its caller ended, unless a place has come first.</summary>
    internal void Abandon(BulkheadWaiter waiter, BulkheadEntry reason)
    {
        lock (_lock)
        {
            if (waiter.Place.List is null)
                return;
            _waiting.Remove(waiter.Place);
            Interlocked.Add(ref _state, -OneWaiting);
        }
        waiter.Finish(reason == BulkheadEntry.Expired ? Reject(reason) : reason);
    }

    private ValueTask<BulkheadEntry> WaitAsync(TimeSpan? remaining, CancellationToken cancellation)
    {
        BulkheadWaiter waiter;
        lock (_lock)
        {
            while (true)
            {
                if (TryEnter())
                    return new(BulkheadEntry.Entered);
                var state = Volatile.Read(ref _state);
                if (QueuedOf(state) >= _options.Queue)
                    return new(Reject(BulkheadEntry.Full));
                // A place that became free since then fails the swap, or TryEnter would have had it.
                if ((QueuedOf(state) > 0 || RunningOf(state) >= Limit) && Interlocked.CompareExchange(ref _state, state + OneWaiting, state) == state)
                    break;
            }
            waiter = new BulkheadWaiter(this, _time);
            _waiting.AddLast(waiter.Place);
        }
        waiter.Begin(remaining, _time, cancellation);
        return new(waiter.Task);
    }

    /// <summary>Lets in, one after the other, those for whom there is a place.</summary>
    private void Admit()
    {
        while (true)
        {
            BulkheadWaiter waiter;
            lock (_lock)
            {
                var state = Volatile.Read(ref _state);
                if (QueuedOf(state) == 0 || RunningOf(state) >= Limit)
                    return;
                waiter = _waiting.First!.Value;
                _waiting.RemoveFirst();
                Interlocked.Add(ref _state, 1 - OneWaiting);
            }
            waiter.Finish(BulkheadEntry.Entered);
        }
    }

    private BulkheadEntry Reject(BulkheadEntry reason)
    {
        Interlocked.Increment(ref _rejected);
        return reason;
    }

    private static int MaxOf(BulkheadOptions options) => options.Max == 0 ? int.MaxValue : options.Max;

    private static int RunningOf(long state) => (int)state;

    private static int QueuedOf(long state) => (int)(state >> 32);
}
