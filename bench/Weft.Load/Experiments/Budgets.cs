using Weft.Load.Harness;
using Weft.Options;
using Weft.Simulation;

namespace Weft.Load.Experiments;

/// <summary>E6: what repeats cost and bring by the share of calls that fail (Brooker, Fixing retries with token buckets and circuit breakers).</summary>
internal static class Budgets
{
    /// <summary>Runs it and adds its table.</summary>
    public static void AddTo(Report report, BenchArgs args)
    {
        var free = PolicyOptions.None with { Retry = Policies.Retry.Retry };
        var table = new Table("E6 repeats by the share of failures", "Load x", "Good", "Load x, budget 10 %", "Good, budget 10 %");
        foreach (var errors in new[] { 0.01, 0.05, 0.2, 0.5, 1 })
        {
            Seeds Run(PolicyOptions policy) => new(args, new Scenario { Policy = policy, Rate = 200, Duration = TimeSpan.FromSeconds(60), Server = new() { Errors = errors } });
            var (all, some) = (Run(free), Run(free.Budget(0.1, 0.1)));
            table.Row(Figures.Percent(errors), all.Text(r => r.Amplification()), all.Share(r => r.Success()), some.Text(r => r.Amplification()), some.Share(r => r.Success()));
            if (errors == 1)
                report.Bounds.Add(Bound.AtMost("E6 budget 10 %: load when everything fails, worst seed", some.Of(r => r.Amplification()).Max, 1.11, "x"));
        }
        report.Tables.Add(table);
        report.Notes.Add("E6: up to three repeats, 200 requests/s from one process for 60 s.");
    }
}
