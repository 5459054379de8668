using System.Runtime.CompilerServices;
using Weft.Flows;
using Weft.Messages;
using Weft.Timeouts;

namespace Weft.EventBus;

/// <summary>
/// Keeps events from being worked on that are of no use any more: one whose <c>expirytime</c> is past is a dead letter with the reason <c>expired</c>, and
/// one that has it is handled under that deadline, which goes on to what its handler calls.
/// </summary>
internal sealed class ExpiryTarget(ITarget<Message> inner, TimeProvider time) : ITarget<Message>
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
        // Neighbours without an expiry, which are nearly all, go on together.
        for (int from = 0, i = 0; i <= batch.Length; i++)
        {
            TimeSpan left = default;
            if (i < batch.Length && !MessageExpiry.TryRead(batch.Span[i].Item, time, out left))
                continue;
            if (i > from)
                await inner.WriteAsync(batch[from..i], outcomes[from..i], scope, cancellation).ConfigureAwait(false);
            if (i < batch.Length && left == TimeSpan.Zero)
                outcomes.Span[i] = Outcome.Dead("expired", "Its expirytime was over before it could be handled.");
            else if (i < batch.Length)
                await WriteWithinAsync(left, batch.Slice(i, 1), outcomes.Slice(i, 1), scope, cancellation).ConfigureAwait(false);
            from = i + 1;
        }
    }

    private async ValueTask WriteWithinAsync(
        TimeSpan left, ReadOnlyMemory<Delivery<Message>> one, Memory<Outcome> outcome, CommitScope? scope, CancellationToken cancellation)
    {
        using (Deadline.Begin(left, time))
            await inner.WriteAsync(one, outcome, scope, cancellation).ConfigureAwait(false);
    }
}
