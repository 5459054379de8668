using Weft.Tests.Behaviours;
using static Weft.Tests.Behaviours.Behaviour<Weft.Tests.Retry.RetryRig>;

namespace Weft.Tests.Retry;

/// <summary>What is repeated, and what the caller gets.</summary>
internal static class RepeatBehaviours
{
    public static readonly Behaviour<RetryRig>[] All =
    [
        new("A failure is repeated until an attempt succeeds", Yes, async rig =>
        {
            var called = await rig.CallAsync(rig.Build(), attempt => new(attempt < 3 ? 503 : 200));
            return called.Answer is { Status: 200 } && rig.Attempts == 3 ? Yes : $"no: {called}";
        }),
        new("After the last repeat the caller gets the last answer", Yes, async rig =>
        {
            Answer? last = null;
            var called = await rig.CallAsync(rig.Build(), _ => last = new(503));
            return rig.Attempts == 4 && ReferenceEquals(called.Answer, last) ? Yes : $"no: {called}";
        }),
        new("After the last repeat the caller gets the last exception", Yes, async rig =>
        {
            var called = await rig.CallAsync(rig.Build(), _ => throw new TimeZoneNotFoundException());
            return called.Exception is TimeZoneNotFoundException ? Yes : $"no: {called}";
        }),
        new("Whether to repeat is asked after the last attempt too", Yes, async rig =>
        {
            var asked = 0;
            await rig.FailAsync(rig.Build(new() { ShouldHandle = _ => ++asked > 0 }));
            return asked == 4 ? Yes : $"no: asked {asked} times in 4 attempts";
        }),
        new("A predicate that throws ends the call with what it threw", Yes, async rig =>
        {
            var called = await rig.FailAsync(rig.Build(new() { ShouldHandle = _ => throw new FormatException() }));
            return called.Exception is FormatException && rig.Attempts == 1 ? Yes : $"no: {called}";
        }),
        new("A callback that throws ends the call with what it threw", Yes, async rig =>
        {
            var called = await rig.FailAsync(rig.Build(new() { Repeating = _ => throw new FormatException() }));
            return called.Exception is FormatException && rig.Attempts == 1 ? Yes : $"no: {called}";
        }),
        new("Answers that nobody gets are disposed, and the one that the caller gets is not", Yes, async rig =>
        {
            var answers = new List<Answer>();
            await rig.CallAsync(rig.Build(), _ =>
            {
                answers.Add(new(503));
                return answers[^1];
            });
            return answers.Select(answer => answer.IsDisposed).SequenceEqual([true, true, true, false]) ? Yes : "no";
        }),
        new("An answer that throws when it is disposed does not keep the next attempt from being made", Yes, async rig =>
        {
            var called = await rig.CallAsync(rig.Build(), attempt => new(attempt < 2 ? 503 : 200) { ThrowsAtDisposal = true });
            return called.Answer is { Status: 200 } ? Yes : $"no: {called}";
        }),
        new("A call whose caller went away during an attempt is not repeated", Yes, async rig =>
        {
            using var caller = new CancellationTokenSource();
            await rig.CallAsync(rig.Build(), _ =>
            {
                caller.Cancel();
                return new(503);
            }, caller.Token);
            return rig.Attempts == 1 ? Yes : $"no: {rig.Attempts} attempts";
        }),
        new("It can be told to repeat nothing", "no: ValidationException", async rig =>
        {
            await rig.FailAsync(rig.Build(new() { Max = 0 }));
            return rig.Attempts == 1 ? Yes : $"no: {rig.Attempts} attempts";
        }),
        new("More than 20 repeats are refused when it is built, with what is allowed", "no: accepted", rig =>
        {
            try
            {
                rig.Build(new() { Max = 21 });
                return Task.FromResult("no: accepted");
            }
            catch (Exception refused)
            {
                return Task.FromResult(refused.Message.Contains("0 to 20", StringComparison.Ordinal) ? Yes : $"no: {refused.GetType().Name}");
            }
        }),
    ];
}
