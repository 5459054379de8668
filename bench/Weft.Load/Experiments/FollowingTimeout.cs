using Weft.Load.Harness;
using Weft.Simulation;

namespace Weft.Load.Experiments;

/// <summary>E4: a service becomes slower for two minutes, or for good. How many attempts does a timeout that follows cut?</summary>
internal static class FollowingTimeout
{
    private static readonly TimeSpan s_slow = TimeSpan.FromSeconds(180), s_followed = TimeSpan.FromSeconds(200), s_back = TimeSpan.FromSeconds(300), s_end = TimeSpan.FromSeconds(420);

    /// <summary>Runs it and adds its tables and bounds.</summary>
    public static void AddTo(Report report, BenchArgs args)
    {
        foreach (var slowness in new[] { 3.0, 10 })
        {
            var table = new Table($"E4 timeouts, times x {slowness:0} for two minutes", "Steady", "First 20 s of it", "After them", "Back", "Good in all");
            foreach (var factor in new[] { 1, 1.2, 1.5 })
                Row(table, FormattableString.Invariant($"standard, factor {factor}"), new(args, Scenario(factor, slowness)));
            var runs = new Seeds(args, Scenario(Policies.Standard.Timeout.Factor, slowness));
            Row(table, "standard", runs);
            report.Tables.Add(table);
            if (slowness > 3)
                continue;
            report.Bounds.Add(Bound.AtMost("E4 standard: attempts cut in steady state, worst seed", runs.Of(Steady).Max * 100, 0.1, "%"));
            report.Bounds.Add(Bound.AtMost("E4 standard: attempts cut 20 s after times have tripled, worst seed", runs.Of(Followed).Max * 100, 0.1, "%"));
            report.Bounds.Add(Bound.AtMost("E4 standard: attempts cut when times are back, worst seed", runs.Of(Back).Max * 100, 0.1, "%"));
        }
        report.Tables.Add(ForGood(report, args));
        report.Notes.Add("E4: the share of attempts that ran into their timeout; lognormal times (median 20 ms, sigma 0.5), four instances, 100 requests/s from one process. Where it is slower for good, from 90 s on: "
            + "seconds until five seconds begin with 99 % good calls.");
    }

    private static Table ForGood(Report report, BenchArgs args)
    {
        var table = new Table("E4 slower for good", "1 instance, 5/s", "1 instance, 20/s", "1 instance, 200/s", "4 instances, 20/s");
        var start = TimeSpan.FromSeconds(90);
        var slowest = 0.0;
        foreach (var slowness in new[] { 3.0, 10, 50 })
        {
            List<string> cells = [$"times x {slowness:0}"];
            foreach (var (servers, rate) in new[] { (1, 5.0), (1, 20), (1, 200), (4, 20) })
            {
                var runs = new Seeds(args, Scenario(Policies.Standard.Timeout.Factor, slowness) with { Servers = servers, Rate = rate, Triggers = [new(TriggerKind.Slow, start, s_end * 2) { Factor = slowness }] });
                cells.Add(runs.Recovery(start));
                slowest = Math.Max(slowest, runs.Recoveries(start).Max);
            }
            table.Row([.. cells]);
        }
        report.Bounds.Add(Bound.AtMost("E4 standard: a service that became slower for good is used again, slowest of all", slowest, 150, "s"));
        return table;
    }

    private static double Steady(SimulationResult result) => result.TimeoutShare(TimeSpan.FromSeconds(60), s_slow);

    private static double Followed(SimulationResult result) => result.TimeoutShare(s_followed, s_back);

    private static double Back(SimulationResult result) => result.TimeoutShare(s_back, s_end);

    private static void Row(Table table, string name, Seeds runs) =>
        table.Row(name, runs.Share(Steady), runs.Share(r => r.TimeoutShare(s_slow, s_followed)), runs.Share(Followed), runs.Share(Back), runs.Share(r => r.Success()));

    private static Scenario Scenario(double factor, double slowness) => new()
    {
        Policy = Policies.Standard with { Timeout = Policies.Standard.Timeout with { Factor = factor } },
        Servers = 4,
        Server = new() { Time = new LognormalTime(TimeSpan.FromMilliseconds(20), 0.5) },
        Rate = 100,
        Duration = s_end,
        Triggers = [new(TriggerKind.Slow, s_slow, s_back) { Factor = slowness }],
    };
}
