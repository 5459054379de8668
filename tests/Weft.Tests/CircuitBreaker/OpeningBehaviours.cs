using Weft.CircuitBreaker;
using Weft.Tests.Behaviours;
using static Weft.Tests.Behaviours.Behaviour<Weft.Tests.CircuitBreaker.BehaviourRig>;

namespace Weft.Tests.CircuitBreaker;

/// <summary>When it opens, and what counts.</summary>
internal static class OpeningBehaviours
{
    public static readonly Behaviour<BehaviourRig>[] All =
    [
        new("A share of failures within the window opens it", Yes, async rig =>
        {
            rig.Build(new() { Ratio = 0.5, Minimum = 4 });
            for (var i = 0; i < 2; i++)
                await rig.CallAsync();
            await rig.FailAsync(2);
            return rig.State == BreakerState.Open ? Yes : "no: closed";
        }),
        new("Failures that left the window do not count", Yes, async rig =>
        {
            rig.Build(new() { Ratio = 0.5, Minimum = 4 });
            await rig.FailAsync(3);
            rig.Pass(11);
            await rig.FailAsync(3);
            return rig.State == BreakerState.Closed ? Yes : "no: open";
        }),
        new("Five failures in a row open it, however much succeeded before", "no: closed, five of 105 is no share", async rig =>
        {
            rig.Build(new() { Failures = 5 });
            for (var i = 0; i < 100; i++)
                await rig.CallAsync();
            await rig.FailAsync(5);
            return rig.State == BreakerState.Open ? Yes : "no: closed, five of 105 is no share";
        }),
        new("Five failures in a row open it, however long the pauses between them", "no: closed, the window forgot them", async rig =>
        {
            rig.Build(new() { Failures = 5 });
            for (var i = 0; i < 5; i++)
            {
                rig.Pass(8);
                await rig.FailAsync();
            }
            return rig.State == BreakerState.Open ? Yes : "no: closed, the window forgot them";
        }),
        new("One failure can be enough", "no: ValidationException", async rig =>
        {
            rig.Build(new() { Failures = 1 });
            await rig.FailAsync();
            return rig.State == BreakerState.Open ? Yes : "no: closed";
        }),
        new("Slow calls open it though they succeed", "no: closed, there is no such option", async rig =>
        {
            rig.Build(new() { SlowOver = 1, Minimum = 4 });
            for (var i = 0; i < 4; i++)
                await rig.CallAsync(null, 2);
            return rig.State == BreakerState.Open ? Yes : "no: closed, there is no such option";
        }),
        new("Calls that the caller cancelled do not count, neither as failures nor as successes", "no: closed, they count as successes", async rig =>
        {
            rig.Build(new() { Ratio = 0.6, Minimum = 4 });
            for (var i = 0; i < 3; i++)
                await (await rig.BeginAsync()).Cancel();
            await rig.FailAsync(4);
            return rig.State == BreakerState.Open ? Yes : "no: closed, they count as successes";
        }),
        new("A cancellation that is not the caller's, as of an HttpClient that timed out, is a failure by default", "no: counts as a success", async rig =>
        {
            rig.Build();
            for (var i = 0; i < 2; i++)
                await rig.CallAsync(new TaskCanceledException());
            return rig.State == BreakerState.Open ? Yes : "no: counts as a success";
        }),
        new("A rejection by a strategy further in, which sent nothing, is no failure by default", "no: counts as a failure", async rig =>
        {
            rig.Build();
            for (var i = 0; i < 2; i++)
                await rig.CallAsync(new CircuitOpenException(TimeSpan.Zero));
            return rig.State == BreakerState.Closed ? Yes : "no: counts as a failure";
        }),
        new("A predicate that throws counts as a failure", "no: not counted", async rig =>
        {
            rig.Build(new() { ShouldHandle = _ => throw new FormatException() });
            await rig.FailAsync(2);
            return rig.State == BreakerState.Open ? Yes : "no: not counted";
        }),
        new("A callback that throws when it opens does not reach the caller", "no: the caller gets FormatException", async rig =>
        {
            rig.Build(new() { Changed = _ => throw new FormatException() });
            await rig.FailAsync();
            return await (await rig.BeginAsync()).Fail() is FormatException ? "no: the caller gets FormatException" : Yes;
        }),
        new("While open, calls are rejected and not made", Yes, async rig =>
        {
            rig.Build();
            await rig.FailAsync(2);
            return await rig.RejectsAsync() ? Yes : "no: made";
        }),
        new("A rejection says how long to wait, to the moment", Yes, async rig =>
        {
            rig.Build();
            await rig.FailAsync(2);
            rig.Pass(2);
            var wait = rig.RetryAfter((await rig.CallAsync()).Outcome.Result.Exception)!.Value.TotalSeconds;
            rig.Pass(wait - 0.001);
            var early = await rig.RejectsAsync();
            rig.Pass(0.001);
            return early && !await rig.RejectsAsync() ? Yes : "no: not true";
        }),
    ];
}
