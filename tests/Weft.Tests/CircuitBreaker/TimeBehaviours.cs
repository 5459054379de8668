using Weft.Tests.Behaviours;
using static Weft.Tests.Behaviours.Behaviour<Weft.Tests.CircuitBreaker.BehaviourRig>;

namespace Weft.Tests.CircuitBreaker;

/// <summary>How long it stays open.</summary>
internal static class TimeBehaviours
{
    public static readonly Behaviour<BehaviourRig>[] All =
    [
        new("It does not stay open longer when the wall clock is set back by an hour", "no: rejects still after 30 minutes", async rig =>
        {
            rig.Build();
            await rig.FailAsync(2);
            rig.Clock.Step = TimeSpan.FromHours(-1);
            rig.Pass(30 * 60);
            return await rig.RejectsAsync() ? "no: rejects still after 30 minutes" : Yes;
        }),
        new("It does not end being open when the wall clock is set forward by an hour", "no: lets calls in", async rig =>
        {
            rig.Build();
            await rig.FailAsync(2);
            rig.Clock.Step = TimeSpan.FromHours(1);
            return await rig.RejectsAsync() ? Yes : "no: lets calls in";
        }),
        new("The time of being open grows while nothing gets better", "no: the same each time, unless a generator is written", async rig =>
        {
            rig.Build(new() { OpenMax = 60 });
            await rig.FailAsync(2);
            await rig.OpenForAsync();
            var (second, third) = (await rig.OpenForAsync(), await rig.OpenForAsync());
            return second is > 8.5 and < 11.5 && third is > 17.5 and < 22.5 ? Yes : "no: the same each time, unless a generator is written";
        }),
        new("It never stays open longer than the longest time", Yes, async rig =>
        {
            rig.Build(new() { OpenMax = 12 });
            await rig.FailAsync(2);
            for (var i = 0; i < 10; i++)
            {
                if (await rig.OpenForAsync() > 12.1)
                    return "no";
            }
            return Yes;
        }),
        new("Times of being open differ a little, so that callers do not come back all at once", "no: all the same, unless a generator is written", async rig =>
        {
            rig.Build();
            await rig.FailAsync(2);
            var times = new HashSet<double>();
            for (var i = 0; i < 10; i++)
                times.Add(await rig.OpenForAsync());
            return times.Count > 1 ? Yes : "no: all the same, unless a generator is written";
        }),
        new("It can stay open for less than half a second", "no: ValidationException", async rig =>
        {
            rig.Build(new() { Open = 0.1 });
            await rig.FailAsync(2);
            rig.Pass(0.11);
            return await rig.RejectsAsync() ? "no" : Yes;
        }),
    ];
}
