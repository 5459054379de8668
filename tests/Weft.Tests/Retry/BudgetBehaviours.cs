using Polly;
using Weft.Tests.Behaviours;
using static Weft.Tests.Behaviours.Behaviour<Weft.Tests.Retry.RetryRig>;

namespace Weft.Tests.Retry;

/// <summary>How much all callers together repeat, and what is told of it.</summary>
internal static class BudgetBehaviours
{
    private static readonly RetrySetup s_budgeted = new() { Base = 0, HasBudget = true };

    public static readonly Behaviour<RetryRig>[] All =
    [
        new("1,000 calls that all fail, with three repeats allowed, become 1,101 attempts", "no: 4,000", async rig =>
        {
            await FailAsync(rig, 1000, rig.Build(s_budgeted));
            return rig.Attempts == 1101 ? Yes : $"no: {rig.Attempts:#,0}";
        }),
        new("So they do when they are made by ten pipelines for one service", "no: 4,000", async rig =>
        {
            for (var i = 0; i < 10; i++)
                await FailAsync(rig, 100, rig.Build(s_budgeted));
            return rig.Attempts == 1101 ? Yes : $"no: {rig.Attempts:#,0}";
        }),
        new("When one call in twenty fails, each of them is repeated", Yes, async rig =>
        {
            var pipeline = rig.Build(s_budgeted);
            for (var call = 1; call <= 1000; call++)
            {
                var fails = call % 20 == 0;
                if ((await rig.CallAsync(pipeline, attempt => new(attempt == 1 && fails ? 503 : 200))).Answer!.Status != 200)
                    return $"no: call {call} was not";
            }
            return Yes;
        }),
        new("A service that is called once a minute gets its repeat", Yes, async rig =>
        {
            var pipeline = rig.Build(s_budgeted);
            for (var i = 0; i < 5; i++)
            {
                await rig.CallAsync(pipeline, attempt => new(attempt == 1 ? 503 : 200));
                rig.Clock.Advance(TimeSpan.FromMinutes(1));
            }
            return rig.Attempts == 10 ? Yes : $"no: {rig.Attempts} attempts for 5 calls";
        }),
        new("Each repeat is an event in telemetry", Yes, async rig =>
        {
            await rig.FailAsync(rig.Build());
            return rig.Events.Count(name => name == "OnRetry") == 3 ? Yes : "no";
        }),
        new("A failure that is not repeated is an event that says why", "no: none", async rig =>
        {
            await rig.FailAsync(rig.Build(new() { Max = 1 }));
            await rig.FailAsync(rig.Build(new() { Total = 3, Base = 10, Cap = 10 }));
            await rig.CallAsync(rig.Build(new() { Max = 1 }), _ => new(503, TimeSpan.FromHours(1)));
            await FailAsync(rig, 2, rig.Build(s_budgeted));
            var reasons = rig.Reasons().ToList();
            return reasons.SequenceEqual(["max", "deadline", "retry-after", "budget", "budget"]) ? Yes : reasons.Count == 0 ? "no: none" : $"no: {string.Join(", ", reasons)}";
        }),
    ];

    private static async Task FailAsync(RetryRig rig, int calls, ResiliencePipeline<Answer> pipeline)
    {
        for (var i = 0; i < calls; i++)
            await rig.FailAsync(pipeline);
    }
}
