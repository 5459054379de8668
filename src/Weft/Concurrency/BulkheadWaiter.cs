using Weft.Diagnostics;

namespace Weft.Concurrency;

/// <summary>One call that waits for a place. It is removed from the queue under the lock of the bulkhead, by exactly one of those who can end its wait.</summary>
internal sealed class BulkheadWaiter : TaskCompletionSource<BulkheadEntry>
{
    private static readonly TimeSpan s_longestTimer = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly Lock _lock = new();
    private readonly Bulkhead _bulkhead;
    private readonly SingleThreadedTime? _virtual;
    private CancellationTokenRegistration _cancellation;
    private ITimer? _timer;
    private bool _finished;

    // Who lets it in has work of its own and must not run it; in virtual time its turn comes next, in place of any time soon on another thread.
    public BulkheadWaiter(Bulkhead bulkhead, TimeProvider time) : base(time is SingleThreadedTime ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously)
    {
        _bulkhead = bulkhead;
        _virtual = time as SingleThreadedTime;
        Place = new(this);
    }

    /// <summary>Its place in the queue.</summary>
    public LinkedListNode<BulkheadWaiter> Place { get; }

    /// <summary>Watches deadline and caller. Called once it is in the queue, from which it may be taken meanwhile.</summary>
    public void Begin(TimeSpan? remaining, TimeProvider time, CancellationToken cancellation)
    {
        var registration = cancellation.UnsafeRegister(static waiter => ((BulkheadWaiter)waiter!).Abandon(BulkheadEntry.Cancelled), this);
        var timer = remaining is { } left
            ? time.CreateTimer(static waiter => ((BulkheadWaiter)waiter!).Abandon(BulkheadEntry.Expired), this, left < s_longestTimer ? left : s_longestTimer, Timeout.InfiniteTimeSpan)
            : null;
        lock (_lock)
        {
            if (!_finished)
            {
                (_cancellation, _timer) = (registration, timer);
                return;
            }
        }
        registration.Unregister();
        timer?.Dispose();
    }

    /// <summary>Ends the wait. Called once, after it was taken from the queue.</summary>
    public void Finish(BulkheadEntry entry)
    {
        lock (_lock)
            _finished = true;
        // Unregistered, not disposed: that would wait for a callback that may be waiting for whoever calls this.
        _cancellation.Unregister();
        _timer?.Dispose();
        if (_virtual is null)
            SetResult(entry);
        else
            Post(entry, _virtual);
    }

    private void Post(BulkheadEntry entry, SingleThreadedTime time) => time.Post(_ => SetResult(entry), null);

    private void Abandon(BulkheadEntry reason) => _bulkhead.Abandon(this, reason);
}
