using Weft.EventBus;
using Weft.Flows;
using Weft.Messages;

namespace Weft.Testing;

/// <summary>Records what a target did. What a process still does after it has crashed is not recorded.</summary>
internal sealed class WatchedTarget(string subscription, ITarget<Message> inner, HarnessProcess process, HarnessRecord record, TimeProvider time) : ITarget<Message>
{
    /// <inheritdoc/>
    public object? Store => inner.Store;

    /// <inheritdoc/>
    public CommitScope? Begin() => inner.Begin();

    /// <inheritdoc/>
    public async ValueTask WriteAsync(
        ReadOnlyMemory<Delivery<Message>> batch, Memory<Outcome> outcomes, CommitScope? scope, CancellationToken cancellation)
    {
        var call = record.Begin($"subscription '{subscription}' at position {batch.Span[0].Position}, try {batch.Span[0].Attempt}", setsTimeouts: inner is PushTarget);
        process.Began(call);
        call.Enter();
        try
        {
            await inner.WriteAsync(batch, outcomes, scope, cancellation).ConfigureAwait(false);
            Record(batch.Span, outcomes.Span);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            // As the flow will take it.
            outcomes.Span.Fill(Outcome.Retry("exception", $"{e.GetType().Name}: {e.Message}"));
            Record(batch.Span, outcomes.Span);
            throw;
        }
        finally
        {
            process.Ended(call);
            record.End(call);
        }
    }

    private void Record(ReadOnlySpan<Delivery<Message>> batch, ReadOnlySpan<Outcome> outcomes)
    {
        for (int i = 0; i < batch.Length && !process.IsDead; i++)
            record.Tried(subscription, new(batch[i].Item, batch[i].Position, batch[i].Attempt, outcomes[i], time.GetUtcNow()));
    }
}
