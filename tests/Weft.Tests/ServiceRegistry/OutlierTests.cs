using Weft.CircuitBreaker;
using Weft.Options;

namespace Weft.Tests.ServiceRegistry;

public sealed class OutlierTests
{
    private static readonly OutlierOptions s_outlier = new() { Consecutive5xx = 3, Eject = TimeSpan.FromSeconds(10) };

    [Fact]
    public void One_whose_calls_fail_is_out_for_a_time_and_comes_back()
    {
        var rig = new ServiceRig(3, outlier: s_outlier);
        rig.Fail(0, 2);
        Assert.Equal("ready", rig.StateOf(0));
        rig.Fail(0);
        Assert.Equal("ejected", rig.StateOf(0));
        Assert.Equal([0, 15, 15], rig.Count(30));
        rig.Advance(9.9);
        Assert.Equal(0, rig.Count(30)[0]);
        rig.Advance(0.2);
        Assert.Equal([10, 10, 10], rig.Count(30));
        Assert.Equal(["7010 up i0", "7011 up i0"], rig.Told);
    }

    [Fact]
    public void A_success_ends_a_row_and_a_caller_that_goes_away_says_nothing()
    {
        var rig = new ServiceRig(3, outlier: s_outlier);
        rig.Fail(0, 2);
        rig.Call(0, Verdict.Success);
        rig.Fail(0, 2);
        rig.Call(0, Verdict.Ignore, 100);
        Assert.Equal("ready", rig.StateOf(0));
        rig.Fail(0);
        Assert.Equal("ejected", rig.StateOf(0));
    }

    [Fact]
    public void After_the_return_the_first_failure_is_enough_until_a_call_has_succeeded()
    {
        var rig = new ServiceRig(3, outlier: s_outlier);
        rig.Fail(0, 3);
        rig.Advance(10);
        rig.Fail(0);
        Assert.Equal("ejected", rig.StateOf(0));
        rig.Advance(20);
        rig.Call(0, Verdict.Success);
        rig.Fail(0);
        Assert.Equal("ready", rig.StateOf(0));
    }

    [Fact]
    public void The_time_grows_with_each_ejection_up_to_five_minutes_and_wears_off_in_good_times()
    {
        var rig = new ServiceRig(3, outlier: s_outlier);
        for (var i = 1; i <= 40; i++)
        {
            rig.Fail(0, 3);
            var left = rig.Service.StatusOf(rig.Service.Members[0], rig.Now).ReturnsIn!.Value;
            Assert.Equal(Math.Min(300, 10 * i), left.TotalSeconds);
            rig.Time.Advance(left);
        }
        // Each ten seconds in which it stays in take one off.
        rig.Advance(370);
        rig.Fail(0, 3);
        Assert.Equal(40, rig.Service.StatusOf(rig.Service.Members[0], rig.Now).ReturnsIn!.Value.TotalSeconds);
    }

    [Theory]
    [InlineData(1, 0.5, 0)]      // The only one is left to its breaker.
    [InlineData(2, 0.1, 1)]
    [InlineData(2, 1, 2)]
    [InlineData(5, 0.5, 2)]
    [InlineData(10, 0.3, 3)]
    public void No_more_than_the_share_are_out_but_one_may_always_be(int instances, double share, int ejected)
    {
        var rig = new ServiceRig(instances, outlier: s_outlier with { MaxEjected = share });
        for (var i = 0; i < instances; i++)
            rig.Fail(i, 3);
        Assert.Equal(ejected, Enumerable.Range(0, instances).Count(i => rig.StateOf(i) == "ejected"));
        Assert.Equal(instances > ejected && instances > 1, rig.Told.Any(t => t.StartsWith("7012", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_call_that_began_before_says_nothing_about_the_time_after()
    {
        var rig = new ServiceRig(3, outlier: s_outlier);
        var before = rig.Now;
        rig.Fail(0, 3);
        rig.Advance(11);
        rig.Count(3);
        for (var i = 0; i < 10; i++)
            rig.Service.Learn(rig[0], Verdict.Failure, before, rig.Now);
        Assert.Equal("ready", rig.StateOf(0));
    }

    [Fact]
    public void It_is_known_over_a_reload_and_forgotten_when_the_file_does_not_ask_for_it_any_more()
    {
        var rig = new ServiceRig(3, outlier: s_outlier);
        rig.Fail(0, 3);
        rig.Reload(o => o with { Policy = "other" });
        Assert.Equal("ejected", rig.StateOf(0));
        Assert.Equal(0, rig.Count(30)[0]);
        rig.Reload(o => o with { Health = new() });
        Assert.Equal([10, 10, 10], rig.Count(30));
        rig.Reload(o => o with { Health = new() { Outlier = s_outlier } });
        Assert.Equal("ready", rig.StateOf(0));
    }

    [Fact]
    public void The_breaker_and_the_ejection_hear_the_same_and_the_return_is_the_breakers_try()
    {
        var rig = new ServiceRig(3, outlier: s_outlier with { Consecutive5xx = 5 }, policy: new() { Breaker = new() { Failures = 3, Open = TimeSpan.FromSeconds(1), OpenMax = TimeSpan.FromSeconds(4) } });
        var breaker = rig[0].Breaker;
        Fail(3);
        Assert.Equal("open", rig.StateOf(0));
        // Its tries fail too: two more make it an outlier.
        rig.Advance(4);
        Fail(1);
        Assert.Equal("open", rig.StateOf(0));
        rig.Advance(4);
        Fail(1);
        Assert.Equal("ejected", rig.StateOf(0));
        rig.Advance(10);
        Assert.Equal(BreakerState.HalfOpen, breaker.Status(rig.Now).State);

        void Fail(int times)
        {
            for (var i = 0; i < times; i++)
            {
                Assert.True(breaker.TryEnter(rig.Now, out var ticket));
                breaker.Exit(ticket, Verdict.Failure, rig.Now);
                rig.Fail(0);
            }
        }
    }
}
