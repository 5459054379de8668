using Weft.Tests.Behaviours;
using static Weft.Tests.Behaviours.Behaviour<Weft.Tests.Timeouts.TimeoutRig>;

namespace Weft.Tests.Timeouts;

/// <summary>One time for all that is done for a caller.</summary>
internal static class DeadlineBehaviours
{
    public static readonly Behaviour<TimeoutRig>[] All =
    [
        new("All attempts together take no longer than the whole may", Yes, async rig =>
        {
            var timed = await rig.CallAsync(rig.Build(new() { Total = 2.5, Repeats = 5 }), 60);
            return rig.IsTimeout(timed.Exception) && timed.Seconds == 2.5 ? Yes : $"no: {timed}";
        }),
        new("The end of the whole and that of an attempt are errors of different types", "no: TimeoutRejectedException for both", async rig =>
        {
            var attempt = await rig.CallAsync(rig.Build(new() { Total = 5 }), 60);
            var whole = await rig.CallAsync(rig.Build(new() { Total = 0.5 }), 60);
            var type = attempt.Exception!.GetType();
            return type != whole.Exception!.GetType() ? Yes : $"no: {type.Name} for both";
        }),
        new("The error at the end of the whole names what ran out of time", "no: only how long it took", async rig =>
        {
            var timed = await rig.CallAsync(rig.Build(new() { Total = 0.5 }), 60);
            return timed.Exception!.Message.Contains("'orders'", StringComparison.Ordinal) ? Yes : "no: only how long it took";
        }),
        new("When the caller waits for less, that holds", Yes, async rig =>
        {
            var timed = await rig.CallAsync(rig.Build(), 60, left: 0.25);
            return rig.IsTimeout(timed.Exception) && timed.Seconds == 0.25 ? Yes : $"no: {timed}";
        }),
        new("When the caller waits no longer, nothing is begun", "no: runs without a timeout", rig => RefusesAsync(rig, 0)),
        new("When his time was over 3 ms ago, nothing is begun", "no: runs without a timeout", rig => RefusesAsync(rig, -0.003)),
        new("When he waits for less than the answer needs on its way, nothing is begun", "no: is begun", async rig =>
        {
            var timed = await rig.CallAsync(rig.Build(new() { Total = 5, Margin = 0.05 }), 0.01, left: 0.02);
            return timed.WasMade ? "no: is begun" : Yes;
        }),
        new("A pipeline within another takes no longer than the outer one", Yes, async rig =>
        {
            var (outer, inner) = (rig.Build(new() { Total = 1, Time = 5 }), rig.Build(new() { Total = 5, Time = 5 }));
            var timed = await rig.CallAsync(outer, async token => await inner.ExecuteAsync(async t => await rig.PassAsync(60, t), token));
            return rig.IsTimeout(timed.Exception) && timed.Seconds == 1 ? Yes : $"no: {timed}";
        }),
        new("So it does when nobody passed the token on to it", "no: TimeoutRejectedException after 5 s", async rig =>
        {
            var (outer, inner) = (rig.Build(new() { Total = 1, Time = 5 }), rig.Build(new() { Total = 5, Time = 5 }));
            var timed = await rig.CallAsync(outer, async _ => await inner.ExecuteAsync(async t => await rig.PassAsync(60, t), CancellationToken.None));
            return rig.IsTimeout(timed.Exception) && timed.Seconds == 1 ? Yes : $"no: {timed}";
        }),
        new("A second call whose first one used up the time is not made", "no: is made", async rig =>
        {
            var (outer, inner) = (rig.Build(new() { Total = 1, Time = 5 }), rig.Build(new() { Total = 5, Time = 5 }));
            var wasMade = false;
            await rig.CallAsync(outer, async _ =>
            {
                await rig.PassAsync(2, default); // Does not heed its token, as work over a driver without tokens.
                await inner.ExecuteAsync(t => new ValueTask(Task.FromResult(wasMade = true)), CancellationToken.None);
            });
            return wasMade ? "no: is made" : Yes;
        }),
        new("The work can ask how long its caller waits", "no: nobody knows", async rig =>
        {
            TimeSpan? left = null;
            await rig.CallAsync(rig.Build(new() { Total = 5, Time = 4 }), async token =>
            {
                await rig.PassAsync(2, token);
                left = rig.AskForTimeLeft();
            });
            return left == TimeSpan.FromSeconds(3) ? Yes : left is null ? "no: nobody knows" : $"no: {left}";
        }),
    ];

    private static async Task<string> RefusesAsync(TimeoutRig rig, double left)
    {
        var timed = await rig.CallAsync(rig.Build(), 3600, left);
        return timed is { WasMade: true, Exception: null } ? "no: runs without a timeout" : rig.IsTimeout(timed.Exception) && !timed.WasMade ? Yes : $"no: {timed}";
    }
}
