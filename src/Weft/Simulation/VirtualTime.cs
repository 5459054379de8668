using Weft.Diagnostics;

namespace Weft.Simulation;

/// <summary>Something that happens at a time.</summary>
internal interface IVirtualEvent
{
    /// <summary>Happens.</summary>
    /// <param name="version">What was given when it was scheduled.</param>
    void Fire(int version);
}

/// <summary>
/// A clock that jumps from one event to the next. Everything runs on the thread that runs the clock, at the time of its event, and events of one time run in the order
/// in which they were scheduled: the same events give the same run. Begins at 0, on 2000-01-01 UTC.
/// </summary>
/// <remarks>
/// Code under test is async; what it awaits is completed here, and its continuations run within the completion, because there is no synchronization context and no
/// scheduler that would take them elsewhere. Code that goes to the thread pool all the same is found by its first look at the clock.
/// </remarks>
internal sealed class VirtualTime : SingleThreadedTime
{
    private static readonly DateTimeOffset s_epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<(IVirtualEvent Event, int Version), (long Time, long Number)> _due = new();
    private long _now, _scheduled;
    private int _thread = Environment.CurrentManagedThreadId;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        CheckThread();
        return _now;
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => s_epoch.AddTicks(GetTimestamp());

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <inheritdoc/>
    public override void Post(Action<object?> callback, object? state) => Schedule(new Posted(callback, state), _now);

    /// <summary>Lets something happen at a time, or now when that is past.</summary>
    /// <param name="what">What.</param>
    /// <param name="at">A timestamp.</param>
    /// <param name="version">What it is given.</param>
    public void Schedule(IVirtualEvent what, long at, int version = 0)
    {
        CheckThread();
        _due.Enqueue((what, version), (Math.Max(at, _now), _scheduled++));
    }

    /// <summary>Runs all events until a time, that time included, on this thread. Ends sooner when there are none left; the clock then stands at the last one.</summary>
    /// <param name="end">A timestamp.</param>
    public void Run(long end = long.MaxValue)
    {
        var (context, thread) = (SynchronizationContext.Current, _thread);
        SynchronizationContext.SetSynchronizationContext(null);
        _thread = Environment.CurrentManagedThreadId;
        try
        {
            while (_due.TryPeek(out _, out var key) && key.Time <= end)
            {
                var (what, version) = _due.Dequeue();
                _now = key.Time;
                what.Fire(version);
            }
        }
        finally
        {
            _thread = thread;
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private void CheckThread()
    {
        if (_thread != Environment.CurrentManagedThreadId)
            throw new InvalidOperationException("Code under virtual time runs on another thread than the clock, so the order of events is not certain. Await only what virtual time completes, or use SingleThreadedTime.Post.");
    }

    private sealed class Posted(Action<object?> callback, object? state) : IVirtualEvent
    {
        public void Fire(int version) => callback(state);
    }
}
