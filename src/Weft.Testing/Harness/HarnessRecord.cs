using System.Collections.Concurrent;

namespace Weft.Testing;

/// <summary>What was handled, what runs, and a signal for whoever waits for either. Safe for use from many threads.</summary>
internal sealed class HarnessRecord
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<HandledMessage>> _tries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<WatchedCall, bool> _calls = new();
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Completes with the next change.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>What runs.</summary>
    public ICollection<WatchedCall> Calls => _calls.Keys;

    /// <summary>The services that were called and that nobody has said how to answer for.</summary>
    public ConcurrentDictionary<string, bool> Unanswered { get; } = new(StringComparer.Ordinal);

    /// <summary>All tries of a subscription, in the order of their ends.</summary>
    public IReadOnlyList<HandledMessage> TriesOf(string subscription) => _tries.TryGetValue(subscription, out var tries) ? [.. tries] : [];

    /// <summary>A try has ended.</summary>
    public void Tried(string subscription, HandledMessage handled) => _tries.GetOrAdd(subscription, static _ => new()).Enqueue(handled);

    /// <summary>A call begins.</summary>
    public WatchedCall Begin(string what, bool setsTimeouts = false)
    {
        var call = new WatchedCall(what, setsTimeouts);
        _calls.TryAdd(call, true);
        call.CountWithin(1);
        return call;
    }

    /// <summary>A call has ended.</summary>
    public void End(WatchedCall call)
    {
        call.CountWithin(-1);
        _calls.TryRemove(call, out _);
        SayChanged();
    }

    /// <summary>Something has changed.</summary>
    public void SayChanged() => Interlocked.Exchange(ref _changed, NewSignal()).TrySetResult();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
