namespace Weft.Timeouts;

/// <summary>A token that is cancelled after a time, which can be moved, or when a caller goes away. Used by one call at a time.</summary>
internal sealed class TimeoutSource : IDisposable
{
    private readonly TimeoutSources _owner;
    private readonly CancellationTokenSource _source;
    private CancellationToken _caller;
    private CancellationTokenRegistration _link;

    internal TimeoutSource(TimeoutSources owner, TimeProvider time)
    {
        _owner = owner;
        // Made with a timer, which later uses share: only so do they follow the time provider.
        _source = new CancellationTokenSource(System.Threading.Timeout.InfiniteTimeSpan, time);
    }

    /// <summary>Cancelled when the time is over, and when the caller goes away.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the caller has gone.</summary>
    public bool IsCallerGone => _caller.IsCancellationRequested;

    /// <summary>Whether the time is over. A caller that has gone as well counts as gone: nobody waits for the answer.</summary>
    public bool IsTimeOver => _source.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Moves the end to this long from now; zero or less is now, <see cref="TimeSpan.MaxValue"/> is never.</summary>
    public void Extend(TimeSpan timeout) => _source.CancelAfter(TimeoutSources.Due(timeout));

    /// <inheritdoc/>
    public void Dispose()
    {
        _link.Dispose();
        _link = default;
        _caller = default;
        // One that has fired, or is about to, is not used again.
        if (!_source.TryReset() || !_owner.TryKeep(this))
            _source.Dispose();
    }

    internal void Start(TimeSpan timeout, CancellationToken caller)
    {
        if (timeout <= TimeSpan.Zero)
            _source.Cancel();
        else if (timeout != TimeSpan.MaxValue)
            _source.CancelAfter(TimeoutSources.Due(timeout));
        if (!caller.CanBeCanceled)
            return;
        _caller = caller;
        _link = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }
}
