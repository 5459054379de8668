using CsCheck;
using Weft.CircuitBreaker;
using Weft.ServiceRegistry;
using Weft.ServiceRegistry.Balancing;

namespace Weft.Tests.ServiceRegistry;

public sealed class ConsistentHashTests
{
    private const int Keys = 500;

    private static readonly Gen<double[]> s_weights = Gen.Int[1, 9].Select(w => (double)w).Array[2, 8];

    private readonly ConsistentHashBalancer _balancer = new(1.25, new Jitter(new Random(1)));

    [Fact]
    public void No_instance_has_more_than_its_bound_whatever_the_keys_are() => Gen.Select(s_weights, Gen.Int[0, 9].Array[1, 300], Gen.Double[1.05, 3]).Sample((weights, keys, bound) =>
    {
        var (slice, balancer) = (Slices.Of(weights), new ConsistentHashBalancer(bound, new Jitter(new Random(1))));
        for (var i = 0; i < keys.Length; i++)
        {
            balancer.Choose(slice, default, KeyHash.Of($"{keys[i]}"), Slices.Now)!.Begin();
            for (var n = 0; n < weights.Length; n++)
                Assert.InRange(slice.Instances[n].InFlight, 0, Math.Ceiling((bound * (i + 1) * weights[n] / slice.Total) + 1e-9));
        }
    }, iter: 200);

    [Fact]
    public void When_one_leaves_only_its_keys_move_and_to_all_others() => Gen.Select(s_weights, Gen.Int[0, 7]).Sample((weights, place) =>
    {
        var (before, gone) = (Slices.Of(weights), place % weights.Length);
        var after = before.Without(gone);
        var taken = new HashSet<Instance>();
        for (var key = 0; key < Keys; key++)
        {
            var (was, now) = (Choose(before, key), Choose(after, key));
            if (was == before.Instances[gone])
                taken.Add(now);
            else
                Assert.Same(was, now);
        }
        if (weights.Length is > 2 and < 5 && weights[gone] * 3 > weights.Max())
            Assert.True(taken.Count > 1, "All went to one neighbour.");
    }, iter: 100);

    [Fact]
    public void When_one_becomes_heavier_keys_move_to_it_and_nowhere_else() => Gen.Select(s_weights, Gen.Int[0, 7], Gen.Int[1, 5]).Sample((weights, place, more) =>
    {
        var (before, grown) = (Slices.Of(weights), place % weights.Length);
        var after = new Slice(before.Instances, [.. weights.Select((w, i) => i == grown ? w + more : w)]);
        for (var key = 0; key < Keys; key++)
        {
            var (was, now) = (Choose(before, key), Choose(after, key));
            Assert.True(was == now || now == before.Instances[grown]);
        }
    }, iter: 100);

    [Fact]
    public void Another_process_with_the_same_list_in_another_order_sends_a_key_to_the_same_address()
    {
        var here = Slices.Of(1, 1, 1, 1, 1);
        var there = new Slice([.. here.Instances.Reverse().Select(i => new Instance(i.Id, i.BaseAddress, i.Breaker, Slices.Time))], [1, 1, 1, 1, 1]);
        for (var key = 0; key < Keys; key++)
            Assert.Equal(Choose(here, key).Id, Choose(there, key).Id);
    }

    [Fact]
    public void What_does_not_fit_goes_to_many_and_without_a_key_the_load_decides()
    {
        var slice = Slices.Of([.. Enumerable.Repeat(1.0, 10)]);
        for (var i = 0; i < 100; i++)
            _balancer.Choose(slice, default, 42, Slices.Now)!.Begin();
        // Eight times thirteen are enough.
        Assert.Equal(13, slice.Instances.Max(i => i.InFlight));
        Assert.Equal(8, slice.Instances.Count(i => i.InFlight > 0));
        var least = slice.Instances.MinBy(i => i.InFlight)!;
        for (var i = 0; i < 200; i++)
            _balancer.Choose(slice, default, null, Slices.Now)!.Begin();
        Assert.InRange(least.InFlight, 25, 33);
    }

    private Instance Choose(Slice slice, int key) => _balancer.Choose(slice, default, KeyHash.Of($"key {key}"), Slices.Now)!;
}
