using Weft.Load.Experiments;
using Weft.Load.Harness;

namespace Weft.Load;

/// <summary>What the policies are worth: the shipped classes on virtual time, over simulated servers. The figures depend on the seeds and not on the machine.</summary>
internal sealed class ExperimentsBenchmark : IBenchmark
{
    public string Name => "experiments";

    public string Sentence => "what retry, budget, breaker, deadline, limit and hedge are worth, alone and together: the shipped policies on virtual time";

    public Task<Report> RunAsync(BenchArgs args)
    {
        var report = new Report();
        RetryStorm.AddTo(report, args);
        RetryStorm.AddBreakerTimes(report, args);
        PartialOutage.AddTo(report, args);
        Hedging.AddTo(report, args);
        FollowingTimeout.AddTo(report, args);
        Collisions.AddTo(report, args);
        Budgets.AddTo(report, args);
        Overload.AddTo(report, args);
        Overload.AddKindness(report, args);
        report.Notes.Add($"Seeds 1 to {args.Rounds}: a figure is the median, with the smallest and the largest where they differ. "
            + "Servers are models: times are drawn, and locks, pauses and connections that run out are not in them.");
        return Task.FromResult(report);
    }
}
