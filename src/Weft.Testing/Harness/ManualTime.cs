namespace Weft.Testing;

/// <summary>
/// A clock that stands still until it is moved. Timers fire on the thread that moves it, in the order of their times and then of their making; one
/// that is due when it is set fires on the thread pool. Safe for use from many threads.
/// </summary>
internal sealed class ManualTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<(ManualTimer Timer, int Version), (long Due, long Number)> _due = new();
    private long _now, _number, _steps;
    private int _waits;

    /// <summary>Called when a timer was set, outside of locks.</summary>
    public event Action? Armed;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>How many timers run that were made to fire once: somebody waits, with or without something else to end it.</summary>
    public int Waits => Volatile.Read(ref _waits);

    /// <summary>When the next timer fires, as a timestamp; null when none is set.</summary>
    public long? NextDue
    {
        get
        {
            lock (_lock)
                return PeekDue();
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => Volatile.Read(ref _now);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => start.AddTicks(GetTimestamp() + Volatile.Read(ref _steps));

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state, isWait: dueTime >= TimeSpan.Zero && period <= TimeSpan.Zero);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Sets the clock forward or back, as an operator or a time server does. Timers do not notice.</summary>
    public void Step(TimeSpan by) => Interlocked.Add(ref _steps, by.Ticks);

    /// <summary>The timestamp at which the clock shows a time.</summary>
    public long TimestampOf(DateTimeOffset time) => (time - start).Ticks - Volatile.Read(ref _steps);

    /// <summary>Moves to a time, and fires what is due on the way.</summary>
    public void MoveTo(long time)
    {
        while (TakeDue(time) is { } due)
            due.Timer.Fire(due.Version);
        lock (_lock)
            Volatile.Write(ref _now, Math.Max(_now, time));
    }

    internal void Schedule(ManualTimer timer, int version, TimeSpan wait)
    {
        if (wait > TimeSpan.Zero)
        {
            lock (_lock)
                _due.Enqueue((timer, version), (_now + wait.Ticks, _number++));
            Armed?.Invoke();
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(static due => due.timer.Fire(due.version), (timer, version), preferLocal: false);
        }
    }

    internal void CountWait(int change) => Interlocked.Add(ref _waits, change);

    private (ManualTimer Timer, int Version)? TakeDue(long upTo)
    {
        lock (_lock)
        {
            if (PeekDue() is not { } due || due > upTo)
                return null;
            Volatile.Write(ref _now, Math.Max(_now, due));
            return _due.Dequeue();
        }
    }

    // Without those that were changed meanwhile.
    private long? PeekDue()
    {
        while (_due.TryPeek(out var next, out var key))
        {
            if (next.Timer.IsSet(next.Version))
                return key.Due;
            _due.Dequeue();
        }
        return null;
    }
}
