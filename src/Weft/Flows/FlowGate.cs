namespace Weft.Flows;

/// <summary>
/// Holds the lanes of a flow back while its target takes nothing, or while an operator has paused it. When the target is
/// down, one lane probes with what it holds and the others wait, so that a broken subscriber sees one call at a time.
/// </summary>
internal sealed class FlowGate(RedeliverySchedule probing)
{
    /// <summary>Why a paused flow stands still.</summary>
    public const string ByOperator = "paused by an operator";

    private const int Nobody = -1;

    private readonly Lock _lock = new();
    private TaskCompletionSource? _closed;
    private string? _down;
    private int _probe = Nobody;
    private int _tries;
    private bool _paused;

    /// <summary>Why nothing is written; null while the gate is open.</summary>
    public string? Reason => _paused ? ByOperator : Volatile.Read(ref _closed) is null ? null : _down;

    /// <summary>Whether an operator has paused the flow.</summary>
    public bool IsPaused => _paused;

    /// <summary>Completes once the lane may write; at once and without allocation while the gate is open.</summary>
    public ValueTask EnterAsync(int lane, CancellationToken cancellation) =>
        MayEnter(lane, out _) ? default : new(WaitAsync(lane, cancellation));

    /// <summary>The lane found the target down. Returns how long it has to wait before it comes back to the gate.</summary>
    public TimeSpan Down(int lane, string reason, double jitter, out bool first)
    {
        lock (_lock)
        {
            first = _down is null;
            _down = reason;
            _closed ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_probe == Nobody)
                (_probe, _tries) = (lane, 0);
            return _probe == lane ? probing.Wait(++_tries, jitter) : TimeSpan.Zero;
        }
    }

    /// <summary>
    /// The lane got through. True when that ends a time of being down; a call that began before another lane became the probe
    /// says nothing about now.
    /// </summary>
    public bool Up(int lane)
    {
        if (Volatile.Read(ref _down) is null)
            return false;
        lock (_lock)
            return (_probe == lane || _probe == Nobody) && Forget();
    }

    /// <summary>What is known of the target no longer counts: all lanes may try. True when that ends a time of being down.</summary>
    public bool Forget()
    {
        lock (_lock)
        {
            bool wasDown = _down is not null;
            (_probe, _down) = (Nobody, null);
            OpenUnlessPaused();
            return wasDown;
        }
    }

    /// <summary>Holds the flow back until <see cref="Resume"/>; what is being written finishes.</summary>
    public void Pause()
    {
        lock (_lock)
        {
            _paused = true;
            _closed ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Ends what <see cref="Pause"/> began; a target that is down is tried by all lanes, and counts as down until one gets through.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            (_paused, _probe) = (false, Nobody);
            OpenUnlessPaused();
        }
    }

    private bool MayEnter(int lane, out Task opened)
    {
        var closed = Volatile.Read(ref _closed);
        opened = closed?.Task ?? Task.CompletedTask;
        return closed is null || (!_paused && Volatile.Read(ref _probe) == lane);
    }

    private void OpenUnlessPaused()
    {
        if (_paused)
            return;
        _closed?.TrySetResult();
        _closed = null;
    }

    private async Task WaitAsync(int lane, CancellationToken cancellation)
    {
        while (!MayEnter(lane, out var opened))
            await opened.WaitAsync(cancellation).ConfigureAwait(false);
    }
}
