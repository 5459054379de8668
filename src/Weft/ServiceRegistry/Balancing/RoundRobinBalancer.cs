namespace Weft.ServiceRegistry.Balancing;

/// <summary>Each instance in turn; heavier ones more often, spread evenly over the others.</summary>
internal sealed class RoundRobinBalancer : Balancer
{
    private readonly SmoothTurns _turns = new();
    private uint _next;

    /// <inheritdoc/>
    public override Instance? Choose(Slice slice, in InstanceSet skip, ulong? key, long now)
    {
        if (!slice.IsEven)
            return _turns.Next(slice, skip);
        if (slice.Instances.Length == 0)
            return null;
        var place = slice.From((int)(Interlocked.Increment(ref _next) % (uint)slice.Instances.Length), skip);
        return place < 0 ? null : slice.Instances[place];
    }
}
