namespace Weft.Flows;

/// <summary>An item on its way through a flow.</summary>
/// <typeparam name="T">The kind of item: a message or a row.</typeparam>
/// <param name="Item">The item.</param>
/// <param name="Position">
/// The source's own number for it. Sources that settle a prefix give increasing numbers; for the others it only has to be
/// unique among what is in flight (a broker's delivery tag).
/// </param>
/// <param name="Key">Items with the same key stay in order; empty for none.</param>
/// <param name="Attempt">Which try this is, from 1.</param>
/// <param name="FailingSince">When the first try failed; null while none has.</param>
/// <param name="Again">Whether it comes from beside the source, where it was kept; it may have been changed there.</param>
public readonly record struct Delivery<T>(T Item, long Position, ReadOnlyMemory<byte> Key, int Attempt, DateTimeOffset? FailingSince = null, bool Again = false);
