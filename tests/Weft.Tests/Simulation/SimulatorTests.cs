using CsCheck;
using Weft.Options;
using Weft.Simulation;

namespace Weft.Tests.Simulation;

public sealed class SimulatorTests
{
    [Fact]
    public void The_same_scenario_gives_the_same_result()
    {
        var scenario = Busy(7, hedges: true, queue: 20);
        SimulationResult one = Simulator.Run(scenario), other = Simulator.Run(scenario);
        Assert.Equal(one.Calls, other.Calls);
        Assert.Equal(one.Seconds, other.Seconds);
        Assert.NotEqual(one.Calls, Simulator.Run(scenario with { Seed = 8 }).Calls);
    }

    [Fact]
    public void What_arrives_does_not_depend_on_the_policy()
    {
        var scenario = Busy(3, hedges: false, queue: 0);
        Assert.Equal(
            Simulator.Run(scenario).Calls.Select(c => c.Began).Order(),
            Simulator.Run(scenario with { Policy = PolicyOptions.None }).Calls.Select(c => c.Began).Order());
    }

    /// <summary>Whatever happens, every call ends in one way, and every place, lease and attempt is given back.</summary>
    [Fact]
    public void Nothing_is_lost_and_nothing_is_left() => Gen.Select(Gen.Int[1, 1_000_000], Gen.Bool, Gen.Int[0, 20], Gen.Int[0, 4], Gen.Bool).Sample((seed, hedges, queue, kind, adaptive) =>
    {
        var scenario = Busy(seed, hedges, queue) with { Triggers = [new((TriggerKind)kind, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)) { Factor = 8 }] };
        if (adaptive)
            scenario = scenario with { Policy = scenario.Policy with { Bulkhead = scenario.Policy.Bulkhead with { Adaptive = AdaptiveLimitMode.Aimd } } };
        var result = Simulator.Run(scenario); // Throws when a call has no outcome.
        Assert.Equal(0, result.LeftBehind);
        Assert.Equal(result.Calls.Count, result.Outcomes().Sum(o => o.Count));
    }, iter: 20);

    [Fact]
    public void A_queue_of_the_textbook_has_the_waits_of_the_textbook()
    {
        // M/M/1 with 80 % of its capacity: the mean time is 1 / (100 - 80) s.
        var result = Simulator.Run(new Scenario { Policy = PolicyOptions.None, Server = new() { Workers = 1 }, Rate = 80, Duration = TimeSpan.FromSeconds(2000) });
        Assert.InRange(result.Calls.Average(c => c.Took.TotalMilliseconds), 45, 55);
    }

    private static Scenario Busy(int seed, bool hedges, int queue) => new()
    {
        Seed = seed,
        Clients = 3,
        Servers = 3,
        Rate = 150,
        Duration = TimeSpan.FromSeconds(6),
        Server = new() { Workers = 1, Errors = 0.05, Queue = 50 },
        Policy = new() { Hedge = hedges ? new() : null, Bulkhead = new() { Max = 10, Min = 2, Queue = queue }, Deadline = new() { Total = TimeSpan.FromSeconds(2) } },
    };
}
