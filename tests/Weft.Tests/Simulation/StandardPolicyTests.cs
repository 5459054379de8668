using Weft.Options;
using Weft.Simulation;

namespace Weft.Tests.Simulation;

/// <summary>What the built-in policy promises, with fixed seeds; bench/run experiments has more of them, and the elements one by one.</summary>
public sealed class StandardPolicyTests
{
    private static readonly PolicyOptions s_standard = new();

    [Theory]
    [InlineData(600, 30)]
    [InlineData(700, 30)]
    [InlineData(800, 30)]
    [InlineData(700, 90)]
    public void A_service_that_was_slow_for_ten_seconds_is_back_within_six(int rate, int from)
    {
        TimeSpan start = Seconds(from), end = start + Seconds(10);
        var result = Simulator.Run(new Scenario
        {
            Server = new() { Workers = 10 },
            Clients = 50,
            Rate = rate,
            Duration = end + Seconds(15),
            Triggers = [new(TriggerKind.Slow, start, end) { Factor = 1 / 0.3 }],
        });
        Assert.InRange(result.Recovery(end) ?? TimeSpan.MaxValue, TimeSpan.Zero, Seconds(6));
    }

    [Theory]
    [InlineData(nameof(TriggerKind.Fail), "GET")]
    [InlineData(nameof(TriggerKind.Refuse), "GET")]
    [InlineData(nameof(TriggerKind.Hang), "GET")]
    [InlineData(nameof(TriggerKind.Fail), "POST")]
    [InlineData(nameof(TriggerKind.Hang), "POST")]
    public void One_dead_instance_of_eight_costs_at_most_half_a_percent(string kind, string method)
    {
        var result = Simulator.Run(new Scenario
        {
            Method = method,
            Servers = 8,
            Duration = Seconds(300),
            Triggers = [new(Enum.Parse<TriggerKind>(kind), TimeSpan.Zero, Seconds(600)) { Server = 3 }],
        });
        Assert.InRange(result.Success(), 0.995, 1);
    }

    [Fact]
    public void Hedging_cuts_the_tail_where_slowness_is_chance()
    {
        var scenario = new Scenario
        {
            Servers = 8,
            Server = new() { Time = new StragglingTime(new LognormalTime(Seconds(0.005), 0.4), 0.01, Seconds(0.1), Seconds(0.5)) },
            Rate = 500,
            Duration = Seconds(120),
        };
        var without = Simulator.Run(scenario with { Policy = PolicyOptions.None }).Percentile(0.999, Seconds(30));
        var with = Simulator.Run(scenario with { Policy = s_standard with { Hedge = new() } }).Percentile(0.999, Seconds(30));
        Assert.True(without > 10 * with, $"{without} and {with}");
    }

    [Theory]
    [InlineData(700)]
    [InlineData(900)]
    public void Hedging_adds_little_load_where_all_share_a_queue(int rate)
    {
        var result = Simulator.Run(new Scenario
        {
            Policy = s_standard with { Hedge = new() },
            Instances = 2,
            Server = new() { Workers = 10 },
            Rate = rate,
            Duration = Seconds(90),
        });
        // The budget has a floor of 0.1 a second on top of its share.
        Assert.InRange(result.Amplification(Seconds(30)), 1, 1.0505);
    }

    [Fact]
    public void The_timeout_cuts_hardly_anything_and_follows_a_service_that_becomes_slower()
    {
        var result = Simulator.Run(Following() with { Triggers = [new(TriggerKind.Slow, Seconds(120), Seconds(200)) { Factor = 3 }] });
        Assert.InRange(result.TimeoutShare(Seconds(60), Seconds(120)), 0, 0.001);
        Assert.InRange(result.TimeoutShare(Seconds(140), Seconds(200)), 0, 0.001);
        Assert.InRange(result.TimeoutShare(Seconds(200), Seconds(260)), 0, 0.001);
    }

    [Fact]
    public void A_service_that_becomes_ten_times_slower_for_good_is_not_cut_off_for_good()
    {
        var result = Simulator.Run(Following() with { Servers = 1, Triggers = [new(TriggerKind.Slow, Seconds(60), Seconds(600)) { Factor = 10 }] });
        Assert.InRange(result.Recovery(Seconds(60)) ?? TimeSpan.MaxValue, TimeSpan.Zero, Seconds(150));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Five_times_the_capacity_leaves_the_goodput(int clients)
    {
        var scenario = new Scenario { Clients = clients, Server = new() { Workers = 10 }, Duration = Seconds(30) };
        var peak = Simulator.Run(scenario with { Rate = 1000 }).Goodput(Seconds(10));
        Assert.InRange(Simulator.Run(scenario with { Rate = 5000 }).Goodput(Seconds(10)), 0.75 * peak, 1.2 * peak);
    }

    [Fact]
    public void A_slow_service_that_is_called_seldom_is_waited_for()
    {
        var result = Simulator.Run(new Scenario { Server = new() { Time = new LognormalTime(Seconds(3), 0.2) }, Rate = 1 / 60.0, Duration = TimeSpan.FromHours(10) });
        Assert.InRange(result.Success(), 0.999, 1);
    }

    private static Scenario Following() => new() { Servers = 4, Server = new() { Time = new LognormalTime(Seconds(0.02), 0.5) }, Duration = Seconds(260) };

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
