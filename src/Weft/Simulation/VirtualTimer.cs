namespace Weft.Simulation;

/// <summary>A timer of <see cref="VirtualTime"/>. A change makes what was scheduled before stale; it stays in the queue and does nothing.</summary>
internal sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer, IVirtualEvent
{
    private TimeSpan _period;
    private int _version;
    private bool _disposed;

    /// <inheritdoc/>
    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (_disposed)
            return false;
        _version++;
        _period = period;
        if (dueTime >= TimeSpan.Zero)
            time.Schedule(this, time.GetTimestamp() + dueTime.Ticks, _version);
        return true;
    }

    /// <inheritdoc/>
    public void Fire(int version)
    {
        if (version != _version || _disposed)
            return;
        if (_period > TimeSpan.Zero)
            time.Schedule(this, time.GetTimestamp() + _period.Ticks, _version);
        callback(state);
    }

    /// <inheritdoc/>
    public void Dispose() => _disposed = true;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
