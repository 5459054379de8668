namespace Weft.Simulation;

/// <summary>How long a server works on a request: a distribution.</summary>
internal abstract record ServiceTime
{
    /// <summary>Draws a time.</summary>
    public abstract TimeSpan Draw(Random chance);

    private protected static double Normal(Random chance) =>
        Math.Sqrt(-2 * Math.Log(1 - chance.NextDouble())) * Math.Cos(2 * Math.PI * chance.NextDouble());
}

/// <summary>Times without memory, as in the queues of textbooks.</summary>
/// <param name="Mean">Their mean.</param>
internal sealed record ExponentialTime(TimeSpan Mean) : ServiceTime
{
    /// <inheritdoc/>
    public override TimeSpan Draw(Random chance) => Mean * -Math.Log(1 - chance.NextDouble());
}

/// <summary>Times as services mostly have them: a hump and a tail to the right.</summary>
/// <param name="Median">Half are shorter.</param>
/// <param name="Sigma">The standard deviation of their logarithm.</param>
internal sealed record LognormalTime(TimeSpan Median, double Sigma) : ServiceTime
{
    /// <inheritdoc/>
    public override TimeSpan Draw(Random chance) => Median * Math.Exp(Sigma * Normal(chance));
}

/// <summary>Times of which a few are very much longer, by chance and not by load: a pause, a cold cache, a busy neighbour.</summary>
/// <param name="Usual">The others.</param>
/// <param name="Share">How many of them straggle, 0 to 1.</param>
/// <param name="From">The shortest of those.</param>
/// <param name="To">The longest.</param>
internal sealed record StragglingTime(ServiceTime Usual, double Share, TimeSpan From, TimeSpan To) : ServiceTime
{
    /// <inheritdoc/>
    public override TimeSpan Draw(Random chance) => chance.NextDouble() < Share ? From + ((To - From) * chance.NextDouble()) : Usual.Draw(chance);
}
