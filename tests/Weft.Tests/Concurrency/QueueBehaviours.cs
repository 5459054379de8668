using Weft.Tests.Behaviours;
using static Weft.Tests.Behaviours.Behaviour<Weft.Tests.Concurrency.BulkheadRig>;

namespace Weft.Tests.Concurrency;

/// <summary>Who waits for a place.</summary>
internal static class QueueBehaviours
{
    public static readonly Behaviour<BulkheadRig>[] All =
    [
        new("With a queue, a call waits for a place and has it when one becomes free", Yes, async rig =>
        {
            rig.Build(new() { Queue = 1 });
            var (first, second) = (rig.Begin(), rig.Begin());
            if (second.WasMade || second.IsOver)
                return "no: does not wait";
            await first.EndAsync();
            await BulkheadRig.SoonAsync(second.Made.Task);
            return Yes;
        }),
        new("Calls that wait come in in the order in which they came", Yes, async rig =>
        {
            rig.Build(new() { Queue = 10 });
            var calls = Enumerable.Range(0, 10).Select(_ => rig.Begin()).ToList();
            for (var i = 1; i < calls.Count; i++)
            {
                await calls[i - 1].EndAsync();
                await BulkheadRig.SoonAsync(calls[i].Made.Task);
                if (calls.Skip(i + 1).Any(later => later.WasMade))
                    return $"no: another before call {i}";
            }
            return Yes;
        }),
        new("When the queue is full as well, a call is rejected at once", Yes, async rig =>
        {
            rig.Build(new() { Queue = 1 });
            rig.Begin();
            rig.Begin();
            return rig.IsRejection(await rig.Begin().EndAsync()) ? Yes : "no";
        }),
        new("A caller that goes away while it waits gives its place in the queue to the next", Yes, async rig =>
        {
            rig.Build(new() { Queue = 1 });
            var (first, second) = (rig.Begin(), rig.Begin());
            await second.Cancellation.CancelAsync();
            if (await second.EndAsync() is not OperationCanceledException)
                return "no: gets no cancellation";
            var third = rig.Begin();
            await first.EndAsync();
            await BulkheadRig.SoonAsync(third.Made.Task);
            return Yes;
        }),
        new("A call whose time is over while it waits is told that it was the bulkhead", "no: TimeoutRejectedException", async rig =>
        {
            rig.Build(new() { Queue = 1, Wait = 1 });
            rig.Begin();
            var second = rig.Begin();
            rig.Clock.Advance(TimeSpan.FromSeconds(1));
            var outcome = await second.EndAsync();
            return rig.IsRejection(outcome) ? Yes : $"no: {outcome!.GetType().Name}";
        }),
        new("A call that has no time left does not wait", "no: waits without a limit", async rig =>
        {
            rig.Build(new() { Queue = 1, Wait = 0 });
            rig.Begin();
            var second = rig.Begin();
            rig.Clock.Advance(TimeSpan.FromHours(1));
            return !second.IsOver ? "no: waits without a limit" : rig.IsRejection(await second.EndAsync()) ? Yes : "no";
        }),
        new("Calls that wait go on waiting over a reload, and come in by the new limit", "no: only when the old limit has a place", async rig =>
        {
            rig.Build(new() { Queue = 2 });
            rig.Begin();
            var (second, third) = (rig.Begin(), rig.Begin());
            rig.Build(new() { Max = 3, Queue = 2 });
            for (var i = 0; i < 100 && !(second.WasMade && third.WasMade); i++)
                await Task.Yield();
            return second.WasMade && third.WasMade ? Yes : second.IsOver ? "no: are rejected" : "no: only when the old limit has a place";
        }),
    ];
}
