using System.Diagnostics;

namespace Weft.Load.Cells;

/// <summary>Sees for one subscription that every order arrives, and counts those that arrive again. Safe from many threads.</summary>
/// <param name="capacity">How many orders a cell may have.</param>
public sealed class Checker(long capacity)
{
    private readonly ulong[] _seen = new ulong[(capacity >> 6) + 1];
    private readonly Latencies? _latencies;
    private TaskCompletionSource? _reached;
    private long _distinct, _again, _target = long.MaxValue, _reachedAt;

    /// <summary>Also records how long after it was due each order arrives.</summary>
    public Checker(long capacity, Latencies latencies)
        : this(capacity) => _latencies = latencies;

    /// <summary>How many different orders arrived.</summary>
    public long Distinct => Volatile.Read(ref _distinct);

    /// <summary>How many arrived once more.</summary>
    public long Again => Volatile.Read(ref _again);

    /// <summary>An order arrived.</summary>
    public void Arrived(Order order)
    {
        if (order.Due != 0)
            _latencies?.Add(Stopwatch.GetElapsedTime(order.Due));
        ulong bit = 1UL << (int)(order.Number & 63);
        if ((Interlocked.Or(ref _seen[order.Number >> 6], bit) & bit) != 0)
            Interlocked.Increment(ref _again);
        else if (Interlocked.Increment(ref _distinct) >= Volatile.Read(ref _target))
            Reached();
    }

    /// <summary>Waits until so many different ones have arrived, or gives up.</summary>
    /// <returns>When the last arrived, by <see cref="Stopwatch"/>, or when it was given up.</returns>
    public async Task<long> WaitAsync(long count, TimeSpan patience)
    {
        var reached = _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _reachedAt, 0);
        Interlocked.Exchange(ref _target, count);
        if (Distinct >= count)
            Reached();
        await reached.Task.WaitAsync(patience, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Interlocked.Exchange(ref _target, long.MaxValue);
        return Volatile.Read(ref _reachedAt) is var at and not 0 ? at : Stopwatch.GetTimestamp();
    }

    private void Reached()
    {
        Interlocked.CompareExchange(ref _reachedAt, Stopwatch.GetTimestamp(), 0);
        _reached!.TrySetResult();
    }
}
