namespace Weft.Testing;

/// <summary>A timer of <see cref="ManualTime"/>. A change makes what was set before stale.</summary>
internal sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state, bool isWait) : ITimer
{
    private readonly Lock _lock = new();
    private readonly WatchedCall? _call = WatchedCall.Current;
    private TimeSpan _period;
    private int _version;
    private bool _set, _disposed;

    /// <inheritdoc/>
    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        int version;
        lock (_lock)
        {
            if (_disposed)
                return false;
            version = ++_version;
            _period = period;
            Set(dueTime >= TimeSpan.Zero);
        }
        if (dueTime >= TimeSpan.Zero)
            time.Schedule(this, version, dueTime);
        return true;
    }

    /// <summary>Whether what was set by that change still holds.</summary>
    public bool IsSet(int version)
    {
        lock (_lock)
            return _set && version == _version;
    }

    /// <summary>Fires, unless it was changed since.</summary>
    public void Fire(int version)
    {
        TimeSpan period;
        lock (_lock)
        {
            if (!_set || version != _version)
                return;
            period = _period;
            Set(period > TimeSpan.Zero);
        }
        if (period > TimeSpan.Zero)
            time.Schedule(this, version, period);
        callback(state);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            Set(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Set(bool set)
    {
        if (_set == set)
            return;
        _set = set;
        _call?.CountTimer(set ? 1 : -1);
        if (isWait)
            time.CountWait(set ? 1 : -1);
    }
}
