using Weft.CircuitBreaker;
using Weft.Tests.Behaviours;
using static Weft.Tests.Behaviours.Behaviour<Weft.Tests.CircuitBreaker.BehaviourRig>;

namespace Weft.Tests.CircuitBreaker;

/// <summary>Half-open: how it is tried, and that it does not stay so.</summary>
internal static class ProbeBehaviours
{
    public static readonly Behaviour<BehaviourRig>[] All =
    [
        new("Half-open lets one call try at a time", Yes, async rig =>
        {
            await rig.ReadyToProbeAsync();
            var probe = await rig.BeginAsync();
            return probe.WasMade && await rig.RejectsAsync() ? Yes : "no";
        }),
        new("A probe that fails opens it again", Yes, async rig =>
        {
            await rig.ReadyToProbeAsync();
            await rig.FailAsync();
            return rig.State == BreakerState.Open ? Yes : $"no: {rig.State}";
        }),
        new("Several successes in a row can be asked for to close it", "no: the first one closes it", async rig =>
        {
            await rig.ReadyToProbeAsync(new() { Successes = 3 });
            await rig.CallAsync();
            if (rig.State == BreakerState.Closed)
                return "no: the first one closes it";
            await rig.CallAsync();
            await rig.CallAsync();
            return rig.State == BreakerState.Closed ? Yes : "no: stays half-open";
        }),
        new("A probe that never ends does not keep it half-open", "no: rejects still after 40 minutes", async rig =>
        {
            await rig.ReadyToProbeAsync();
            await rig.BeginAsync();
            rig.Pass(40 * 60);
            return await rig.RejectsAsync() ? "no: rejects still after 40 minutes" : Yes;
        }),
        new("A predicate that throws on a probe does not keep it half-open", "no: rejects still after an hour", async rig =>
        {
            var throws = false;
            await rig.ReadyToProbeAsync(new() { ShouldHandle = outcome => throws ? throw new FormatException() : outcome.Exception is not null });
            throws = true;
            await rig.CallAsync();
            throws = false;
            rig.Pass(3600);
            return await rig.RejectsAsync() ? "no: rejects still after an hour" : Yes;
        }),
        new("A callback that throws when it becomes half-open does not keep it so", "no: rejects still after an hour", async rig =>
        {
            await rig.ReadyToProbeAsync(new() { Changed = state => { if (state == BreakerState.HalfOpen) throw new FormatException(); } });
            await rig.CallAsync();
            rig.Pass(3600);
            return await rig.RejectsAsync() ? "no: rejects still after an hour" : Yes;
        }),
        new("A probe that the caller cancelled does not close it", "no: closes it", async rig =>
        {
            await rig.ReadyToProbeAsync();
            await (await rig.BeginAsync()).Cancel();
            return rig.State == BreakerState.HalfOpen ? Yes : "no: closes it";
        }),
        new("After a probe that the caller cancelled the next call tries at once", "no: there was none, it is closed", async rig =>
        {
            await rig.ReadyToProbeAsync(new() { Successes = 2 });
            await (await rig.BeginAsync()).Cancel();
            if (rig.State == BreakerState.Closed)
                return "no: there was none, it is closed";
            return (await rig.BeginAsync()).WasMade ? Yes : "no: rejected";
        }),
        new("A slow probe opens it again", "no: closes it", async rig =>
        {
            await rig.ReadyToProbeAsync(new() { SlowOver = 1 });
            await rig.CallAsync(null, 2);
            return rig.State == BreakerState.Open ? Yes : "no: closes it";
        }),
        new("A late success of a call from before it opened does not close it while a probe is on its way", "no: closes it", async rig =>
        {
            rig.Build();
            var early = await rig.BeginAsync();
            await rig.FailAsync(2);
            rig.Pass(6);
            await rig.BeginAsync();
            await early.Succeed();
            return rig.State == BreakerState.HalfOpen ? Yes : "no: closes it";
        }),
        new("A late failure of a call from before it opened does not open it again while a probe is on its way", "no: opens it", async rig =>
        {
            rig.Build();
            var early = await rig.BeginAsync();
            await rig.FailAsync(2);
            rig.Pass(6);
            await rig.BeginAsync();
            await early.Fail();
            return rig.State == BreakerState.HalfOpen ? Yes : "no: opens it";
        }),
        new("A late failure of a call from before it opened does not make it stay open longer", Yes, async rig =>
        {
            rig.Build();
            var early = await rig.BeginAsync();
            await rig.FailAsync(2);
            rig.Pass(4);
            await early.Fail();
            rig.Pass(2);
            return await rig.RejectsAsync() ? "no: rejects still" : Yes;
        }),
    ];
}
