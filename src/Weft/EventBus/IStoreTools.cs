namespace Weft.EventBus;

/// <summary>What an operator can do with a store as a whole. A connector gives it for its kind of connection.</summary>
public interface IStoreTools
{
    /// <summary>Where the store is, without secrets.</summary>
    string Place { get; }

    /// <summary>What the store says about itself. Changes nothing.</summary>
    /// <exception cref="Flows.LogException">It is not there, no store, or cannot be read.</exception>
    ValueTask<StoreFacts> InspectAsync(CancellationToken cancellation);

    /// <summary>Looks at all that it holds, and whether it fits together. Changes nothing, also while a process uses it.</summary>
    /// <returns>What is wrong, a sentence each with what to do; empty when it is sound.</returns>
    /// <exception cref="Flows.LogException">It is not there, no store, or cannot be read.</exception>
    ValueTask<IReadOnlyList<string>> CheckAsync(CancellationToken cancellation);

    /// <summary>Writes all that it holds, as of one moment, to a file that a process can be started with. Also while a process uses it.</summary>
    /// <param name="file">A file that does not exist yet.</param>
    /// <param name="cancellation">Gives up, and leaves no file.</param>
    /// <returns>The size of the file in bytes.</returns>
    /// <exception cref="Flows.LogException">The store cannot be read, or the file not be written or exists.</exception>
    ValueTask<long> BackUpAsync(string file, CancellationToken cancellation);

    /// <summary>Brings it up to the version of this Weft, which its opening would do too.</summary>
    /// <returns>Its version before.</returns>
    /// <exception cref="Flows.LogException">A process uses it, or it cannot be written.</exception>
    ValueTask<long> UpgradeAsync(CancellationToken cancellation);

    /// <summary>Opens all that it holds, for moving it; null when this kind of store cannot be moved from. Brings it up to date first.</summary>
    /// <exception cref="Flows.LogException">A process uses it, or it is not there.</exception>
    Task<IStoreContents?> OpenAsync(CancellationToken cancellation) => Task.FromResult<IStoreContents?>(null);

    /// <summary>
    /// Fills it, which must be empty, with all that another holds, and compares the two afterwards: all of it, or nothing. Null when this kind of
    /// store cannot be moved to.
    /// </summary>
    /// <param name="contents">What the other holds.</param>
    /// <param name="cancellation">Gives up, and leaves it empty.</param>
    /// <exception cref="Flows.LogException">It is not empty, cannot be written, or what it then held was not the same.</exception>
    Task<StoreMoved?> FillAsync(IStoreContents contents, CancellationToken cancellation) => Task.FromResult<StoreMoved?>(null);
}

/// <summary>What a store says about itself.</summary>
/// <param name="Version">The version of its layout.</param>
/// <param name="Newest">The version that this Weft writes; a store of a greater one is refused.</param>
/// <param name="Bytes">How much room it takes.</param>
/// <param name="Topics">How many topics it has.</param>
/// <param name="Subscriptions">How many subscriptions it knows.</param>
public sealed record StoreFacts(long Version, long Newest, long Bytes, int Topics, int Subscriptions);
