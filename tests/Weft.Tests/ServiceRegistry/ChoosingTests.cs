using CsCheck;
using Weft.CircuitBreaker;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.Tests.ServiceRegistry;

/// <summary>Panic, zones, slow start, and what a choice costs.</summary>
public sealed class ChoosingTests
{
    private static readonly OutlierOptions s_outlier = new() { Consecutive5xx = 1, Eject = TimeSpan.FromSeconds(10), MaxEjected = 1 };
    private static readonly BalanceOptions s_inTurn = new() { Algorithm = BalanceAlgorithm.RoundRobin };

    [Fact]
    public void Below_the_line_of_panic_health_is_not_heeded_and_above_it_is_again()
    {
        var rig = new ServiceRig(4, outlier: s_outlier);
        rig.Fail(0);
        rig.Fail(1);
        Assert.Equal([0, 0, 6, 6], rig.Count(12));
        rig.Fail(2);
        Assert.Equal([3, 3, 3, 3], rig.Count(12));
        Assert.True(rig.Service.Health.IsPanic);
        rig.Advance(11);
        rig.Count(1);
        Assert.False(rig.Service.Health.IsPanic);
        Assert.Equal(["7015 up", "7016 up"], rig.Told.Where(t => t.EndsWith(" up", StringComparison.Ordinal)));
    }

    [Fact]
    public void Without_panic_nothing_is_left_when_all_are_out()
    {
        var rig = new ServiceRig(2, balance: s_inTurn with { PanicBelow = 0 }, outlier: s_outlier);
        rig.Fail(0);
        rig.Fail(1);
        Assert.Equal([0, 0], rig.Count(4));
        Assert.True(rig.Service.At(rig.Now).IsVacant);
        Assert.False(rig.Service.HasCandidate(rig.Now));
    }

    [Fact]
    public void In_panic_an_open_breaker_is_heeded_as_long_as_another_lets_a_call_pass()
    {
        var rig = new ServiceRig(4, outlier: s_outlier, policy: new());
        Open(rig, 0);
        rig.Fail(1);
        rig.Fail(2);
        Assert.Equal([0, 4, 4, 4], rig.Count(12));
        for (var i = 1; i < 4; i++)
            Open(rig, i);
        Assert.Equal([3, 3, 3, 3], rig.Count(12));
        Assert.True(rig.Service.IgnoresBreakers(rig.Now));
    }

    [Fact]
    public void Chosen_is_only_what_can_be_called_whatever_happens() => Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3]).Array[0, 60].Sample(steps =>
    {
        var rig = new ServiceRig(5, outlier: s_outlier with { MaxEjected = 0.4 });
        foreach (var (number, what) in steps)
        {
            if (what == 0)
                rig.Fail(number);
            else if (what == 1)
                rig.Advance(number);
            else if (what == 2)
                rig.Service.Replace(rig.Service.Members.Select((m, i) => i == number ? m.Spec with { IsDraining = !m.Spec.IsDraining } : m.Spec));
            else
                rig.Call(number, Verdict.Success);
            var tried = default(InstanceSet);
            var usable = Enumerable.Range(0, 5).Where(i => rig.StateOf(i) == "ready").ToArray();
            var staying = rig.Service.Members.Count(m => !m.Spec.IsDraining);
            Assert.Equal(staying > 0, rig.Service.TryChoose(ref tried, rig.Now, out var choice));
            if (staying == 0)
                continue;
            var chosen = rig.Service.Instances.ToList().IndexOf(choice.Instance);
            Assert.NotEqual("draining", rig.StateOf(chosen));
            Assert.True(usable.Contains(chosen) || usable.Length < staying * 0.5);
        }
    }, iter: 300);

    [Theory]
    [InlineData(4, 100)]
    [InlineData(3, 100)]   // 75 % are enough.
    [InlineData(2, 70)]    // 50 % of what is there, of 71 % that would be enough.
    [InlineData(0, 0)]
    public void The_own_zone_gets_all_while_enough_of_it_is_there_and_less_in_proportion(int healthy, int share)
    {
        var rig = new ServiceRig(0, balance: s_inTurn with { Zone = "a", PanicBelow = 0.1 }, outlier: s_outlier);
        rig.Service.Replace(Enumerable.Range(0, 8).Select(i => new InstanceSpec(new Uri($"http://i{i}:80"), 1, i < 4 ? "a" : i < 6 ? "b" : null)));
        for (var i = 0; i < 4 - healthy; i++)
            rig.Fail(i);
        Assert.InRange(rig.Count(2000)[..4].Sum() / 20.0, share - 4, share + 4);
    }

    [Fact]
    public void A_retry_stays_in_the_zone_before_it_leaves_it()
    {
        var rig = new ServiceRig(0, balance: s_inTurn with { Zone = "a" });
        rig.Service.Replace(Enumerable.Range(0, 5).Select(i => new InstanceSpec(new Uri($"http://i{i}:80"), 1, i is 1 or 3 ? "a" : "b")));
        var tried = default(InstanceSet);
        var zones = new List<string?>();
        while (rig.Service.TryChoose(ref tried, rig.Now, out var choice, onlyUntried: true))
            zones.Add(rig.Service.Members.First(m => m.Instance == choice.Instance).Spec.Zone);
        Assert.Equal(["a", "a", "b", "b", "b"], zones);
    }

    [Fact]
    public void One_that_came_back_or_joined_gets_a_share_that_grows()
    {
        var rig = new ServiceRig(2, balance: s_inTurn with { SlowStart = TimeSpan.FromSeconds(20) }, outlier: s_outlier);
        Assert.Equal([50, 50], rig.Count(100));
        rig.Fail(0);
        rig.Advance(10);
        rig.Service.Replace([.. rig.Service.Members.Select(m => m.Spec), new InstanceSpec(new Uri("http://new:80"))]);
        Assert.InRange(rig.Count(120)[0], 9, 11);
        Assert.InRange(rig.Count(120)[2], 9, 11);
        Assert.Equal("warming", rig.StateOf(0));
        rig.Advance(10);
        Assert.InRange(rig.Count(200)[0], 48, 52);
        rig.Advance(10);
        Assert.Equal([50, 50, 50], rig.Count(150));
        Assert.Equal("ready", rig.StateOf(0));
    }

    [Fact]
    public void Keys_come_to_the_same_instance_over_calls_and_processes()
    {
        var (here, there) = (Hashed(), Hashed());
        for (ulong key = 0; key < 200; key++)
        {
            var (first, again, other) = (Choose(here, key), Choose(here, key), Choose(there, key));
            Assert.Equal((first, first), (again, other));
        }

        static ServiceRig Hashed()
        {
            var rig = new ServiceRig(0, balance: new() { ConsistentHash = "headers['x-user']", Zone = "a" }, outlier: s_outlier);
            rig.Service.Replace(Enumerable.Range(0, 8).Select(i => new InstanceSpec(new Uri($"http://i{i}:80"), 1, i % 2 == 0 ? "a" : "b")));
            rig.Fail(0);
            rig.Fail(2);
            return rig;
        }

        static string Choose(ServiceRig rig, ulong key)
        {
            var tried = default(InstanceSet);
            Assert.True(rig.Service.TryChoose(ref tried, rig.Now, out var choice, key: key));
            return choice.Instance.Id;
        }
    }

    public static TheoryData<BalanceAlgorithm, int> Costs => new MatrixTheoryData<BalanceAlgorithm, int>(Enum.GetValues<BalanceAlgorithm>(), [1, 3, 100]);

    [Theory]
    [MemberData(nameof(Costs))]
    public async Task A_choice_allocates_nothing(BalanceAlgorithm algorithm, int instances)
    {
        var balance = algorithm == BalanceAlgorithm.ConsistentHash ? new BalanceOptions { ConsistentHash = "request.path" } : new() { Algorithm = algorithm };
        var rig = new ServiceRig(instances, balance, s_outlier, policy: new());
        // Twice, because what compiles in the background allocates a little too.
        Assert.Equal(0, Math.Min(await Allocations.OfAsync(CallAsync), await Allocations.OfAsync(CallAsync)));

        ValueTask<bool> CallAsync()
        {
            var tried = default(InstanceSet);
            var found = rig.Service.TryChoose(ref tried, rig.Now, out var choice, key: 7);
            choice.Instance.Begin();
            choice.Breaker!.Exit(choice.Ticket, Verdict.Success, rig.Now);
            rig.Service.Learn(choice.Instance, Verdict.Success, rig.Now, rig.Now);
            // And another one, as for a retry.
            found &= rig.Service.TryChoose(ref tried, rig.Now, out var second, key: 7);
            second.Breaker!.Exit(second.Ticket, Verdict.Success, rig.Now);
            choice.Instance.End();
            return new ValueTask<bool>(found);
        }
    }

    private static void Open(ServiceRig rig, int number)
    {
        var breaker = rig[number].Breaker;
        while (breaker.TryEnter(rig.Now, out var ticket))
            breaker.Exit(ticket, Verdict.Failure, rig.Now);
    }
}
