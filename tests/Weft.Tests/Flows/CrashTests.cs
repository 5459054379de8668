using Weft.Flows;
using Weft.Testing;

namespace Weft.Tests.Flows;

/// <summary>What is delivered after the process ended in the middle, and how the message that ends it is found.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task A_message_that_ends_the_process_each_time_is_dead_after_the_third()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1, 2);
        for (int crash = 1; crash <= 3; crash++)
        {
            var call = await rig.NextAsync();
            // Which of those under way in the first crash were being tried nobody knows.
            Assert.Equal((1, Math.Max(1, crash - 1)), (call.Number, call.Attempt));
            await rig.CrashAsync();
        }
        await rig.AcknowledgeAsync(2);
        var dead = Assert.Single(await rig.ParkedAsync(ParkedState.Dead));
        Assert.Equal((1L, "crash"), (dead.Position, dead.Reason));
        Assert.Equal(2, ParkedNotes.Read(dead.Notes).Tries.Count(t => t.Detail!.StartsWith("It may have been under way", StringComparison.Ordinal)));
        Assert.Contains("3 times in a row", dead.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_limit_is_what_the_subscription_says()
    {
        await using var rig = new FlowRig { SourceSettings = new() { Crashes = 2 } };
        await rig.OpenAsync();
        await rig.AppendAsync("", 1);
        for (int crash = 1; crash <= 2; crash++)
        {
            await rig.NextAsync();
            await rig.CrashAsync();
        }
        await UntilAsync(async () => await rig.ParkedAsync(ParkedState.Dead) is [{ Reason: "crash" }]);
    }

    [Fact]
    public async Task Those_that_were_beside_it_are_tried_alone_and_live()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1);
        await rig.AppendAsync("b", 2);
        await rig.AppendAsync("c", 3);
        for (int crash = 1; crash <= 2; crash++)
        {
            for (int i = 0; i < 3; i++)
                await rig.NextAsync();
            await rig.CrashAsync();
        }
        // From now on each is alone, and 2 is what ends the process.
        await rig.AcknowledgeAsync(1);
        Assert.Equal(2, (await rig.NextAsync()).Number);
        await rig.ParkedAsync(ParkedState.Retry);
        Assert.True(rig.IsIdle);
        await rig.CrashAsync();
        await rig.AcknowledgeAsync(3);
        await UntilAsync(async () => await rig.ParkedAsync(ParkedState.Dead) is [{ Position: 2, Reason: "crash" }]);
        await UntilAsync(async () => await rig.InfoAsync() is { Low: 3, Retrying: 0, Behind: 0 });
    }

    [Fact]
    public async Task One_that_fails_in_between_begins_to_count_anew()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1);
        await rig.NextAsync();
        await rig.CrashAsync();
        (await rig.NextAsync()).Answer(Outcome.Retry("status-500"));
        await UntilAsync(async () => await rig.ParkedAsync(ParkedState.Retry) is [{ Reason: "status-500" }]);
        for (int crash = 1; crash <= 2; crash++)
        {
            rig.Time.Advance(TimeSpan.FromSeconds(100));
            await rig.NextAsync();
            await rig.CrashAsync();
        }
        rig.Time.Advance(TimeSpan.FromSeconds(100));
        await rig.AcknowledgeAsync(1);
        Assert.Empty(await rig.ParkedAsync(ParkedState.Dead));
    }

    [Fact]
    public async Task A_stop_in_order_while_it_is_tried_does_not_count()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1, 2);
        await rig.AppendAsync("", 3);
        for (int i = 0; i < 2; i++)
            await rig.NextAsync();
        await rig.CrashAsync();
        for (int stop = 1; stop <= 5; stop++)
        {
            int[] tried = [(await rig.NextAsync()).Number, (await rig.NextAsync()).Number];
            Assert.Equal([1, 3], tried.Order());
            await rig.CloseAsync();
            await rig.OpenAsync();
        }
        for (int i = 0; i < 3; i++)
            (await rig.NextAsync()).Answer(Outcome.Acknowledged);
        await UntilAsync(async () => await rig.InfoAsync() is { Low: 3, Retrying: 0, Behind: 0, Dead: 0 });
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1100)] // More than are noted as under way.
    public async Task A_message_without_a_key_never_stands_behind_another(int count)
    {
        var parked = new ParkedStates();
        await using var rig = new FlowRig { Between = log => new ParkedStatesLog(log, parked), Settings = new() { Lanes = 64 } };
        await rig.OpenAsync();
        await rig.AppendAsync("", [.. Enumerable.Range(1, count)]);
        await rig.NextAsync();
        await rig.CrashAsync();
        for (int i = 0; i < count; i++)
            (await rig.NextAsync()).Answer(Outcome.Acknowledged);
        await UntilAsync(async () => await rig.InfoAsync() is { Retrying: 0, Behind: 0, Dead: 0 } info && info.Low == count);
        Assert.Contains(ParkedState.Retry, parked.Seen);
        Assert.DoesNotContain(ParkedState.Behind, parked.Seen);
    }

    [Fact]
    public async Task The_order_of_a_key_is_kept()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1, 2, 3, 4);
        await rig.AcknowledgeAsync(1);
        await UntilAsync(async () => (await rig.InfoAsync()).Low == 1);
        await rig.NextAsync();
        await rig.CrashAsync();
        foreach (int number in (int[])[2, 3, 4])
            await rig.AcknowledgeAsync(number);
        await UntilAsync(async () => await rig.InfoAsync() is { Low: 4, Retrying: 0, Behind: 0 });
    }

    [Fact]
    public async Task Without_a_crash_nothing_gets_a_row()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1, 2);
        await rig.NextAsync();
        await rig.CloseAsync();
        await rig.OpenAsync();
        var again = await rig.NextAsync();
        Assert.Equal((1, 1), (again.Number, again.Attempt));
        Assert.Empty(await rig.ParkedAsync(ParkedState.Retry));
    }

    [Fact]
    public async Task A_suspect_that_takes_long_does_not_hold_up_the_others()
    {
        await using var rig = new FlowRig { Settings = new() { Lanes = 64, Retry = new(0, TimeSpan.FromHours(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60)) } };
        await rig.OpenAsync();
        await rig.AppendAsync("", [.. Enumerable.Range(1, 40)]);
        for (int i = 0; i < 40; i++)
            await rig.NextAsync();
        await rig.CrashAsync();
        var calls = new List<FlowRig.Call>();
        for (int i = 0; i < CrashWatch.AtOnce; i++)
            calls.Add(await rig.NextAsync());
        await rig.ParkedAsync(ParkedState.Retry);
        Assert.True(rig.IsIdle);
        rig.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(17, (await rig.NextAsync()).Number);
    }

    private sealed class ParkedStates
    {
        public System.Collections.Concurrent.ConcurrentBag<ParkedState> Seen { get; } = [];
    }

    private sealed class ParkedStatesLog(IMessageLog log, ParkedStates states) : LogWrapper(log)
    {
        public override LogTransaction Begin() => new Watched(this, Inner.Begin(), states);

        private sealed class Watched(LogWrapper log, LogTransaction inner, ParkedStates states) : TransactionWrapper(log, inner)
        {
            public override void Park(ILogSubscription subscription, ParkedMessage message)
            {
                states.Seen.Add(message.State);
                base.Park(subscription, message);
            }
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
            await Task.Yield();
    }
}
