using Weft.Flows;

namespace Weft.Tests.Flows;

/// <summary>Dead letters that hold up their key.</summary>
public sealed class HoldTests
{
    [Fact]
    public async Task What_follows_waits_until_the_dead_letter_is_discarded()
    {
        await using var rig = await HoldingAsync();
        await rig.AppendAsync("a", 1, 2, 3);
        await rig.AppendAsync("b", 4);
        await KillAsync(rig, 1);
        await UntilAsync(async () => await rig.InfoAsync() is { Dead: 1, Behind: 2, Low: 4 });
        Assert.True(rig.IsIdle);
        rig.Source.Discard((await rig.ParkedAsync(ParkedState.Dead))[0]);
        await rig.AcknowledgeAsync(2);
        await rig.AcknowledgeAsync(3);
        await UntilAsync(async () => await rig.InfoAsync() is { Dead: 0, Behind: 0, Retrying: 0 });
    }

    [Fact]
    public async Task A_replay_comes_before_what_waited()
    {
        await using var rig = await HoldingAsync();
        await rig.AppendAsync("a", 1, 2, 3);
        await rig.AppendAsync("b", 4);
        await KillAsync(rig, 1);
        await UntilAsync(async () => await rig.InfoAsync() is { Dead: 1, Behind: 2 });
        rig.Source.Replay((await rig.ParkedAsync(ParkedState.Dead))[0]);
        foreach (int number in (int[])[1, 2, 3])
            await rig.AcknowledgeAsync(number);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_holds_after_a_restart_too(bool crash)
    {
        await using var rig = await HoldingAsync();
        await rig.AppendAsync("a", 1, 2);
        await rig.AppendAsync("b", 4);
        await KillAsync(rig, 1);
        await UntilAsync(async () => await rig.InfoAsync() is { Dead: 1, Behind: 1, Low: 3 });
        if (crash)
        {
            await rig.CrashAsync();
        }
        else
        {
            await rig.CloseAsync();
            await rig.OpenAsync();
        }
        await rig.AppendAsync("a", 5);
        await rig.AppendAsync("b", 6);
        await rig.AcknowledgeAsync(6);
        await UntilAsync(async () => await rig.InfoAsync() is { Dead: 1, Behind: 2, Low: 5 });
        Assert.True(rig.IsIdle);
        rig.Source.Replay((await rig.ParkedAsync(ParkedState.Dead))[0]);
        foreach (int number in (int[])[1, 2, 5])
            await rig.AcknowledgeAsync(number);
    }

    [Fact]
    public async Task A_dead_letter_without_a_key_holds_nothing()
    {
        await using var rig = await HoldingAsync();
        await rig.AppendAsync("", 1);
        (await rig.NextAsync()).Answer(Outcome.Dead("status-422"));
        await UntilAsync(async () => await rig.InfoAsync() is { Dead: 1 });
        await rig.AppendAsync("", 2);
        await rig.AcknowledgeAsync(2);
    }

    // Key a has a dead letter, and what came of other keys meanwhile is done.
    private static async Task KillAsync(FlowRig rig, int number)
    {
        for (int i = 0; i < 2; i++)
        {
            var call = await rig.NextAsync();
            call.Answer(call.Number == number ? Outcome.Dead("status-422") : Outcome.Acknowledged);
        }
    }

    private static async Task<FlowRig> HoldingAsync()
    {
        var rig = new FlowRig { SourceSettings = new() { Holds = true } };
        await rig.OpenAsync();
        return rig;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
            await Task.Yield();
    }
}
