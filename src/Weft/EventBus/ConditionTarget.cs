using System.Runtime.CompilerServices;
using Weft.Expressions;
using Weft.Flows;
using Weft.Messages;

namespace Weft.EventBus;

/// <summary>
/// Lets through only the events for which <c>when</c> is true; the others are done. An error, such as a field that is not there, counts as
/// no match, is counted, and its last sample is kept, so that it can be found.
/// </summary>
internal sealed class ConditionTarget(ITarget<Message> inner, Condition condition, RuleErrors errors) : ITarget<Message>
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
        // Neighbours that match go on together.
        for (int from = 0, i = 0; i <= batch.Length; i++)
        {
            if (i < batch.Length && Matches(batch.Span[i]))
                continue;
            if (i > from)
                await inner.WriteAsync(batch[from..i], outcomes[from..i], scope, cancellation).ConfigureAwait(false);
            from = i + 1;
        }
    }

    private bool Matches(in Delivery<Message> delivery)
    {
        var value = condition.Evaluate(delivery);
        if (value.Kind != CelKind.Bool)
            errors.Add(delivery, value.Error?.Message ?? "The condition is neither true nor false.");
        return value.IsTrue;
    }
}
