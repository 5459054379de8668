using Weft.CircuitBreaker;
using Weft.Options;

namespace Weft.Tests.CircuitBreaker;

public sealed class BreakerTests
{
    [Fact]
    public void Failures_in_a_row_open_it_and_a_success_between_begins_anew()
    {
        var rig = new BreakerRig();
        rig.Call(Verdict.Failure, 4).Call(Verdict.Success).Call(Verdict.Failure, 4);
        Assert.Equal((BreakerState.Closed, 4), (rig.State, rig.Status.Failures));
        rig.Call(Verdict.Failure);
        Assert.Equal(BreakerState.Open, rig.State);
        rig.Rejects();
        Assert.Equal(1, rig.Status.Rejected);
    }

    [Fact]
    public void What_is_ignored_neither_counts_nor_begins_anew()
    {
        var rig = new BreakerRig().Call(Verdict.Failure, 4).Call(Verdict.Ignore, 10).Call(Verdict.Failure);
        Assert.Equal(BreakerState.Open, rig.State);
    }

    [Fact]
    public void It_tells_each_change_with_its_reason()
    {
        var rig = new BreakerRig(new() { Successes = 2 });
        rig.Opened();
        var opened = Assert.Single(rig.Told);
        Assert.Equal((BreakerState.Closed, BreakerState.Open, BreakerReason.Failures, 5, 1, 2L), (opened.From, opened.To, opened.Reason, opened.Failures, opened.Openings, opened.Generation));
        Assert.Equal(rig.Status.RetryAfter, opened.RetryAfter);
        rig.PassOpen().Call(Verdict.Success, 2);
        Assert.Equal([BreakerReason.Failures, BreakerReason.OpenTimeOver, BreakerReason.ProbesSucceeded], rig.Told.Select(t => t.Reason));
        Assert.Equal([2, 3, 4], rig.Told.Select(t => t.Generation));
    }

    [Fact]
    public void A_listener_that_throws_changes_nothing()
    {
        var rig = new BreakerRig { Throws = new InvalidOperationException() };
        rig.Opened().PassOpen().Call(Verdict.Success, 3);
        Assert.Equal((BreakerState.Closed, 3), (rig.State, rig.Told.Count));
    }

    [Fact]
    public void The_time_of_being_open_lies_within_a_tenth_and_doubles_up_to_the_limit()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var rig = new BreakerRig(seed: seed).Opened();
            foreach (var full in (double[])[5, 10, 20, 40, 60, 60])
            {
                Assert.InRange(rig.Status.RetryAfter.TotalSeconds, 0.9 * full, Math.Min(1.1 * full, 60));
                rig.PassOpen().Call(Verdict.Failure);
            }
        }
    }

    [Fact]
    public void Callers_of_several_breakers_do_not_come_back_at_once() =>
        Assert.Equal(20, Enumerable.Range(0, 20).Select(seed => new BreakerRig(seed: seed).Opened().Status.RetryAfter).Distinct().Count());

    [Fact]
    public void It_rejects_until_the_time_is_over_to_the_tick()
    {
        var rig = new BreakerRig().Opened();
        rig.Time.Advance(rig.Status.RetryAfter - TimeSpan.FromTicks(1));
        rig.Rejects();
        rig.Time.Advance(TimeSpan.FromTicks(1));
        Assert.True(rig.Enter().IsProbe);
    }

    [Fact]
    public void A_healthy_period_lets_the_first_time_hold_again()
    {
        var rig = new BreakerRig(new() { Successes = 1 }).Opened().PassOpen().Call(Verdict.Failure).PassOpen().Call(Verdict.Success);
        Assert.Equal(2, rig.Status.Openings);
        rig.Pass(59.9).Opened();
        Assert.Equal(3, rig.Status.Openings);
        rig.PassOpen().Call(Verdict.Success).Pass(60);
        Assert.Equal(0, rig.Status.Openings);
        Assert.Equal(1, rig.Opened().Status.Openings);
    }

    [Fact]
    public void Half_open_lets_in_as_many_as_there_are_probes()
    {
        var rig = new BreakerRig(new() { Probes = 2 }).Opened().PassOpen();
        var (first, second) = (rig.Enter(), rig.Enter());
        rig.Rejects();
        Assert.Equal(TimeSpan.FromSeconds(1), rig.Status.RetryAfter);
        rig.Exit(first, Verdict.Success);
        Assert.Equal((1, 1), (rig.Status.Probes, rig.Status.Successes));
        rig.Exit(rig.Enter(), Verdict.Success);
        rig.Exit(second, Verdict.Success);
        Assert.Equal(BreakerState.Closed, rig.State);
    }

    [Theory]
    [InlineData(Verdict.Failure, 0, BreakerReason.ProbeFailed)]
    [InlineData(Verdict.Success, 1.5, BreakerReason.ProbeSlow)]
    public void A_probe_that_fails_or_is_slow_opens_it_for_longer(object verdict, double seconds, BreakerReason reason)
    {
        var rig = new BreakerRig(new() { Slow = new() }).Opened().PassOpen().Call(Verdict.Success, 2);
        rig.Call((Verdict)verdict, seconds: seconds);
        Assert.Equal((BreakerState.Open, 2, reason), (rig.State, rig.Status.Openings, rig.Told[^1].Reason));
    }

    [Fact]
    public void A_probe_that_is_ignored_gives_its_place_back_and_changes_nothing()
    {
        var rig = new BreakerRig().Opened().PassOpen().Call(Verdict.Success).Call(Verdict.Ignore, 20);
        Assert.Equal((BreakerState.HalfOpen, 1, 0), (rig.State, rig.Status.Successes, rig.Status.Probes));
    }

    [Fact]
    public void A_probe_that_never_ends_counts_as_failed_as_if_a_timer_had_fired()
    {
        var rig = new BreakerRig().Opened().PassOpen();
        var probe = rig.Enter();
        rig.Pass(9.999);
        rig.Rejects();
        rig.Pass(0.001);
        rig.Rejects();
        Assert.Equal((BreakerState.Open, BreakerReason.ProbeTimeout), (rig.State, rig.Told[^1].Reason));

        // Nobody looked for an hour: the second time of being open, 10 s, is long over.
        var idle = new BreakerRig().Opened().PassOpen();
        var lost = idle.Enter();
        idle.Pass(3600);
        Assert.True(idle.Enter().IsProbe);
        Assert.Equal(2, idle.Status.Openings);
        idle.Exit(lost, Verdict.Success);
        rig.Exit(probe, Verdict.Success);
        Assert.Equal((1L, 1L), (idle.Status.Late, rig.Status.Late));
    }

    [Fact]
    public void A_probe_that_comes_back_overdue_has_failed_already()
    {
        var rig = new BreakerRig(new() { Successes = 1 }).Opened().PassOpen();
        var probe = rig.Enter();
        rig.Pass(10);
        rig.Exit(probe, Verdict.Success);
        Assert.Equal((BreakerState.Open, 2, 1L), (rig.State, rig.Status.Openings, rig.Status.Late));
    }

    [Theory]
    [InlineData(Verdict.Success)]
    [InlineData(Verdict.Failure)]
    public void What_ends_late_changes_nothing(object verdict)
    {
        var rig = new BreakerRig();
        var early = rig.Enter();
        rig.Opened();
        rig.Exit(early, (Verdict)verdict);
        Assert.Equal((BreakerState.Open, 1), (rig.State, rig.Status.Openings));

        early = new BreakerRig().Enter();
        rig.PassOpen();
        var probe = rig.Enter();
        rig.Exit(early, (Verdict)verdict);
        Assert.Equal((BreakerState.HalfOpen, 0), (rig.State, rig.Status.Successes));
        rig.Exit(probe, Verdict.Success);
        Assert.Equal((1, 2L), (rig.Status.Successes, rig.Status.Late));
    }

    [Fact]
    public void A_share_of_failures_within_the_window_opens_it_on_a_failure_only()
    {
        var rig = new BreakerRig(new() { Ratio = 0.5, Minimum = 4 }).Call(Verdict.Failure, 3);
        Assert.Equal((BreakerState.Closed, 3), (rig.State, rig.Status.Failures));
        rig.Call(Verdict.Success); // Three of four failed, but a success opens nothing.
        Assert.Equal(BreakerState.Closed, rig.State);
        rig.Call(Verdict.Failure);
        Assert.Equal((BreakerState.Open, BreakerReason.FailureRatio, 4), (rig.State, rig.Told[^1].Reason, rig.Told[^1].Failures));
    }

    [Fact]
    public void One_failure_is_enough_where_the_minimum_is_one() =>
        Assert.Equal(BreakerState.Open, new BreakerRig(new() { Ratio = 0.01, Minimum = 1 }).Call(Verdict.Failure).State);

    [Fact]
    public void What_left_the_window_does_not_count()
    {
        var rig = new BreakerRig(new() { Ratio = 0.5, Minimum = 4 }).Call(Verdict.Failure, 3).Pass(9.9).Call(Verdict.Success);
        Assert.Equal(3, rig.Status.Failures);
        rig.Pass(0.1);
        Assert.Equal(0, rig.Status.Failures);
        rig.Call(Verdict.Failure, 2);
        Assert.Equal(BreakerState.Closed, rig.State);
        rig.Call(Verdict.Failure);
        Assert.Equal(BreakerState.Open, rig.State);
    }

    [Fact]
    public void Slow_calls_open_it_though_they_succeed()
    {
        var rig = new BreakerRig(new() { Slow = new() { Over = TimeSpan.FromMilliseconds(100), Ratio = 0.75 }, Minimum = 4 });
        rig.Call(Verdict.Success, 5, 0.1).Call(Verdict.Success, 14, 0.2);
        Assert.Equal(BreakerState.Closed, rig.State);
        rig.Call(Verdict.Success, 1, 0.2);
        Assert.Equal((BreakerState.Open, BreakerReason.SlowRatio, 15), (rig.State, rig.Told[^1].Reason, rig.Told[^1].Failures));
    }

    [Fact]
    public void Slow_successes_still_end_a_row_of_failures()
    {
        var rig = new BreakerRig(new() { Slow = new() }).Call(Verdict.Failure, 4).Call(Verdict.Success, 1, 2).Call(Verdict.Failure, 4);
        Assert.Equal(BreakerState.Closed, rig.State);
    }

    [Fact]
    public void Other_options_keep_the_state_and_hold_from_the_next_outcome()
    {
        var rig = new BreakerRig().Call(Verdict.Failure, 3);
        rig.Breaker.Apply(new() { Failures = 2 });
        Assert.Equal(BreakerState.Closed, rig.State);
        rig.Call(Verdict.Failure);
        var left = rig.Status.RetryAfter;
        rig.Breaker.Apply(new() { Failures = 10, Open = TimeSpan.FromMinutes(10), OpenMax = TimeSpan.FromHours(1), Successes = 1 });
        Assert.Equal((BreakerState.Open, left), (rig.State, rig.Status.RetryAfter));
        rig.PassOpen().Call(Verdict.Success);
        Assert.Equal(BreakerState.Closed, rig.State);
    }

    [Fact]
    public void Fewer_probes_hold_at_once_and_more_from_the_next_time()
    {
        var rig = new BreakerRig(new() { Probes = 3, Successes = 100 }).Opened().PassOpen();
        var (first, second) = (rig.Enter(), rig.Enter());
        rig.Breaker.Apply(new() { Probes = 1, Successes = 100 });
        rig.Rejects();
        rig.Exit(first, Verdict.Success);
        rig.Rejects();
        rig.Exit(second, Verdict.Success);
        first = rig.Enter();
        rig.Breaker.Apply(new() { Probes = 9, Successes = 100 });
        rig.Enter();
        rig.Enter();
        rig.Rejects();
    }

    [Fact]
    public void Calls_that_began_without_a_clock_are_not_slow()
    {
        var rig = new BreakerRig();
        Assert.True(rig.Breaker.TryEnter(out var ticket));
        rig.Breaker.Apply(new() { Slow = new() { Ratio = 0.01 }, Minimum = 1 });
        rig.Breaker.Exit(ticket, Verdict.Success);
        Assert.Equal(BreakerState.Closed, rig.State);
    }

    [Fact]
    public void Observing_rejects_nothing_and_tells_what_it_would_do()
    {
        var rig = new BreakerRig(new() { Mode = CircuitBreakerMode.Observe, Successes = 1 }).Opened();
        Assert.Equal((BreakerState.Open, CircuitBreakerMode.Observe), (rig.State, Assert.Single(rig.Told).Mode));
        rig.Call(Verdict.Failure, 7).Call(Verdict.Success, 3);
        Assert.Equal((BreakerState.Open, 10L), (rig.State, rig.Status.Rejected));
        rig.PassOpen();
        var probe = rig.Enter();
        rig.Call(Verdict.Failure); // One too many: it would have been rejected.
        Assert.Equal((BreakerState.HalfOpen, 11L), (rig.State, rig.Status.Rejected));
        rig.Exit(probe, Verdict.Success);
        Assert.Equal(BreakerState.Closed, rig.State);
    }

    [Fact]
    public void Forced_open_rejects_everything_and_forced_closed_nothing()
    {
        var rig = new BreakerRig();
        rig.Breaker.Force(CircuitBreakerMode.ForcedOpen);
        rig.Rejects();
        rig.Pass(3600).Rejects();
        Assert.Equal((BreakerState.Open, CircuitBreakerMode.ForcedOpen, TimeSpan.FromSeconds(5)), (rig.State, rig.Status.Mode, rig.Status.RetryAfter));
        rig.Breaker.Force(CircuitBreakerMode.ForcedClosed);
        rig.Call(Verdict.Failure, 100);
        Assert.Equal((BreakerState.Closed, 0), (rig.State, rig.Status.Failures));
        rig.Breaker.Force(null);
        Assert.Equal((BreakerState.Closed, CircuitBreakerMode.Auto), (rig.State, rig.Status.Mode));
        Assert.All(rig.Told, t => Assert.Equal(BreakerReason.Mode, t.Reason));
        Assert.Equal([BreakerState.Open, BreakerState.Closed], rig.Told.Select(t => t.To));
    }

    [Fact]
    public void Given_back_it_goes_on_where_it_was()
    {
        var rig = new BreakerRig().Call(Verdict.Failure, 4);
        var before = rig.Enter();
        rig.Breaker.Force(CircuitBreakerMode.ForcedClosed);
        rig.Exit(before, Verdict.Success);
        rig.Breaker.Force(null);
        Assert.Equal(4, rig.Status.Failures);
        rig.Call(Verdict.Failure);
        rig.Breaker.Force(CircuitBreakerMode.ForcedClosed);
        rig.Call(Verdict.Success, 10).Breaker.Force(null);
        rig.Rejects();
    }

    [Fact]
    public void A_probe_that_ends_while_forced_gives_its_place_back()
    {
        var rig = new BreakerRig().Opened().PassOpen();
        var probe = rig.Enter();
        rig.Breaker.Force(CircuitBreakerMode.ForcedOpen);
        rig.Exit(probe, Verdict.Failure);
        rig.Pass(100).Breaker.Force(null);
        Assert.Equal((BreakerState.HalfOpen, 0), (rig.State, rig.Status.Probes));
        rig.Call(Verdict.Success, 3);
        Assert.Equal(BreakerState.Closed, rig.State);
    }

    [Fact]
    public void Reset_closes_it_and_forgets()
    {
        var rig = new BreakerRig().Opened().PassOpen().Call(Verdict.Failure);
        rig.Breaker.Reset(rig.Now);
        Assert.Equal((BreakerState.Closed, 0, 0), (rig.State, rig.Status.Failures, rig.Status.Openings));
        Assert.Equal(BreakerReason.Reset, rig.Told[^1].Reason);
        Assert.Equal(1, rig.Opened().Status.Openings);
    }

    [Fact]
    public void Nothing_is_allocated_but_for_changes()
    {
        var rig = new BreakerRig();
        var ratio = new BreakerRig(new() { Ratio = 0.9, Slow = new() });
        var open = new BreakerRig().Opened();
        for (var i = 0; i < 3; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var n = 0; n < 100; n++)
            {
                rig.Breaker.TryEnter(out var ticket);
                rig.Breaker.Exit(ticket, n % 3 == 0 ? Verdict.Failure : Verdict.Success);
                ratio.Breaker.TryEnter(out ticket);
                ratio.Breaker.Exit(ticket, n % 3 == 0 ? Verdict.Failure : Verdict.Success);
                open.Breaker.TryEnter(out _);
                open.Breaker.RetryAfter(open.Now);
            }
            if (i == 2)
                Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }
    }
}
