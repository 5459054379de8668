using Weft.Load.Harness;
using Weft.Options;
using Weft.Simulation;

namespace Weft.Load.Experiments;

/// <summary>E3: what a second attempt beside a slow one does where slowness is chance (Dean and Barroso, The Tail at Scale), and where it is a queue that all share.</summary>
internal static class Hedging
{
    private static readonly TimeSpan s_from = TimeSpan.FromSeconds(60), s_duration = TimeSpan.FromSeconds(240);

    /// <summary>Runs it and adds its tables and bounds.</summary>
    public static void AddTo(Report report, BenchArgs args)
    {
        var p99 = new HedgeOptions { After = new(new Percentile(0.99)) };
        var fixedTime = new HedgeOptions { After = new(TimeSpan.FromMilliseconds(30)) };
        var without = new Seeds(args, Independent(PolicyOptions.None));
        var hedged = new Seeds(args, Independent(Policies.Standard with { Hedge = new() }));
        var apart = Table("E3 hedging, times by chance");
        Row(apart, "nothing but a deadline", without);
        Row(apart, "standard", new(args, Independent(Policies.Standard)));
        Row(apart, "standard, hedge at p99", new(args, Independent(Policies.Standard with { Hedge = p99 })));
        Row(apart, "standard, hedge at p95", hedged);
        report.Tables.Add(apart);
        report.Bounds.Add(Bound.AtLeast("E3 hedge at p95: p99.9 without against with, median of seeds", Tail(without) / Tail(hedged), 10, "x"));

        foreach (var rate in new[] { 700.0, 900 })
        {
            var shared = Table($"E3 hedging, one queue for all at {rate / 1000:P0} of its capacity");
            Row(shared, "standard", new(args, Shared(Policies.Standard, rate)));
            var runs = new Seeds(args, Shared(Policies.Standard with { Hedge = new() }, rate));
            Row(shared, "standard, hedge at p95", runs);
            Row(shared, "standard, hedge after 30 ms", new(args, Shared(Policies.Standard with { Hedge = fixedTime }, rate)));
            Row(shared, "standard, hedge after 30 ms, budget 100 %", new(args, Shared(Unbounded(fixedTime), rate)));
            report.Tables.Add(shared);
            // The budget has a floor of 0.1 a second on top of its share.
            report.Bounds.Add(Bound.AtMost($"E3 hedge at p95 on a shared queue at {rate:0} requests/s: more load, worst seed", (runs.Of(Load).Max - 1) * 100, 5, "%"));
        }
        report.Notes.Add("E3: lognormal times (median 5 ms, sigma 0.4), 1 % of them 100 to 500 ms, eight instances, 500 requests/s from one process; on the shared queue M/M/10 with a mean of 10 ms, which the "
            + "process sees as two instances. From 60 s to 240 s, good calls only.");
    }

    private static double Tail(Seeds runs) => runs.Of(r => r.Percentile(0.999, s_from).TotalMilliseconds).Median;

    private static double Load(SimulationResult result) => result.Amplification(s_from);

    private static PolicyOptions Unbounded(HedgeOptions hedge) => Policies.Standard.Budget(1, 1000) with { Hedge = hedge with { Budget = 1 } };

    private static Table Table(string title) => new(title, "p50 ms", "p95 ms", "p99 ms", "p99.9 ms", "Load x", "Good");

    private static void Row(Table table, string name, Seeds runs) => table.Row(
        name, At(runs, 0.5), At(runs, 0.95), At(runs, 0.99), At(runs, 0.999), runs.Text(r => Math.Round(Load(r), 4)), runs.Share(r => r.Success(s_from)));

    private static string At(Seeds runs, double share) => runs.Milliseconds(r => r.Percentile(share, s_from));

    private static Scenario Independent(PolicyOptions policy) => new()
    {
        Policy = policy,
        Servers = 8,
        Server = new() { Time = new StragglingTime(new LognormalTime(TimeSpan.FromMilliseconds(5), 0.4), 0.01, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500)) },
        Rate = 500,
        Duration = s_duration,
    };

    private static Scenario Shared(PolicyOptions policy, double rate) => new() { Policy = policy, Instances = 2, Server = new() { Workers = 10 }, Rate = rate, Duration = s_duration };
}
