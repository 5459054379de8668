namespace Weft.Diagnostics;

/// <summary>What stores tell about themselves, under <see cref="WeftMeter.Name"/>.</summary>
public static class StoreMeter
{
    /// <summary>A commit was written: <c>weft.store.commit_size</c>. Many in a commit are callers that waited together. Allocates nothing.</summary>
    /// <param name="store">Which, as a tag that the store makes once: <c>store</c> and a name without a path.</param>
    /// <param name="operations">How many operations it held.</param>
    public static void Committed(in KeyValuePair<string, object?> store, int operations) => WeftMeter.CommitSize.Record(operations, store);
}
