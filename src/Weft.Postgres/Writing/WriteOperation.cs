using Weft.Flows;
using Weft.Messages;

namespace Weft.Postgres.Writing;

/// <summary>Something that a writer does, and the one caller that waits for it.</summary>
internal sealed class WriteOperation(IReadOnlyList<Change> changes, bool relaxed, CancellationToken cancellation)
{
    private readonly TaskCompletionSource<long> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _result;

    /// <summary>What to do, in this order.</summary>
    public IReadOnlyList<Change> Changes => changes;

    /// <summary>Whether its caller may go on before it is safe from a power cut.</summary>
    public bool IsRelaxed => relaxed;

    /// <summary>The caller's. Counts as long as the writer is not busy with it.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>About how many bytes it writes.</summary>
    public long Size { get; } = changes.Sum(c => c.Size);

    /// <summary>What its caller awaits: the position of what was appended last.</summary>
    public Task<long> Task => _done.Task;

    /// <summary>Notes the position of what was appended.</summary>
    public void Appended(long position) => _result = position;

    public void Complete() => _done.TrySetResult(_result);

    public void Fail(Exception error) => _done.TrySetException(error);

    public void Cancel() => _done.TrySetCanceled(cancellation);
}

/// <summary>One change of a store. What is set says which.</summary>
internal readonly record struct Change
{
    public PostgresShard? Shard { get; init; }

    public Message Message { get; init; }

    public ReadOnlyMemory<byte> Key { get; init; }

    public Once Once { get; init; }

    /// <summary>The topic of <see cref="Scheduled"/> or <see cref="Release"/>.</summary>
    public PostgresTopic? Topic { get; init; }

    public ScheduledMessage? Scheduled { get; init; }

    public string? Release { get; init; }

    public PostgresSubscription? Subscription { get; init; }

    public long Position { get; init; }

    public ParkedMessage? Parked { get; init; }

    public bool Unparks { get; init; }

    /// <summary>Whether <see cref="Position"/> is up to where messages may be worked on.</summary>
    public bool Marks { get; init; }

    /// <summary>The name of a checkpoint, which is set to <see cref="Key"/>.</summary>
    public string? Checkpoint { get; init; }

    public ReadOnlyMemory<byte> Expected { get; init; }

    public long Size => Message.Bytes.Length + Key.Length + (Scheduled?.Message.Bytes.Length ?? 0) + (Parked?.Message.Bytes.Length ?? 0);
}
