using Weft.Flows;
using Weft.Messages;

namespace Weft.FlowSimulation;

/// <summary>Broken on purpose: says that it is done before it is.</summary>
internal sealed class EarlyTarget(ITarget<Message> inner) : ITarget<Message>
{
    public CommitScope? Begin() => null;

    public ValueTask WriteAsync(ReadOnlyMemory<Delivery<Message>> batch, Memory<Outcome> outcomes, CommitScope? scope, CancellationToken cancellation)
    {
        _ = inner.WriteAsync(batch.ToArray(), new Outcome[batch.Length], scope, cancellation).AsTask();
        return default;
    }
}
