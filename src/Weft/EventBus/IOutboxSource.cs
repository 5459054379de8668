using Weft.Flows;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>Opens the outbox in the database of a kind of connection. A connector registers one.</summary>
public interface IOutboxFactory
{
    /// <summary>Whether this factory knows such a connection.</summary>
    bool Handles(ConnectionOptions connection);

    /// <summary>Opens the outbox, and makes its tables when they are missing, that of the inbox too.</summary>
    /// <exception cref="LogException">The database cannot be used; the code and the text say why.</exception>
    ValueTask<IOutboxSource> OpenAsync(string name, ConnectionOptions connection, CancellationToken cancellation);
}

/// <summary>The outbox of a database, for the one relay that empties it. Not thread-safe.</summary>
public interface IOutboxSource : IAsyncDisposable
{
    /// <summary>Tells this outbox from all others, for as long as its table lives.</summary>
    string Identity { get; }

    /// <summary>
    /// Takes the oldest rows that are committed, in their order, those that were refused aside. While the batch is open no other process takes any, as far as
    /// the database can see to that; then it is empty.
    /// </summary>
    /// <exception cref="LogException">The database cannot be read.</exception>
    ValueTask<IOutboxBatch> TakeAsync(int limit, CancellationToken cancellation);

    /// <summary>What is in it.</summary>
    /// <exception cref="LogException">The database cannot be read.</exception>
    ValueTask<OutboxFacts> LookAsync(CancellationToken cancellation);

    /// <summary>Deletes marks of the inbox that are older.</summary>
    /// <returns>How many.</returns>
    ValueTask<int> PurgeMarksAsync(DateTimeOffset before, CancellationToken cancellation);

    /// <summary>Has those that were refused be tried again.</summary>
    /// <returns>How many.</returns>
    ValueTask<int> RetryRefusedAsync(CancellationToken cancellation);
}

/// <summary>Some rows of an outbox. Disposing without <see cref="CompleteAsync"/> leaves them there.</summary>
public interface IOutboxBatch : IAsyncDisposable
{
    /// <summary>They, with the identity of each, in their order.</summary>
    IReadOnlyList<(Guid Id, OutboxRow Row)> Rows { get; }

    /// <summary>Deletes rows, and notes of others why they cannot be published.</summary>
    /// <param name="published">May have rows that are not in this batch or are gone already.</param>
    /// <param name="refused">Rows of this batch, with the reason.</param>
    /// <param name="cancellation">Gives up; then either all is done or nothing.</param>
    ValueTask CompleteAsync(IReadOnlyList<Guid> published, IReadOnlyList<(Guid Id, string Why)> refused, CancellationToken cancellation);
}

/// <summary>What is in an outbox.</summary>
/// <param name="Oldest">When the oldest row was added that waits to be published; null when none does.</param>
/// <param name="Refused">How many cannot be published.</param>
public sealed record OutboxFacts(DateTimeOffset? Oldest, long Refused);
