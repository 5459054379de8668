using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Weft.Timeouts;

/// <summary>Hands out sources of cancellation that fire after a time, and takes them back to be used again. Safe for use from many threads.</summary>
internal sealed class TimeoutSources(TimeProvider time)
{
    private const int Kept = 1024;

    // CancelAfter takes no more.
    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);
    private static readonly TimeoutSources s_system = new(TimeProvider.System);
    private static readonly ConditionalWeakTable<TimeProvider, TimeoutSources> s_others = [];

    private readonly ConcurrentQueue<TimeoutSource> _free = new();
    private TimeoutSource? _first;
    private int _count;

    /// <summary>The ones that follow this clock.</summary>
    public static TimeoutSources Of(TimeProvider time) =>
        ReferenceEquals(time, TimeProvider.System) ? s_system : s_others.GetValue(time, static time => new TimeoutSources(time));

    /// <summary>A source that fires after <paramref name="timeout"/>, or when <paramref name="caller"/> goes away. Dispose of it once nothing uses its token.</summary>
    /// <param name="timeout">Zero or less fires at once; <see cref="TimeSpan.MaxValue"/> is none.</param>
    /// <param name="caller">Whoever waits.</param>
    public TimeoutSource Rent(TimeSpan timeout, CancellationToken caller)
    {
        var source = Volatile.Read(ref _first);
        if (source is null || Interlocked.CompareExchange(ref _first, null, source) != source)
        {
            if (_free.TryDequeue(out source))
                Interlocked.Decrement(ref _count);
            else
                source = new TimeoutSource(this, time);
        }
        source.Start(timeout, caller);
        return source;
    }

    /// <summary>A time as CancelAfter takes it: never infinite by accident, and rounded up, since it cuts to milliseconds.</summary>
    internal static TimeSpan Due(TimeSpan timeout) =>
        timeout <= TimeSpan.Zero ? TimeSpan.Zero
        : timeout >= s_longest ? timeout == TimeSpan.MaxValue ? System.Threading.Timeout.InfiniteTimeSpan : s_longest
        : new((timeout.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond);

    internal bool TryKeep(TimeoutSource source)
    {
        if (Interlocked.CompareExchange(ref _first, source, null) is null)
            return true;
        if (Interlocked.Increment(ref _count) <= Kept)
        {
            _free.Enqueue(source);
            return true;
        }
        Interlocked.Decrement(ref _count);
        return false;
    }
}
