namespace Weft.Flows;

/// <summary>
/// How far foreign sources have come, kept where a flow writes. A <see cref="CommitScope.Store"/> that implements it lets a
/// replication stream, a query or a file of any other store store its place in the transaction of the outputs: exactly once.
/// Safe for use from many threads.
/// </summary>
public interface ICheckpoints
{
    /// <summary>The checkpoint as it was last committed; null when there never was one.</summary>
    /// <param name="name">Of the flow; unique in the store.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="LogException">The store cannot be used.</exception>
    ValueTask<string?> LoadAsync(string name, CancellationToken cancellation);

    /// <summary>Adds the checkpoint to a transaction of this store; it is written when that commits. The last one given counts.</summary>
    /// <param name="scope">A transaction whose <see cref="CommitScope.Store"/> this is.</param>
    /// <param name="name">Of the flow.</param>
    /// <param name="checkpoint">The source's own text: an LSN and a row in its transaction, the cursor columns of a query, an offset of a file. At most 4 KB.</param>
    void Save(CommitScope scope, string name, string checkpoint);
}
