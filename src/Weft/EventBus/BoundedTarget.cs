using System.Runtime.CompilerServices;
using Weft.Flows;
using Weft.Messages;

namespace Weft.EventBus;

/// <summary>Bounds how many batches are written at once over several flows, so that what a subscription is allowed holds for all its shards together.</summary>
#pragma warning disable CA1001 // The semaphore holds nothing to free: its wait handle is never made, and targets live as long as their subscription.
internal sealed class BoundedTarget(ITarget<Message> inner, int limit) : ITarget<Message>
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _free = new(limit);

    /// <inheritdoc/>
    public object? Store => inner.Store;

    /// <inheritdoc/>
    public CommitScope? Begin() => inner.Begin();

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(
        ReadOnlyMemory<Delivery<Message>> batch, Memory<Outcome> outcomes, CommitScope? scope, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await inner.WriteAsync(batch, outcomes, scope, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }
    }
}
