using Polly;
using Weft.Tests.Behaviours;
using static Weft.Tests.Behaviours.Behaviour<Weft.Tests.Concurrency.BulkheadRig>;

namespace Weft.Tests.Concurrency;

/// <summary>What a bulkhead should do, run against ours and against Polly's own; docs/patterns/bulkhead.md has the table.</summary>
public sealed class BulkheadBehaviours
{
    [Fact]
    public Task Ours_does_all_and_the_page_says_what_the_others_do() => BehaviourTable.AssertAsync(
        "docs/patterns/bulkhead.md", "bulkhead", "Polly 8.9.1", [.. s_places, .. QueueBehaviours.All], () => (BulkheadRig)new WeftBulkheadRig(), () => new PollyBulkheadRig());

    private static readonly Behaviour<BulkheadRig>[] s_places =
    [
        new("As many calls run as may; the next one is rejected at once and not made", Yes, async rig =>
        {
            rig.Build(new() { Max = 2 });
            var calls = new[] { rig.Begin(), rig.Begin(), rig.Begin() };
            return calls.Select(call => call.WasMade).SequenceEqual([true, true, false]) && rig.IsRejection(await calls[2].EndAsync()) ? Yes : "no";
        }),
        new("A place that becomes free is had by the next call", Yes, async rig =>
        {
            rig.Build();
            await rig.Begin().EndAsync();
            return rig.Begin().WasMade ? Yes : "no";
        }),
        new("A call that fails gives its place back", Yes, async rig =>
        {
            rig.Build();
            await rig.Begin().EndAsync(new FormatException());
            return rig.Begin().WasMade ? Yes : "no";
        }),
        new("A rejection is one to Polly, so that strategies further out know that nothing was sent", Yes, async rig =>
        {
            rig.Build();
            rig.Begin();
            return await rig.Begin().EndAsync() is ExecutionRejectedException ? Yes : "no";
        }),
        new("A rejection says how many calls may run", "no: only that there are too many", async rig =>
        {
            rig.Build(new() { Max = 2 });
            rig.Begin();
            rig.Begin();
            return rig.Limit(await rig.Begin().EndAsync()) == 2 ? Yes : "no: only that there are too many";
        }),
        new("A limit of 0 is none, so that it can be switched off by its value", "no: ArgumentException", async rig =>
        {
            rig.Build(new() { Max = 0 });
            return await rig.MostAtOnceAsync(2000) == 2000 ? Yes : "no";
        }),
        new("A lower limit after a reload counts those who are in", "no: forgets them", async rig =>
        {
            rig.Build(new() { Max = 4 });
            var calls = new[] { rig.Begin(), rig.Begin(), rig.Begin() };
            rig.Build(new() { Max = 2 });
            if (rig.Begin().WasMade)
                return "no: forgets them";
            await calls[0].EndAsync();
            await calls[1].EndAsync();
            return rig.Begin().WasMade && !rig.Begin().WasMade ? Yes : "no";
        }),
        new("It can follow how calls end: with 100 allowed and all failing, fewer than 10 run at once in the end", "no: 100, there is no such option", async rig =>
        {
            rig.Build(new() { Max = 100, Follows = true });
            for (var i = 0; i < 100; i++)
            {
                var call = rig.Begin();
                rig.Clock.Advance(TimeSpan.FromMilliseconds(10));
                await call.EndAsync(new FormatException());
            }
            var most = await rig.MostAtOnceAsync(200);
            return most < 10 ? Yes : $"no: {most}, there is no such option";
        }),
    ];
}
