namespace Weft.ServiceRegistry.Balancing;

/// <summary>
/// The instance with the least to do for its weight; of several such, each in turn. Where weights differ, the one whose turn it is gets the attempt unless another is
/// better off with it than that one is without: so weights are followed also while next to nothing runs.
/// </summary>
internal sealed class LeastRequestsBalancer : Balancer
{
    private readonly SmoothTurns _turns = new();
    private uint _next;

    /// <inheritdoc/>
    public override Instance? Choose(Slice slice, in InstanceSet skip, ulong? key, long now) =>
        slice.Instances.Length == 0 ? null : slice.IsEven ? Least(slice.Instances, skip) : LeastForItsWeight(slice, skip);

    private Instance? Least(Instance[] instances, in InstanceSet skip)
    {
        var place = (int)(Interlocked.Increment(ref _next) % (uint)instances.Length);
        Instance? least = null;
        var running = long.MaxValue;
        for (var i = 0; i < instances.Length; i++)
        {
            var instance = instances[place];
            if (instance.InFlight is var its && its < running && !skip.Contains(instance))
                (least, running) = (instance, its);
            place = place + 1 == instances.Length ? 0 : place + 1;
        }
        return least;
    }

    private Instance? LeastForItsWeight(Slice slice, in InstanceSet skip)
    {
        if (_turns.Next(slice, skip) is not { } least)
            return null;
        var load = least.InFlight / slice.Weights[Array.IndexOf(slice.Instances, least)];
        // Of the others the best, and only when it is as good.
        for (var i = 0; i < slice.Instances.Length; i++)
        {
            var other = slice.Instances[i];
            var with = (other.InFlight + 1) / slice.Weights[i];
            if (with <= load && other != least && !skip.Contains(other))
                (least, load) = (other, with);
        }
        return least;
    }
}
