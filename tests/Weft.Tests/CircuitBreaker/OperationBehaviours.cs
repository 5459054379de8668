using Weft.CircuitBreaker;
using Weft.Options;
using Weft.Tests.Behaviours;
using static Weft.Tests.Behaviours.Behaviour<Weft.Tests.CircuitBreaker.BehaviourRig>;

namespace Weft.Tests.CircuitBreaker;

/// <summary>What those who run it need.</summary>
internal static class OperationBehaviours
{
    public static readonly Behaviour<BehaviourRig>[] All =
    [
        new("With a key for each instance, one that is down does not take the others with it", "no: all are rejected, a pipeline has one circuit", async rig =>
        {
            rig.Build(new() { ByKey = true });
            await rig.FailAsync("a");
            await rig.FailAsync("a");
            return await rig.RejectsAsync("a") && !await rig.RejectsAsync("b") ? Yes : "no: all are rejected, a pipeline has one circuit";
        }),
        new("It can only watch: count and tell, and reject nothing", "no: rejects, there is no such mode", async rig =>
        {
            var told = new List<BreakerState>();
            rig.Build(new() { Mode = CircuitBreakerMode.Observe, Changed = told.Add });
            await rig.FailAsync(2);
            return await rig.RejectsAsync() ? "no: rejects, there is no such mode" : told is [BreakerState.Open] ? Yes : "no: tells nothing";
        }),
        new("An operator can open it by hand", Yes, async rig =>
        {
            rig.Build();
            await rig.IsolateAsync();
            rig.Pass(3600);
            return await rig.RejectsAsync() ? Yes : "no";
        }),
        new("Given back by the operator, it goes on where it was", "no: closed", async rig =>
        {
            rig.Build();
            await rig.FailAsync(2);
            await rig.IsolateAsync();
            await rig.GiveBackAsync();
            return await rig.RejectsAsync() ? Yes : "no: closed";
        }),
        new("A reload of its options keeps its state", "no: closed", async rig =>
        {
            rig.Build();
            await rig.FailAsync(2);
            rig.Build(new() { Failures = 3 });
            return await rig.RejectsAsync() ? Yes : "no: closed";
        }),
        new("All who are rejected while it is open get one exception object: rejecting allocates nothing", "no: one for each", async rig =>
        {
            rig.Build();
            await rig.FailAsync(2);
            var (first, second) = (await rig.CallAsync(), await rig.CallAsync());
            return ReferenceEquals(first.Outcome.Result.Exception, second.Outcome.Result.Exception) ? Yes : "no: one for each";
        }),
    ];
}
