using CsCheck;
using Weft.CircuitBreaker;
using Weft.Options;
using Weft.ServiceRegistry;
using Weft.ServiceRegistry.Balancing;

namespace Weft.Tests.ServiceRegistry;

/// <summary>What all ways to choose have in common, and what each promises.</summary>
public sealed class BalancerTests
{
    private static readonly Gen<double[]> s_weights = Gen.Int[1, 20].Select(w => (double)w).Array[2, 8];

    public static TheoryData<BalanceAlgorithm> Algorithms => [.. Enum.GetValues<BalanceAlgorithm>()];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Calls_one_after_the_other_follow_the_weights(BalanceAlgorithm algorithm) => s_weights.Sample(weights =>
    {
        const int Times = 6000;
        var (slice, chance) = (Slices.Of(weights), new Random(7));
        var counts = slice.Count(Balancer(algorithm), Times, _ => algorithm == BalanceAlgorithm.ConsistentHash ? (ulong)chance.NextInt64() : null);
        for (var i = 0; i < weights.Length; i++)
        {
            var share = weights[i] / slice.Total;
            // Five standard deviations of what chance may do.
            Assert.InRange(counts[i], (share * Times) - Slack(share) - 1, (share * Times) + Slack(share) + 1);
        }

        double Slack(double share) => algorithm is BalanceAlgorithm.RoundRobin or BalanceAlgorithm.LeastRequests ? weights.Length : 5 * Math.Sqrt(Times * share * (1 - share));
    }, iter: 40);

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void What_is_to_be_skipped_is_never_chosen_and_everything_else_can_be(BalanceAlgorithm algorithm) => Gen.Select(s_weights, Gen.Int[0, 255], Gen.ULong).Sample((weights, skipped, key) =>
    {
        var (slice, balancer, skip) = (Slices.Of(weights), Balancer(algorithm), default(InstanceSet));
        for (var i = 0; i < weights.Length; i++)
        {
            if ((skipped >> i & 1) != 0)
                skip.Add(slice.Instances[i]);
        }
        for (var i = 0; i < 20; i++)
        {
            var chosen = balancer.Choose(slice, skip, key, Slices.Now);
            Assert.Equal(slice.Instances.All(instance => skip.Contains(instance)), chosen is null);
            Assert.True(chosen is null || !skip.Contains(chosen));
        }
    }, iter: 200);

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Of_none_there_is_none(BalanceAlgorithm algorithm) => Assert.Null(Balancer(algorithm).Choose(Slice.None, default, 1, 0));

    [Fact]
    public void Turns_by_weight_are_exact_in_each_round_and_spread_over_it() => Gen.Int[1, 9].Array[2, 6].Sample(weights =>
    {
        var (slice, turns) = (Slices.Of([.. weights.Select(w => (double)w)]), new SmoothTurns());
        for (var round = 0; round < 3; round++)
        {
            var chosen = Enumerable.Range(0, weights.Sum()).Select(_ => Array.IndexOf(slice.Instances, turns.Next(slice, default))).ToArray();
            for (var i = 0; i < weights.Length; i++)
                Assert.Equal(weights[i], chosen.Count(c => c == i));
        }
    }, iter: 200);

    [Fact]
    public void A_heavy_one_does_not_come_many_times_in_a_row()
    {
        var (slice, turns) = (Slices.Of(5, 1, 1), new SmoothTurns());
        Assert.Equal("aabacaa", string.Concat(Enumerable.Range(0, 7).Select(_ => "abc"[Array.IndexOf(slice.Instances, turns.Next(slice, default))])));
    }

    [Fact]
    public void Least_requests_takes_the_one_with_the_least_to_do() => Gen.Int[0, 5].Array[2, 8].Sample(running =>
    {
        var slice = Slices.Of([.. running.Select(_ => 1.0)]);
        Run(slice, running);
        var chosen = new LeastRequestsBalancer().Choose(slice, default, null, Slices.Now)!;
        Assert.Equal(running.Min(), chosen.InFlight);
    }, iter: 200);

    [Fact]
    public void Least_requests_brings_what_runs_to_the_shares_of_the_weights() => s_weights.Sample(weights =>
    {
        var (slice, balancer) = (Slices.Of(weights), new LeastRequestsBalancer());
        for (var i = 0; i < 1000; i++)
            balancer.Choose(slice, default, null, Slices.Now)!.Begin();
        for (var i = 0; i < weights.Length; i++)
            Assert.InRange(slice.Instances[i].InFlight, (weights[i] / slice.Total * 1000 * 0.8) - 2, (weights[i] / slice.Total * 1000 * 1.2) + 2);
    }, iter: 50);

    [Fact]
    public void Of_two_the_power_of_two_takes_the_one_with_less_to_do_for_its_weight()
    {
        var slice = Slices.Of(1, 1);
        Run(slice, [3, 2]);
        Assert.Equal([0, 50], slice.Count(Balancer(BalanceAlgorithm.PowerOfTwo), 50));

        slice = Slices.Of(9, 1);
        Run(slice, [0, 3]);
        Assert.Equal([50, 0], slice.Count(Balancer(BalanceAlgorithm.PowerOfTwo), 50));
        Run(slice, [18, 0]);
        Assert.InRange(slice.Count(Balancer(BalanceAlgorithm.PowerOfTwo), 100)[0], 80, 100);
        Run(slice, [18, 0]);
        Assert.Equal([0, 50], slice.Count(Balancer(BalanceAlgorithm.PowerOfTwo), 50));
    }

    [Fact]
    public void The_power_of_two_keeps_the_longest_queue_short_where_chance_does_not()
    {
        var longest = new List<long>();
        foreach (var algorithm in new[] { BalanceAlgorithm.PowerOfTwo, BalanceAlgorithm.Random })
        {
            var slice = Slices.Of([.. Enumerable.Repeat(1.0, 100)]);
            var balancer = Balancer(algorithm);
            for (var i = 0; i < 1000; i++)
                balancer.Choose(slice, default, null, Slices.Now)!.Begin();
            longest.Add(slice.Instances.Max(i => i.InFlight));
        }
        // Ten each on average.
        Assert.InRange(longest[0], 10, 13);
        Assert.InRange(longest[1], 15, 40);
    }

    [Fact]
    public void Latency_avoids_a_slow_one_at_once_and_tries_it_again_as_that_wears_off()
    {
        var (slice, balancer) = (Slices.Of(1, 1), Balancer(BalanceAlgorithm.Latency));
        var (slow, fast, now, ms) = (slice.Instances[0].Latency, slice.Instances[1].Latency, Slices.Now, Slices.Time.TimestampFrequency / 1000);
        for (var i = 0; i < 100; i++)
        {
            slow.Record(10 * ms, failed: false, now);
            fast.Record(10 * ms, failed: false, now);
        }
        slow.Record(200 * ms, failed: false, now);
        Assert.Same(slice.Instances[1], balancer.Choose(slice, default, null, now));
        // As long as the fast one has not ten times as much to do.
        Run(slice, [0, 25]);
        Assert.Same(slice.Instances[0], balancer.Choose(slice, default, null, now));
        for (var i = 0; i < 25; i++)
            slice.Instances[1].End();

        var later = now + (40_000 * ms);
        fast.Record(10 * ms, failed: false, later);
        Assert.Same(slice.Instances[0], balancer.Choose(slice, default, null, later));
    }

    [Fact]
    public void To_fail_fast_is_not_to_be_fast_and_one_that_is_tried_first_is_not_tried_twice()
    {
        var (slice, now) = (Slices.Of(1, 1), Slices.Now);
        var known = slice.Instances[0].Latency;
        known.Record(1000, failed: false, now);
        known.Record(1, failed: true, now + 1);
        Assert.InRange(known.Cost(0, now + 1), 999, 1001);
        Assert.Equal(0, slice.Instances[1].Latency.Cost(0, now));
        Assert.True(slice.Instances[1].Latency.Cost(1, now) > known.Cost(1000, now));
    }

    private static void Run(Slice slice, int[] running)
    {
        for (var i = 0; i < running.Length; i++)
        {
            for (var n = 0; n < running[i]; n++)
                slice.Instances[i].Begin();
        }
    }

    private static Balancer Balancer(BalanceAlgorithm algorithm) => Weft.ServiceRegistry.Balancing.Balancer.Of(
        new() { Algorithm = algorithm, ConsistentHash = algorithm == BalanceAlgorithm.ConsistentHash ? "request.path" : null }, new Jitter(new Random(3)));
}
