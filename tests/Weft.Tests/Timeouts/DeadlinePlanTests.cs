using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Weft.Timeouts;

namespace Weft.Tests.Timeouts;

public sealed class DeadlinePlanTests
{
    private static readonly DeadlinePlan s_plan = new DeadlinePlan()
        .Then(new DeadlineStep("user") { Minimum = Ms(50) })
        .Then(new DeadlineStep("orders") { Minimum = Ms(100), Cap = Ms(400) }, new DeadlineStep("prices") { Minimum = Ms(200) }, new DeadlineStep("ads") { Minimum = Ms(900), IsOptional = true })
        .Then(new DeadlineStep("total") { Minimum = Ms(30) });

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Each_step_leaves_the_later_ones_what_they_need()
    {
        var deadline = Deadline.After(Ms(800), _time);
        Assert.Equal(Ms(800 - 200 - 30), s_plan.TimeFor("user", deadline));
        Assert.Equal(Ms(400), s_plan.TimeFor("orders", deadline));
        Assert.Equal(Ms(770), s_plan.TimeFor("prices", deadline));
        Assert.Equal(Ms(770), s_plan.TimeFor("ads", deadline));
        Assert.Equal(Ms(800), s_plan.TimeFor("total", deadline));
        _time.Advance(Ms(790));
        Assert.Equal(TimeSpan.Zero, s_plan.TimeFor("user", deadline));
        Assert.Equal(Ms(10), s_plan.TimeFor("total", deadline));
    }

    [Fact]
    public async Task A_slow_step_does_not_take_the_time_of_the_later_ones()
    {
        var deadline = Deadline.After(Ms(800), _time);
        var slow = s_plan.RunAsync("user", deadline, ForEverAsync);
        _time.Advance(Ms(570));
        var error = await Assert.ThrowsAsync<DeadlineExceededException>(async () => await slow);
        Assert.Equal(("user", Ms(230)), (error.Step, error.Left));
        Assert.Equal(7, await s_plan.RunAsync("prices", deadline, _ => ValueTask.FromResult(7)));
        _time.Advance(Ms(225));
        error = await Assert.ThrowsAsync<DeadlineExceededException>(async () => await s_plan.RunAsync("orders", deadline, ForEverAsync));
        Assert.Equal("'orders' was not begun: 5 ms of the deadline were left, of which 30 ms are kept back. Give it more time, or the steps before it less.", error.Message);
    }

    [Fact]
    public async Task Side_by_side_one_that_must_succeed_ends_the_others()
    {
        var deadline = Deadline.After(Ms(800), _time);
        var pricesEnded = false;
        var run = s_plan.RunTogetherAsync(deadline,
        [
            ("orders", ForEverAsync),
            ("prices", async token =>
            {
                await using var _ = token.UnsafeRegister(_ => pricesEnded = true, null);
                await ForEverAsync(token);
            }),
            ("ads", _ => throw new InvalidOperationException("nobody minds")),
        ]);
        Assert.False(run.IsCompleted);
        _time.Advance(Ms(400));
        var error = await Assert.ThrowsAsync<DeadlineExceededException>(async () => await run);
        Assert.Equal(("orders", true), (error.Step, pricesEnded));
    }

    [Fact]
    public async Task Side_by_side_the_caller_may_give_up()
    {
        using var caller = new CancellationTokenSource();
        var run = s_plan.RunTogetherAsync(Deadline.After(Ms(800), _time), [("orders", ForEverAsync), ("ads", ForEverAsync)], caller.Token);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await run);
    }

    [Fact]
    public void Steps_in_turn_never_exceed_the_whole_and_keep_their_minimums() =>
        Gen.Select(Gen.Int[1, 2000], Gen.Select(Gen.Int[0, 200], Gen.Int[0, 1000], Gen.Double[0, 1.2]).Array[1, 8]).Sample((total, steps) =>
        {
            var (plan, time) = (new DeadlinePlan(), new FakeTimeProvider());
            for (var i = 0; i < steps.Length; i++)
                plan = plan.Then(new DeadlineStep($"{i}") { Minimum = Ms(steps[i].Item1), Cap = Ms(steps[i].Item1 + steps[i].Item2 + 1) });
            var deadline = Deadline.After(Ms(total), time);
            var fits = steps.Sum(s => s.Item1) <= total;
            var (start, used) = (time.GetTimestamp(), TimeSpan.Zero);
            for (var i = 0; i < steps.Length; i++)
            {
                var allowed = plan.TimeFor($"{i}", deadline);
                Assert.True(!fits || allowed >= Ms(steps[i].Item1), $"{i}: {allowed}");
                time.Advance(allowed * Math.Min(1, steps[i].Item3)); // What heeds its token takes no longer.
                used = time.GetElapsedTime(start);
            }
            Assert.True(used <= Ms(total), $"{used}");
        });

    [Fact]
    public void Says_what_is_wrong_with_a_plan()
    {
        Says("Then takes one step", () => s_plan.Then());
        Says("has a step 'user' already", () => s_plan.Then(new DeadlineStep("user")));
        Says("cap of the step 'a' is 00:00:00", () => s_plan.Then(new DeadlineStep("a") { Cap = TimeSpan.Zero }));
        Says("minimum of the step 'a' is -00:00:01", () => s_plan.Then(new DeadlineStep("a") { Minimum = TimeSpan.FromSeconds(-1) }));
        Says("more than its cap", () => s_plan.Then(new DeadlineStep("a") { Minimum = Ms(2), Cap = Ms(1) }));
        Says("no step 'usr'. It has: user", () => s_plan.TimeFor("usr", Deadline.None));

        static void Says(string text, Func<object> make) => Assert.Contains(text, Assert.Throws<ArgumentException>(make).Message, StringComparison.Ordinal);
    }

    private async ValueTask ForEverAsync(CancellationToken token) => await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, _time, token);

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
