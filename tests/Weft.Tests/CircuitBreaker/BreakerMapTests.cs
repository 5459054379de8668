using Microsoft.Extensions.Time.Testing;
using Weft.CircuitBreaker;

namespace Weft.Tests.CircuitBreaker;

public sealed class BreakerMapTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly BreakerMap<int> _map;

    public BreakerMapTests() => _map = new(_ => new Breaker(new() { Failures = 1 }, _time), _time, capacity: 40);

    private long Now => _time.GetTimestamp();

    private Breaker Get(int key) => _map.Get(key, Now);

    private void Fail(int key)
    {
        var breaker = Get(key);
        Assert.True(breaker.TryEnter(Now, out var ticket));
        breaker.Exit(ticket, Verdict.Failure, Now);
    }

    [Fact]
    public void A_key_keeps_its_breaker()
    {
        Assert.Same(Get(1), Get(1));
        Assert.NotSame(Get(1), Get(2));
        Assert.Null(_map.Find(3));
        Assert.Equal(2, _map.Count);
    }

    [Fact]
    public void When_it_is_full_those_used_longest_ago_go()
    {
        for (var key = 0; key < 40; key++)
        {
            Get(key);
            _time.Advance(TimeSpan.FromSeconds(3));
        }
        Get(0);
        Get(40);
        Assert.True(_map.Count <= 40);
        Assert.NotNull(_map.Find(0));
        Assert.Null(_map.Find(1));
        Assert.NotNull(_map.Find(39));
    }

    [Fact]
    public void What_is_idle_goes_and_what_is_not_closed_stays()
    {
        Fail(1);
        Get(2);
        _time.Advance(TimeSpan.FromMinutes(11));
        Get(3);
        Assert.Equal([1, 3], _map.All.Select(p => p.Key).Order());
    }

    [Fact]
    public void A_key_without_room_is_not_protected_and_counted()
    {
        for (var key = 0; key < 40; key++)
            Fail(key);
        for (var i = 0; i < 10; i++)
            Fail(40);
        Assert.Equal((40, 10L), (_map.Count, _map.Overflows));
        Get(0).Reset(Now);
        _time.Advance(TimeSpan.FromSeconds(3));
        Fail(40);
        Assert.NotNull(_map.Find(40));
        Assert.Null(_map.Find(0));
    }

    [Fact]
    public void Many_threads_never_get_more_than_there_is_room_and_one_breaker_for_a_key()
    {
        Parallel.For(0, 8, worker =>
        {
            var chance = new Random(worker);
            for (var i = 0; i < 20_000; i++)
            {
                var key = chance.Next(100);
                var breaker = Get(key);
                if (breaker.TryEnter(Now, out var ticket))
                    breaker.Exit(ticket, chance.Next(50) == 0 ? Verdict.Failure : Verdict.Success, Now);
                if (i % 100 == 0)
                    breaker.Reset(Now);
                Assert.InRange(_map.Count, 0, 40);
            }
        });
        Assert.Equal(_map.All.Count(), _map.Count);
    }
}
