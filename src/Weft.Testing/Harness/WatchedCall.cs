namespace Weft.Testing;

/// <summary>A handler or a fake service that runs. The timers that it sets tell whether it waits for the clock.</summary>
/// <param name="what">For messages: which one.</param>
/// <param name="setsTimeouts">Whether it sets timers to bound what it calls, which say nothing: then only what it calls can wait for the clock.</param>
internal sealed class WatchedCall(string what, bool setsTimeouts)
{
    private static readonly AsyncLocal<WatchedCall?> s_current = new();

    private readonly WatchedCall? _outer = Current;
    private int _timers, _inner;

    /// <summary>The innermost one that this runs in.</summary>
    public static WatchedCall? Current => s_current.Value;

    /// <summary>For messages: which one.</summary>
    public string What => what;

    /// <summary>Whether it has set a timer that has not fired yet, or has called something of which that is to be asked.</summary>
    public bool WaitsForClock => Volatile.Read(ref _inner) > 0 || (!setsTimeouts && Volatile.Read(ref _timers) > 0);

    /// <summary>Makes it the current one for the caller, an async method, until it ends.</summary>
    public void Enter() => s_current.Value = this;

    /// <summary>It begins or ends within another.</summary>
    public void CountWithin(int change)
    {
        if (_outer is not null)
            Interlocked.Add(ref _outer._inner, change);
    }

    /// <summary>One of its timers was set, or has fired.</summary>
    public void CountTimer(int change) => Interlocked.Add(ref _timers, change);
}
