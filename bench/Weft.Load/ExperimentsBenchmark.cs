using Weft.Load.Experiments;
using Weft.Load.Harness;
using Weft.Simulation;

namespace Weft.Load;

/// <summary>What the policies are worth: the shipped classes on virtual time, over simulated servers.</summary>
internal sealed class ExperimentsBenchmark : IBenchmark
{
    public string Name => "experiments";

    public string Sentence => "what retry, budget, breaker, deadline, limit and hedge are worth, alone and together: the shipped policies on virtual time";

    public Task<Report> RunAsync(BenchArgs args)
    {
        var report = new Report();
        foreach (var rate in new[] { 600.0, 700, 800 })
        {
            var table = new Table($"E1 {rate}", "rec", "peak", "goodput trigger", "success", "outcomes");
            foreach (var (name, policy, server) in RetryStorm.Rows())
            {
                var r = Simulator.Run(RetryStorm.Scenario(policy, server, rate, 1));
                table.Row(name, r.Recovery(RetryStorm.To)?.TotalSeconds.ToString() ?? "never", Figures.Short(r.PeakAmplification()),
                    Figures.Percent(r.Goodput(RetryStorm.From, RetryStorm.To) / rate), Figures.Percent(r.Success()), string.Join(" ", r.Outcomes().Select(o => $"{o.Word}:{o.Count}")) + $" left {r.LeftBehind}");
            }
            report.Tables.Add(table);
        }
        return Task.FromResult(report);
    }
}
