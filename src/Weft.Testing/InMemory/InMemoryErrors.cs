using Weft.Diagnostics;
using Weft.Flows;

namespace Weft.Testing;

/// <summary>What the in-memory log refuses.</summary>
internal static class InMemoryErrors
{
    public static LogException IsOpen(string name) => new(new EventCode(3011),
        $"Subscription '{name}' is open already, and it has one reader at a time. Close that reader first, or use another name.");

    public static LogException OfAnotherTopic(string name, string topic, string wanted) => new(new EventCode(3012),
        $"Subscription '{name}' reads topic '{topic}' and cannot be opened on '{wanted}'. Use another name, or remove it first.");

    public static LogException CheckpointMoved(string name) => new(new EventCode(3016),
        $"Checkpoint '{name}' is not where it was: somebody else has gone on. Nothing was written. Whoever feeds the store reads it again and goes on from there.");

    public static LogException IsClosed(string name) => new(new EventCode(3013),
        $"Subscription '{name}' was closed before the transaction that settles it was committed. Commit first, then close.");
}
