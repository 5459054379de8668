using Weft.Tests.Behaviours;
using static Weft.Tests.Behaviours.Behaviour<Weft.Tests.Timeouts.TimeoutRig>;

namespace Weft.Tests.Timeouts;

/// <summary>One attempt and its time.</summary>
internal static class AttemptBehaviours
{
    public static readonly Behaviour<TimeoutRig>[] All =
    [
        new("An attempt that takes too long is cut when its time is over", Yes, async rig =>
        {
            var timed = await rig.CallAsync(rig.Build(), 5);
            return rig.IsTimeout(timed.Exception) && timed.Seconds == 1 ? Yes : $"no: {timed}";
        }),
        new("The error says how long it was allowed to take", Yes, async rig =>
            rig.Allowed((await rig.CallAsync(rig.Build(), 5)).Exception) == TimeSpan.FromSeconds(1) ? Yes : "no"),
        new("When the caller gives up, the error is the caller's cancellation and no timeout", Yes, async rig =>
        {
            using var caller = new CancellationTokenSource(TimeSpan.FromSeconds(0.5), rig.Clock);
            var timed = await rig.CallAsync(rig.Build(), 5, null, caller.Token);
            return timed is { Exception: OperationCanceledException, Seconds: 0.5 } ? Yes : $"no: {timed}";
        }),
        new("So it is when the time is over as well", Yes, async rig =>
        {
            using var caller = new CancellationTokenSource();
            var timed = await rig.CallAsync(rig.Build(), async token =>
            {
                await using var _ = token.UnsafeRegister(source => ((CancellationTokenSource)source!).Cancel(), caller);
                await rig.PassAsync(5, token);
            }, null, caller.Token);
            return timed.Exception is OperationCanceledException ? Yes : $"no: {timed}";
        }),
        new("A cancellation of something else stays what it is", Yes, async rig =>
        {
            var timed = await rig.CallAsync(rig.Build(), _ => throw new TaskCanceledException());
            return timed.Exception is TaskCanceledException ? Yes : $"no: {timed}";
        }),
        new("A result that comes late, since the work does not heed its token, is given", Yes, async rig =>
        {
            var timed = await rig.CallAsync(rig.Build(), _ => rig.PassAsync(2, default));
            return timed is { Exception: null, Seconds: 2 } ? Yes : $"no: {timed}";
        }),
        new("A failure that comes late stays what it is", Yes, async rig =>
        {
            var timed = await rig.CallAsync(rig.Build(), async _ =>
            {
                await rig.PassAsync(2, default);
                throw new FormatException();
            });
            return timed.Exception is FormatException ? Yes : $"no: {timed}";
        }),
        new("It can be one millisecond", "no: ValidationException", async rig =>
        {
            var timed = await rig.CallAsync(rig.Build(new() { Time = 0.001 }), 5);
            return rig.IsTimeout(timed.Exception) && timed.Seconds == 0.001 ? Yes : $"no: {timed}";
        }),
        new("It can be switched off by its value", "no: ValidationException", async rig =>
        {
            var timed = await rig.CallAsync(rig.Build(new() { Time = double.PositiveInfinity }), 100_000);
            return timed.Exception is null ? Yes : $"no: {timed}";
        }),
        new("It can follow how fast the service answers: when calls take 10 ms, one that hangs is cut within 0.1 s", "no: TimeoutRejectedException after 5 s", async rig =>
        {
            var pipeline = rig.Build(new() { Time = 5, Follows = true });
            await CallAsync(rig, pipeline, 600, 0.01);
            var timed = await rig.CallAsync(pipeline, 60);
            return rig.IsTimeout(timed.Exception) && timed.Seconds <= 0.1 ? Yes : $"no: {timed}";
        }),
        new("When the service becomes ten times as slow, no call is cut any more after ten seconds", Yes, async rig =>
        {
            var pipeline = rig.Build(new() { Time = 5, Follows = true });
            await CallAsync(rig, pipeline, 600, 0.05);
            var slowSince = rig.Clock.GetTimestamp();
            while (rig.Clock.GetElapsedTime(slowSince) < TimeSpan.FromSeconds(10))
                await rig.CallAsync(pipeline, 0.5);
            var cut = await CallAsync(rig, pipeline, 200, 0.5);
            return cut == 0 ? Yes : $"no: {cut} of 200";
        }),
    ];

    /// <summary>Ten calls a second at most; gives how many were cut.</summary>
    private static async Task<int> CallAsync(TimeoutRig rig, Polly.ResiliencePipeline pipeline, int calls, double seconds)
    {
        var cut = 0;
        for (var i = 0; i < calls; i++)
        {
            if ((await rig.CallAsync(pipeline, seconds)).Exception is not null)
                cut++;
            rig.Clock.Advance(TimeSpan.FromSeconds(Math.Max(0, 0.1 - seconds)));
        }
        return cut;
    }
}
