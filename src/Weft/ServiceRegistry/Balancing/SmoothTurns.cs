namespace Weft.ServiceRegistry.Balancing;

/// <summary>
/// Smooth weighted round robin: each turn gives every instance its weight, takes the one that has most, and takes from it what was given to all. So one of weight 5
/// between two of weight 1 comes as a a b a c a a, and not five times in a row.
/// </summary>
internal sealed class SmoothTurns
{
    private readonly Lock _turn = new();

    /// <summary>The next instance.</summary>
    /// <param name="slice">Of which.</param>
    /// <param name="skip">Those whose turn it cannot be.</param>
    /// <returns>Null when all are to be skipped.</returns>
    public Instance? Next(Slice slice, in InstanceSet skip)
    {
        lock (_turn)
        {
            Instance? next = null;
            var given = 0.0;
            for (var i = 0; i < slice.Instances.Length; i++)
            {
                var instance = slice.Instances[i];
                if (skip.Contains(instance))
                    continue;
                given += slice.Weights[i];
                instance.Turn += slice.Weights[i];
                if (next is null || instance.Turn > next.Turn)
                    next = instance;
            }
            if (next is not null)
                next.Turn -= given;
            return next;
        }
    }
}
