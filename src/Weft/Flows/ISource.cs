namespace Weft.Flows;

/// <summary>
/// Where the items of a flow come from: a subscription of a log, a broker queue, a replication slot, a query, a file.
/// Exactly one reader at a time; settling may come from many threads.
/// </summary>
/// <typeparam name="T">The kind of item.</typeparam>
public interface ISource<T> : IAsyncDisposable
{
    /// <summary>What this source can do. Constant.</summary>
    SourceCapabilities Capabilities { get; }

    /// <summary>
    /// Takes the next items in source order, waiting until there is at least one. Items that were taken and not settled come
    /// again after the source is opened anew, and those of one key in their order.
    /// </summary>
    /// <param name="into">Where to put them; as many as fit are taken if they are there, but none is waited for after the first.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>How many were put, at least 1; 0 when the source has ended and will give nothing more.</returns>
    ValueTask<int> ReadAsync(Memory<Delivery<T>> into, CancellationToken cancellation);

    /// <summary>
    /// Asked right before a delivery is first written. False when the source has taken the item back and gives it again when its turn has
    /// come: an earlier one of its key waits for another try, or the broker's connection that it came by is gone. Always true
    /// for a source that settles a <see cref="Settling.Prefix"/>.
    /// </summary>
    bool Admit(in Delivery<T> delivery) => true;

    /// <summary>
    /// Says what became of a delivery. A source that settles a <see cref="Settling.Prefix"/> is told only of positions before
    /// which everything is settled, once per batch; nothing but the position counts then, and as lanes may overtake each other,
    /// a smaller one that comes later means nothing. Never called with <see cref="OutcomeKind.Unavailable"/>: the runner keeps such items.
    /// </summary>
    /// <param name="delivery">What was taken.</param>
    /// <param name="outcome">The verdict.</param>
    /// <param name="scope">
    /// The transaction in which the flow's outputs are written, or null for none. When it is of this source's store, settling is
    /// part of it. Otherwise the source settles once it is committed. Without a scope the source settles in its own time,
    /// in order, and at the latest when it is disposed: a crash in between delivers again, it never loses.
    /// </param>
    void Settle(in Delivery<T> delivery, in Outcome outcome, CommitScope? scope);
}

/// <summary>How a source is told what was done.</summary>
public enum Settling : byte
{
    /// <summary>One by one, in any order: logs with subscriptions, brokers.</summary>
    Each,

    /// <summary>Up to a position: replication streams, files, queries.</summary>
    Prefix,
}

/// <summary>What a source can do. A file that asks for more is refused at start.</summary>
/// <param name="Settling">How it is told what was done.</param>
/// <param name="Order">Whether items of one key come in order.</param>
/// <param name="Delay">Whether an item can be given back for a later time, durably.</param>
/// <param name="DeadLetters">Whether it keeps dead letters.</param>
/// <param name="Replay">Whether it can be read again from an earlier position.</param>
public sealed record SourceCapabilities(Settling Settling, bool Order, bool Delay, bool DeadLetters, bool Replay);
