using System.Collections.Concurrent;

namespace Weft.Calls;

/// <summary>Hands out deadlines and takes them back to be used again. Safe for use from many threads.</summary>
internal sealed class CallDeadlines(TimeProvider time)
{
    private const int Kept = 1024;

    private readonly ConcurrentQueue<CallDeadline> _free = new();

    /// <summary>A deadline that ends after <paramref name="timeout"/>, or when <paramref name="caller"/> goes away. Dispose it once nothing uses its token.</summary>
    public CallDeadline Start(TimeSpan timeout, long now, CancellationToken caller)
    {
        if (!_free.TryDequeue(out var deadline))
            deadline = new CallDeadline(this, time);
        deadline.Start(timeout, now, caller);
        return deadline;
    }

    internal bool TryKeep(CallDeadline deadline)
    {
        if (_free.Count >= Kept)
            return false;
        _free.Enqueue(deadline);
        return true;
    }
}

/// <summary>The end of a call: a time that can be moved, or its caller going away. Used by one call at a time.</summary>
internal sealed class CallDeadline : IDisposable
{
    private readonly CallDeadlines _owner;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _source;
    private CancellationToken _caller;
    private CancellationTokenRegistration _link;

    internal CallDeadline(CallDeadlines owner, TimeProvider time)
    {
        (_owner, _time) = (owner, time);
        // Made with a timer, which later ones reuse: only so do they follow the time provider.
        _source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
    }

    /// <summary>Cancelled at the deadline and when the caller goes away.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the caller has gone; otherwise a cancelled <see cref="Token"/> means that the time is over.</summary>
    public bool CallerGone => _caller.IsCancellationRequested;

    /// <summary>When the service began to be waited for, a timestamp.</summary>
    public long StartedAt { get; private set; }

    /// <summary>Whether <see cref="Abandon"/> was called.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>Ends the attempt now, because another one has answered.</summary>
    public void Abandon()
    {
        IsAbandoned = true;
        _source.Cancel();
    }

    /// <summary>Begins anew: the time until now was not the service's.</summary>
    public void Restart(TimeSpan timeout)
    {
        StartedAt = _time.GetTimestamp();
        _source.CancelAfter(timeout);
    }

    /// <summary>Moves the end to this long from now; infinite for none.</summary>
    public void Extend(TimeSpan timeout) => _source.CancelAfter(timeout);

    /// <inheritdoc/>
    public void Dispose()
    {
        _link.Dispose();
        _link = default;
        _caller = default;
        if (!_source.TryReset() || !_owner.TryKeep(this))
            _source.Dispose();
    }

    internal void Start(TimeSpan timeout, long now, CancellationToken caller)
    {
        _caller = caller;
        StartedAt = now;
        IsAbandoned = false;
        _source.CancelAfter(timeout);
        _link = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }
}
