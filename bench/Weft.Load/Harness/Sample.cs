using Weft.Load.Cells;

namespace Weft.Load.Harness;

/// <summary>One measurement of one subject.</summary>
/// <param name="Operations">How many operations were done.</param>
/// <param name="Elapsed">How long they took together.</param>
/// <param name="Processor">The processor time that they took, over all cores.</param>
/// <param name="Allocated">The bytes allocated on the managed heap, or 0 where nobody counted.</param>
internal sealed record Sample(long Operations, TimeSpan Elapsed, TimeSpan Processor, long Allocated = 0)
{
    /// <summary>Latencies, for subjects that record them.</summary>
    public Latencies? Latencies { get; init; }

    /// <summary>Operations a second.</summary>
    public double PerSecond => Operations / Elapsed.TotalSeconds;

    /// <summary>Processor time of one operation in microseconds.</summary>
    public double ProcessorMicroseconds => Processor.TotalMicroseconds / Operations;

    /// <summary>Bytes allocated by one operation.</summary>
    public double BytesEach => (double)Allocated / Operations;
}

/// <summary>The middle and the ends of a few measurements.</summary>
internal readonly record struct Spread(double Median, double Min, double Max)
{
    /// <summary>The spread of some values, of which there is at least one; the median of an even number is the mean of the two in the middle.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }
}

/// <summary>All measurements of one subject.</summary>
internal sealed record Series(string Name, IReadOnlyList<Sample> Samples)
{
    /// <summary>Median, smallest and largest of a figure.</summary>
    public Spread Of(Func<Sample, double> figure) => Spread.Of(Samples.Select(figure));

    /// <summary>
    /// The figure as a multiple of another subject's, taken round by round: both ran right after each other, so what
    /// slows the machine for a while slows both, and the ratio stays.
    /// </summary>
    public Spread RatioTo(Series other, Func<Sample, double> figure) =>
        Spread.Of(Samples.Zip(other.Samples, (mine, others) => figure(mine) / figure(others)));

    /// <summary>How much more a figure is than another's, round by round, so that a machine that gets slower meanwhile counts for neither.</summary>
    public Spread BeyondOf(Series other, Func<Sample, double> figure) =>
        Spread.Of(Samples.Zip(other.Samples, (mine, others) => figure(mine) - figure(others)));
}
