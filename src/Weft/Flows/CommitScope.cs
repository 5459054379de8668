using System.Runtime.CompilerServices;

namespace Weft.Flows;

/// <summary>
/// A transaction on one store. What can live in that store (outputs, the source's position, dead letters, state) is
/// written in it together: all of it, or nothing. Not thread-safe; used by one lane for one batch.
/// </summary>
public abstract class CommitScope : IAsyncDisposable
{
    private List<Action>? _afterCommit;

    /// <summary>The store; a source compares it with its own by reference to see whether it can take part.</summary>
    public abstract object Store { get; }

    /// <summary>Runs <paramref name="action"/> once the transaction is durable, in the order of registration; never when it fails.</summary>
    public void AfterCommit(Action action) => (_afterCommit ??= []).Add(action);

    /// <summary>Makes everything in it durable, then runs what was registered for after it.</summary>
    /// <exception cref="LogException">The store could not; nothing was written, or it is unknown and the items come again.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask CommitAsync(CancellationToken cancellation)
    {
        try
        {
            await CommitCoreAsync(cancellation).ConfigureAwait(false);
            if (_afterCommit is null)
                return;
            foreach (var action in _afterCommit)
                action();
        }
        finally
        {
            // Also after a failure: the transaction is empty again, and so is what was to follow it.
            _afterCommit?.Clear();
        }
    }

    /// <summary>Makes everything in it durable.</summary>
    protected abstract ValueTask CommitCoreAsync(CancellationToken cancellation);

    /// <summary>Rolls back what was not committed.</summary>
    public abstract ValueTask DisposeAsync();
}
