using Weft.Calls;

namespace Weft.Simulation;

/// <summary>What came of a simulation. Calls count to the time at which they began.</summary>
/// <param name="scenario">What was simulated.</param>
/// <param name="calls">All calls in the order in which they ended.</param>
/// <param name="seconds">What the servers saw, second by second.</param>
internal sealed class SimulationResult(Scenario scenario, SimulatedCall[] calls, SimulatedSecond[] seconds)
{
    private static readonly TimeSpan s_stable = TimeSpan.FromSeconds(5);
    private const double Healthy = 0.99;

    /// <summary>What was simulated.</summary>
    public Scenario Scenario => scenario;

    /// <summary>All calls in the order in which they ended.</summary>
    public IReadOnlyList<SimulatedCall> Calls => calls;

    /// <summary>What the servers saw, second by second.</summary>
    public IReadOnlyList<SimulatedSecond> Seconds => seconds;

    /// <summary>Work that servers finished for callers that had gone.</summary>
    public required long Wasted { get; init; }

    /// <summary>Work that servers dropped because their callers waited no longer.</summary>
    public required long Dropped { get; init; }

    /// <summary>Places, leases and attempts that were taken and not given back; not 0 is a fault of a policy.</summary>
    public required long LeftBehind { get; init; }

    /// <summary>How many calls a process let run at once in the end, on average.</summary>
    public required double BulkheadLimit { get; init; }

    /// <summary>The timeout of an attempt of the first process in the end; <see cref="TimeSpan.MaxValue"/> for none.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Good answers a second, of calls that began between two times; without times of all.</summary>
    public double Goodput(TimeSpan? from = null, TimeSpan? to = null)
    {
        var (start, end) = (from ?? TimeSpan.Zero, to ?? scenario.Duration);
        return Between(start, end).Count(c => c.IsGood) / (end - start).TotalSeconds;
    }

    /// <summary>The share of good calls among those that began between two times; 1 when there were none.</summary>
    public double Success(TimeSpan? from = null, TimeSpan? to = null)
    {
        var (all, good) = (0, 0);
        foreach (var call in Between(from ?? TimeSpan.Zero, to ?? scenario.Duration))
            (all, good) = (all + 1, good + (call.IsGood ? 1 : 0));
        return all == 0 ? 1 : (double)good / all;
    }

    /// <summary>How many attempts were sent for each call of the base rate, in the second with the most of them.</summary>
    public double PeakAmplification() => seconds.Max(s => s.Attempts) / scenario.Rate;

    /// <summary>How many attempts were sent for each call, from one second to another.</summary>
    public double Amplification(TimeSpan? from = null, TimeSpan? to = null) =>
        (double)Slice(from, to).Sum(s => s.Attempts) / Between(from ?? TimeSpan.Zero, to ?? scenario.Duration).Count();

    /// <summary>The share of attempts that ran into their timeout, of those that were sent from one second to another.</summary>
    public double TimeoutShare(TimeSpan? from = null, TimeSpan? to = null)
    {
        var slice = Slice(from, to).ToList();
        return (double)slice.Sum(s => s.Timeouts) / Math.Max(1, slice.Sum(s => s.Attempts));
    }

    /// <summary>How long after a time, in whole seconds, five seconds begin in which 99 % of the calls are good; null for never.</summary>
    /// <param name="after">Such as the end of a trigger.</param>
    public TimeSpan? Recovery(TimeSpan after)
    {
        for (var start = after; start + s_stable <= scenario.Duration; start += TimeSpan.FromSeconds(1))
        {
            if (Success(start, start + s_stable) >= Healthy)
                return start - after;
        }
        return null;
    }

    /// <summary>The time within which this share of the good calls ended, of those that began between two times.</summary>
    /// <param name="share">0 to 1.</param>
    /// <param name="from">From when; null for the start.</param>
    /// <param name="to">Until when; null for the end.</param>
    public TimeSpan Percentile(double share, TimeSpan? from = null, TimeSpan? to = null)
    {
        TimeSpan[] took = [.. Between(from ?? TimeSpan.Zero, to ?? scenario.Duration).Where(c => c.IsGood).Select(c => c.Took).Order()];
        return took.Length == 0 ? TimeSpan.Zero : took[Math.Clamp((int)Math.Ceiling(share * took.Length) - 1, 0, took.Length - 1)];
    }

    /// <summary>How many calls ended in each way, by its word, most first.</summary>
    public IReadOnlyList<(string Word, int Count)> Outcomes() =>
        [.. calls.GroupBy(Word).Select(g => (g.Key, g.Count())).OrderByDescending(g => g.Item2).ThenBy(g => g.Key, StringComparer.Ordinal)];

    private static string Word(SimulatedCall call) =>
        call.IsGood ? "good" : call.Rejection != Rejection.None ? CallTelemetry.Name(call.Rejection) : call.Outcome.Result == AttemptResult.Answered ? "error" : call.Outcome.Label;

    private IEnumerable<SimulatedCall> Between(TimeSpan from, TimeSpan to) => calls.Where(c => c.Began >= from && c.Began < to);

    private IEnumerable<SimulatedSecond> Slice(TimeSpan? from, TimeSpan? to)
    {
        var (start, end) = ((int)(from ?? TimeSpan.Zero).TotalSeconds, (int)(to ?? scenario.Duration).TotalSeconds);
        return seconds.Skip(start).Take(end - start);
    }
}
