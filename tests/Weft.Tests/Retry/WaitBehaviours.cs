using Weft.Tests.Behaviours;
using static Weft.Tests.Behaviours.Behaviour<Weft.Tests.Retry.RetryRig>;

namespace Weft.Tests.Retry;

/// <summary>How long it waits, and when it does not.</summary>
internal static class WaitBehaviours
{
    public static readonly Behaviour<RetryRig>[] All =
    [
        new("Each wait is twice as long as the one before, up to the longest", Yes, async rig =>
        {
            var waits = new List<double>();
            await rig.FailAsync(rig.Build(new() { Max = 6, Repeating = waits.Add }));
            return waits.SequenceEqual([0.1, 0.2, 0.4, 0.8, 1.6, 2]) ? Yes : $"no: {string.Join(", ", waits)}";
        }),
        new("With chance in it, no wait is longer than the longest either", Yes, async rig =>
        {
            var waits = new List<double>();
            var pipeline = rig.Build(new() { Max = 8, IsRandom = true, Repeating = waits.Add });
            for (var i = 0; i < 50; i++)
                await rig.FailAsync(pipeline);
            return waits.Max() <= 2 ? Yes : $"no: {waits.Max():0.0} s";
        }),
        new("The first wait lies anywhere from nothing to the base, so that callers do not come back together", "no: up to 1.4 times the base", async rig =>
        {
            var waits = new List<double>();
            var pipeline = rig.Build(new() { Max = 1, Base = 1, IsRandom = true, Repeating = waits.Add });
            for (var i = 0; i < 400; i++)
                await rig.FailAsync(pipeline);
            return waits.Max() > 1 ? $"no: up to {waits.Max():0.0} times the base" : waits.Min() < 0.05 && waits.Max() > 0.95 ? Yes : "no: in a part of it";
        }),
        new("A service that asks to be left alone for 5 s is left alone for 5 s", Yes, async rig =>
        {
            var called = await rig.CallAsync(rig.Build(), attempt => attempt == 1 ? new(503, TimeSpan.FromSeconds(5)) : new(200));
            return called is { Answer.Status: 200, Seconds: 5 } ? Yes : $"no: {called}";
        }),
        new("When a service asks for 60 s and the caller waits for 3 s more, he gets its answer at once", "no: TimeoutRejectedException after 3 s", async rig =>
        {
            var called = await rig.CallAsync(rig.Build(new() { Total = 3 }), _ => new(503, TimeSpan.FromSeconds(60)));
            return called is { Answer.Status: 503, Seconds: 0 } ? Yes : $"no: {called}";
        }),
        new("A wait of our own that the caller does not have is not begun: he gets the last answer at once", "no: TimeoutRejectedException after 3 s", async rig =>
        {
            var called = await rig.FailAsync(rig.Build(new() { Total = 3, Base = 10, Cap = 10 }));
            return called is { Answer.Status: 503, Seconds: 0 } ? Yes : $"no: {called}";
        }),
        new("A service that asks to be left alone for 114 hours is not waited for", "no: 200 after 114 hours, whatever MaxDelay says", async rig =>
        {
            var called = await rig.CallAsync(rig.Build(), attempt => attempt == 1 ? new(503, TimeSpan.FromHours(114)) : new(200));
            return called is { Answer.Status: 503, Seconds: 0 } ? Yes : $"no: {called}, whatever MaxDelay says";
        }),
        new("When a service asks for less than our own wait, the longer one holds", "no: repeats after 0.001 s", async rig =>
        {
            var called = await rig.CallAsync(rig.Build(new() { Base = 1 }), attempt => attempt == 1 ? new(503, TimeSpan.FromMilliseconds(1)) : new(200));
            return called.Seconds >= 1 ? Yes : $"no: repeats after {called.Seconds:0.###} s";
        }),
        new("A caller that goes away during a wait gets its cancellation at once", Yes, async rig =>
        {
            using var caller = new CancellationTokenSource(TimeSpan.FromSeconds(1), rig.Clock);
            var called = await rig.CallAsync(rig.Build(new() { Base = 2 }), _ => new(503), caller.Token);
            return called is { Exception: OperationCanceledException, Seconds: 1 } && rig.Attempts == 1 ? Yes : $"no: {called}";
        }),
    ];
}
