using Weft.CircuitBreaker;

namespace Weft.ServiceRegistry.Balancing;

/// <summary>Instances to choose from, each with the weight that it has now. Immutable.</summary>
internal sealed class Slice
{
    private const int Draws = 4;

    // Up to and with each instance.
    private readonly double[] _sums;

    /// <param name="instances">The instances.</param>
    /// <param name="weights">The weight of each, above 0.</param>
    public Slice(Instance[] instances, double[] weights)
    {
        (Instances, Weights, _sums) = (instances, weights, new double[weights.Length]);
        for (var i = 0; i < weights.Length; i++)
            _sums[i] = Total += weights[i];
        IsEven = weights.AsSpan().IndexOfAnyExcept(weights.Length == 0 ? 0 : weights[0]) < 0;
    }

    /// <summary>No instance.</summary>
    public static Slice None { get; } = new([], []);

    /// <summary>The instances.</summary>
    public Instance[] Instances { get; }

    /// <summary>Their weights.</summary>
    public double[] Weights { get; }

    /// <summary>The sum of the weights.</summary>
    public double Total { get; }

    /// <summary>Whether all weights are the same.</summary>
    public bool IsEven { get; }

    /// <summary>Draws an instance by weight, and one beside it when chance finds only such as are to be skipped.</summary>
    /// <returns>Its place; -1 when all are to be skipped.</returns>
    public int Draw(Jitter chance, in InstanceSet skip, int but = -1)
    {
        if (Instances.Length == 0)
            return -1;
        var place = Drawn(chance.Next());
        for (var i = 1; i < Draws && IsSkipped(place, but, skip); i++)
            place = Drawn(chance.Next());
        return From(place, skip, but);
    }

    /// <summary>The first place from one on, around the end, that is not to be skipped; -1 for none.</summary>
    public int From(int place, in InstanceSet skip, int but = -1)
    {
        for (var i = 0; i < Instances.Length; i++)
        {
            if (!IsSkipped(place, but, skip))
                return place;
            place = place + 1 == Instances.Length ? 0 : place + 1;
        }
        return -1;
    }

    private bool IsSkipped(int place, int but, in InstanceSet skip) => place == but || (!skip.IsEmpty && skip.Contains(Instances[place]));

    private int Drawn(double chance)
    {
        if (IsEven)
            return (int)(chance * Instances.Length);
        var found = Array.BinarySearch(_sums, chance * Total);
        // A sum that is met exactly is where the next one begins. Rounding may lead beyond the last.
        return Math.Min(found >= 0 ? found + 1 : ~found, Instances.Length - 1);
    }
}
