using System.Runtime.CompilerServices;
using Weft.Flows;
using Weft.Messages;

namespace Weft.EventBus;

/// <summary>
/// The target of a subscription as the flow of one shard sees it. It waits for one of the places that all shards of the subscription share, and
/// then, right before the call, makes sure that the shard is still this process's: one that slept must not begin with what others handle by now.
/// </summary>
/// <param name="inner">What all shards deliver to.</param>
/// <param name="places">How many batches may be written at once over all shards.</param>
/// <param name="subscription">The open subscription on the shard.</param>
internal sealed class ShardTarget(ITarget<Message> inner, SemaphoreSlim places, ILogSubscription subscription) : ITarget<Message>
{
    /// <inheritdoc/>
    public object? Store => inner.Store;

    /// <inheritdoc/>
    public CommitScope? Begin() => inner.Begin();

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(
        ReadOnlyMemory<Delivery<Message>> batch, Memory<Outcome> outcomes, CommitScope? scope, CancellationToken cancellation)
    {
        await places.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            // No attempt is spent: either the lease is renewed and the flow goes on, or the flow is about to be stopped.
            if (subscription.IsHeld)
                await inner.WriteAsync(batch, outcomes, scope, cancellation).ConfigureAwait(false);
            else
                outcomes.Span.Fill(Outcome.Unavailable("lease", "The lease of this shard has run out."));
        }
        finally
        {
            places.Release();
        }
    }
}
