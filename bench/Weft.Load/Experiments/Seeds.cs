using Weft.Load.Harness;
using Weft.Simulation;

namespace Weft.Load.Experiments;

/// <summary>One scenario with several seeds, and what its results have in common.</summary>
internal sealed class Seeds
{
    private readonly List<SimulationResult> _results = [];

    /// <summary>Runs a scenario once for each round, with the seeds 1, 2, 3 ...</summary>
    public Seeds(BenchArgs args, Scenario scenario)
    {
        for (var seed = 1; seed <= args.Rounds; seed++)
            _results.Add(Simulator.Run(scenario with { Seed = seed }));
        if (_results.Exists(r => r.LeftBehind != 0))
            throw new InvalidOperationException("A policy did not give back what it took.");
    }

    /// <summary>All results.</summary>
    public IReadOnlyList<SimulationResult> Results => _results;

    /// <summary>The middle and the ends of a figure.</summary>
    public Spread Of(Func<SimulationResult, double> figure) => Spread.Of(_results.Select(figure));

    /// <summary>A figure as text.</summary>
    public string Text(Func<SimulationResult, double> figure) => Figures.Short(Of(figure));

    /// <summary>A share as text, in percent with so many digits that 99.97 % is not 100 %.</summary>
    public string Share(Func<SimulationResult, double> share)
    {
        var spread = Of(share);
        return spread.Min == spread.Max ? Percent(spread.Median) : $"{Percent(spread.Median)} ({Percent(spread.Min)} to {Percent(spread.Max)})";
    }

    /// <summary>Milliseconds as text.</summary>
    public string Milliseconds(Func<SimulationResult, TimeSpan> time) => Text(r => Math.Round(time(r).TotalMilliseconds, 1));

    /// <summary>How long after a time it recovered, in seconds as text.</summary>
    public string Recovery(TimeSpan after)
    {
        var spread = Recoveries(after);
        return spread.Min == spread.Max ? Seconds(spread.Median) : $"{Seconds(spread.Median)} ({Seconds(spread.Min)} to {Seconds(spread.Max)})";
    }

    /// <summary>The seconds until it recovered after a time; without end where it never did.</summary>
    public Spread Recoveries(TimeSpan after) => Of(r => r.Recovery(after)?.TotalSeconds ?? double.PositiveInfinity);

    private static string Percent(double share) => FormattableString.Invariant($"{share * 100:0.##} %");

    private static string Seconds(double seconds) => double.IsFinite(seconds) ? FormattableString.Invariant($"{seconds:0}") : "never";
}
