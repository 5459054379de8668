using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Weft.Diagnostics;

/// <summary>
/// Wakes one waiter. Setting it while nobody waits is remembered once, so a waiter that looks for work, finds none and
/// then waits never sleeps through what came in between.
/// </summary>
internal sealed class AsyncSignal
{
    private readonly Channel<bool> _set = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Wakes the waiter, or lets the next wait pass.</summary>
    public void Set() => _set.Writer.TryWrite(true);

    /// <summary>Waits until it is set, and resets it. One waiter at a time.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WaitAsync(CancellationToken cancellation) =>
        await _set.Reader.ReadAsync(cancellation).ConfigureAwait(false);
}
