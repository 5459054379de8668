using Weft.Flows;

namespace Weft.Tests.Flows;

public sealed class FlowRunnerTests
{
    private static readonly RedeliverySchedule OneSecond = new(0, TimeSpan.FromHours(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));

    [Fact]
    public async Task Delivers_in_order_of_a_key_and_moves_the_cursor()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1, 2, 3);
        await rig.AcknowledgeAsync(1);
        await rig.AcknowledgeAsync(2);
        await rig.AcknowledgeAsync(3);
        await UntilAsync(async () => (await rig.InfoAsync()).Low == 3);
    }

    [Fact]
    public async Task Starts_the_next_of_a_key_only_after_the_one_before_is_settled()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1, 2);
        await rig.AppendAsync("b", 3);
        var first = await rig.NextAsync();
        var second = await rig.NextAsync();
        Assert.Equal([1, 3], new[] { first.Number, second.Number }.Order());
        Assert.True(rig.IsIdle);
        first.Answer(Outcome.Acknowledged);
        second.Answer(Outcome.Acknowledged);
        await rig.AcknowledgeAsync(2);
    }

    [Fact]
    public async Task A_failed_delivery_holds_its_key_until_it_is_due_and_lets_others_pass()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1, 2, 3);
        (await rig.NextAsync()).Answer(Outcome.Retry("status-500"));
        await UntilAsync(async () => (await rig.ParkedAsync(ParkedState.Behind)).Count == 2);
        await rig.AppendAsync("b", 4);
        await rig.AcknowledgeAsync(4);
        await UntilAsync(async () => (await rig.InfoAsync()).Low == 4);

        rig.Time.Advance(TimeSpan.FromSeconds(2));
        var again = await rig.NextAsync();
        Assert.Equal((1, 2), (again.Number, again.Attempt));
        again.Answer(Outcome.Acknowledged);
        await rig.AcknowledgeAsync(2);
        await rig.AcknowledgeAsync(3);
        await UntilAsync(async () => (await rig.InfoAsync()) is { Retrying: 0, Behind: 0, Dead: 0 });
    }

    [Fact]
    public async Task A_dead_letter_keeps_reason_and_attempts_and_frees_its_key()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1, 2);
        (await rig.NextAsync()).Answer(Outcome.Dead("status-422", "bad total"));
        await rig.AcknowledgeAsync(2);
        var dead = Assert.Single(await rig.ParkedAsync(ParkedState.Dead));
        Assert.Equal((1L, 1, "status-422", "bad total"), (dead.Position, dead.Attempts, dead.Reason, dead.Detail));
        Assert.Equal(1, FlowRig.NumberOf(dead.Message));
    }

    [Fact]
    public async Task Retries_end_as_a_dead_letter_when_their_time_is_over()
    {
        var schedule = new RedeliverySchedule(0, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        await using var rig = await FlowRig.StartAsync(new() { Lanes = 1, Retry = schedule });
        await rig.AppendAsync("a", 1);
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            var call = await rig.NextAsync();
            Assert.Equal(attempt, call.Attempt);
            call.Answer(Outcome.Retry("status-500"));
            await rig.ParkedAsync(ParkedState.Retry);
            if (attempt < 3)
            {
                await UntilAsync(async () => (await rig.ParkedAsync(ParkedState.Retry)).Any(p => p.Attempts == attempt));
                rig.Time.Advance(TimeSpan.FromSeconds(2.4));
            }
        }
        await UntilAsync(async () => (await rig.ParkedAsync(ParkedState.Dead)) is [{ Reason: "retries-exhausted", Attempts: 3 }]);
    }

    [Fact]
    public async Task Tries_at_once_first_when_told_so_and_counts_each_try()
    {
        await using var rig = await FlowRig.StartAsync(new() { Lanes = 1, Retry = OneSecond with { Now = 2 } });
        await rig.AppendAsync("a", 1);
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            var call = await rig.NextAsync();
            Assert.Equal(attempt, call.Attempt);
            call.Throw(new InvalidOperationException("boom"));
        }
        await UntilAsync(async () => (await rig.ParkedAsync(ParkedState.Retry)) is [{ Attempts: 3, Reason: "exception" }]);
        rig.Time.Advance(TimeSpan.FromSeconds(1.3));
        var fourth = await rig.NextAsync();
        Assert.Equal(4, fourth.Attempt);
        fourth.Answer(Outcome.Acknowledged);
    }

    [Fact]
    public async Task A_time_that_the_target_asks_for_is_not_undercut()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1);
        var due = rig.Time.GetUtcNow().AddMinutes(10);
        (await rig.NextAsync()).Answer(Outcome.Retry("status-503", due: due));
        await UntilAsync(async () => (await rig.ParkedAsync(ParkedState.Retry)).Any(p => p.Due == due));
        rig.Time.Advance(TimeSpan.FromMinutes(9.9));
        Assert.True(rig.IsIdle);
        rig.Time.Advance(TimeSpan.FromMinutes(0.2));
        await rig.AcknowledgeAsync(1);
    }

    [Fact]
    public async Task A_target_that_is_down_pauses_the_flow_and_spends_no_attempts()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1);
        await rig.AppendAsync("b", 2);
        var calls = new[] { await rig.NextAsync(), await rig.NextAsync() };
        foreach (var call in calls)
            call.Answer(Outcome.Unavailable("refused"));
        for (int probe = 0; probe < 20; probe++)
        {
            await UntilAsync(() => Task.FromResult(rig.Gate.Reason is not null && rig.IsIdle));
            var call = await ProbeAsync();
            Assert.Equal(1, call.Attempt);
            Assert.True(rig.IsIdle, "only one probe at a time");
            call.Answer(Outcome.Unavailable("refused"));
        }
        (await ProbeAsync()).Answer(Outcome.Acknowledged);

        // Its lane waits at the gate, or heard only now of its own failure and probes after a while.
        var other = await ProbeAsync();
        Assert.Equal(1, other.Attempt);
        other.Answer(Outcome.Acknowledged);
        await UntilAsync(async () => (await rig.InfoAsync()) is { Low: 2, Dead: 0, Retrying: 0 });

        async Task<FlowRig.Call> ProbeAsync()
        {
            while (rig.IsIdle)
            {
                rig.Time.Advance(TimeSpan.FromSeconds(40));
                await Task.Yield();
            }
            return await rig.NextAsync();
        }
    }

    [Fact]
    public async Task An_operator_can_pause_and_resume()
    {
        await using var rig = await FlowRig.StartAsync();
        rig.Gate.Pause();
        await rig.AppendAsync("a", 1);
        Assert.True(rig.IsIdle);
        Assert.Equal("paused by an operator", rig.Gate.Reason);
        rig.Gate.Resume();
        await rig.AcknowledgeAsync(1);
    }

    [Fact]
    public async Task What_was_not_settled_comes_again_after_a_restart_and_in_order()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1, 2, 3);
        await rig.AcknowledgeAsync(1);
        await rig.NextAsync();
        await rig.CloseAsync();
        await rig.OpenAsync();
        await rig.AcknowledgeAsync(2);
        await rig.AcknowledgeAsync(3);
    }

    [Fact]
    public async Task A_blocked_key_stays_blocked_over_a_restart()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1, 2);
        (await rig.NextAsync()).Answer(Outcome.Retry("status-500"));
        await UntilAsync(async () => (await rig.ParkedAsync(ParkedState.Behind)).Count == 1);
        await rig.CloseAsync();
        await rig.OpenAsync();
        await rig.AppendAsync("a", 3);
        await UntilAsync(async () => (await rig.ParkedAsync(ParkedState.Behind)).Count == 2);
        Assert.True(rig.IsIdle);
        rig.Time.Advance(TimeSpan.FromSeconds(2));
        await rig.AcknowledgeAsync(1);
        await rig.AcknowledgeAsync(2);
        await rig.AcknowledgeAsync(3);
    }

    [Fact]
    public async Task A_replayed_dead_letter_comes_again_with_its_attempts_at_zero()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1);
        (await rig.NextAsync()).Answer(Outcome.Dead("status-400"));
        await UntilAsync(async () => (await rig.ParkedAsync(ParkedState.Dead)).Count == 1);
        rig.Source.Replay((await rig.ParkedAsync(ParkedState.Dead))[0]);
        var again = await rig.NextAsync();
        Assert.Equal((1, 1), (again.Number, again.Attempt));
        again.Answer(Outcome.Acknowledged);
        await UntilAsync(async () => (await rig.InfoAsync()) is { Dead: 0, Retrying: 0, Behind: 0 });
    }

    [Fact]
    public async Task While_the_store_takes_no_verdicts_they_are_kept_and_nothing_more_is_read()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1);
        var call = await rig.NextAsync();
        int failures = 0;
        rig.Log.BeforeCommit = _ => failures++ < 3 ? throw new LogException(new(3001), "disk full") : default;
        call.Answer(Outcome.Acknowledged);
        await UntilAsync(() =>
        {
            rig.Time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(failures > 3);
        });
        await UntilAsync(async () => (await rig.InfoAsync()).Low == 1);
    }

    [Fact]
    public async Task A_stop_after_the_store_failed_asks_it_once_more()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1);
        var call = await rig.NextAsync();
        int failures = 0;
        rig.Log.BeforeCommit = _ => failures++ < 1 ? throw new LogException(new(3001), "disk full") : default;
        call.Answer(Outcome.Acknowledged);
        await UntilAsync(() => Task.FromResult(failures > 0));
        await rig.CloseAsync();
        Assert.Equal(1, Assert.Single(await rig.Log.ListSubscriptionsAsync(TestContext.Current.CancellationToken)).Low);
        await rig.OpenAsync();
    }

    // Waits for what the flow does on its own threads: looks again whenever others had a chance to run.
    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
