using System.Threading.Tasks.Sources;

namespace Weft.Diagnostics;

/// <summary>
/// Wakes one waiter. Setting it while nobody waits is remembered once, so a waiter that looks for work, finds none and
/// then waits never sleeps through what came in between. The waiter goes on on the thread pool, never on the thread that
/// sets. Neither side allocates.
/// </summary>
internal sealed class AsyncSignal : IValueTaskSource
{
    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private bool _set, _waits;

    /// <summary>Wakes the waiter, or lets the next wait pass.</summary>
    public void Set()
    {
        lock (_lock)
        {
            _set = !_waits;
            if (!_waits)
                return;
            _waits = false;
        }
        _core.SetResult(true);
    }

    /// <summary>Waits until it is set, and resets it. One waiter at a time.</summary>
    public ValueTask WaitAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_set)
            {
                _set = false;
                return default;
            }
            _core.Reset();
            _waits = true;
        }
        _cancellation = cancellation.UnsafeRegister(static (signal, token) => ((AsyncSignal)signal!).Cancel(token), this);
        return new(this, _core.Version);
    }

    private void Cancel(CancellationToken token)
    {
        lock (_lock)
        {
            if (!_waits)
                return;
            _waits = false;
        }
        _core.SetException(new OperationCanceledException(token));
    }

    void IValueTaskSource.GetResult(short token)
    {
        _cancellation.Dispose();
        _core.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
