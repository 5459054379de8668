namespace Weft.Flows;

/// <summary>Where the items of a flow go: a handler, a service, a topic, a table, a file. Called from many lanes at once.</summary>
/// <typeparam name="T">The kind of item.</typeparam>
public interface ITarget<T>
{
    /// <summary>
    /// The store whose transactions <see cref="Begin"/> gives, or null when it gives none. Constant. Start-up needs it before
    /// there is a transaction: to see whether source and target share a store, and where the checkpoint is.
    /// </summary>
    object? Store => null;

    /// <summary>
    /// Begins the transaction in which a batch is written and its source settled, or null when this target has none
    /// (a call over the network, a handler that keeps its own).
    /// </summary>
    CommitScope? Begin();

    /// <summary>
    /// Writes a batch: the deliveries of one lane, in order. An exception means <see cref="OutcomeKind.Retry"/> for all of them,
    /// and that the transaction is rolled back. A target that returns leaves in it exactly what it acknowledged: it takes back
    /// what the others left there, with a savepoint where the store has them.
    /// </summary>
    /// <param name="batch">What to write, never empty.</param>
    /// <param name="outcomes">One verdict for each delivery; acknowledged unless the target says otherwise.</param>
    /// <param name="scope">What <see cref="Begin"/> gave for this batch.</param>
    /// <param name="cancellation">The flow stops and its time to drain is over.</param>
    ValueTask WriteAsync(ReadOnlyMemory<Delivery<T>> batch, Memory<Outcome> outcomes, CommitScope? scope, CancellationToken cancellation);
}
