using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Weft.CircuitBreaker;

namespace Weft.Tests.CircuitBreaker;

/// <summary>What holds whatever threads do at once.</summary>
public sealed class BreakerThreadTests : IBreakerListener
{
    private const int Probes = 3;

    private readonly ConcurrentQueue<BreakerTransition> _told = new();
    private readonly ConcurrentDictionary<long, int> _probing = new();
    private readonly FakeTimeProvider _time = new();

    void IBreakerListener.OnTransition(in BreakerTransition transition) => _told.Enqueue(transition);

    [Fact]
    public void Never_more_than_the_probes_one_change_for_each_number_and_never_stuck()
    {
        var breaker = new Breaker(new() { Failures = 3, Probes = Probes, Successes = 4, Open = TimeSpan.FromMilliseconds(10), OpenMax = TimeSpan.FromMilliseconds(80) }, _time, new Random(1), this);
        Parallel.For(0, 8, worker => Work(breaker, new Random(worker)));

        AssertOneChain();
        Assert.True(_told.Count > 100, $"Only {_told.Count} changes.");

        // However it was left, and whatever probes are lost: soon it lets calls pass again.
        var sinceBegin = 0;
        for (; breaker.Status(_time.GetTimestamp()).State != BreakerState.Closed; sinceBegin++)
        {
            Assert.True(sinceBegin < 20, "It does not close although every call succeeds.");
            _time.Advance(TimeSpan.FromSeconds(5));
            for (var i = 0; i < 4; i++)
            {
                if (breaker.TryEnter(_time.GetTimestamp(), out var ticket))
                    breaker.Exit(ticket, Verdict.Success, _time.GetTimestamp());
            }
        }
    }

    [Fact]
    public void The_window_loses_no_call()
    {
        var window = new CallWindow(TimeSpan.FromSeconds(1).Ticks, 0);
        Parallel.For(0, 8, worker =>
        {
            for (var i = 0; i < 50_000; i++)
                window.Add(i % 2 == 0, i % 5 == 0, (i % 10) * TimeSpan.TicksPerSecond / 2 + i);
        });
        Assert.Equal((400_000, 200_000, 80_000), window.Sums(5 * TimeSpan.TicksPerSecond));
    }

    private void Work(Breaker breaker, Random chance)
    {
        for (var i = 0; i < 30_000; i++)
        {
            if (chance.Next(20) == 0)
                _time.Advance(TimeSpan.FromMilliseconds(chance.Next(5)));
            if (!breaker.TryEnter(_time.GetTimestamp(), out var ticket))
                continue;
            if (ticket.IsProbe)
                Assert.InRange(_probing.AddOrUpdate(ticket.Generation, 1, (_, n) => n + 1), 1, Probes);
            if (chance.Next(4) == 0)
                Thread.Yield();
            if (ticket.IsProbe && chance.Next(30) == 0)
                continue; // Lost: its place is not free before it is overdue, so it stays counted.
            if (ticket.IsProbe)
                _probing.AddOrUpdate(ticket.Generation, 0, (_, n) => n - 1);
            var verdict = chance.Next(10) switch { < 4 => Verdict.Failure, < 9 => Verdict.Success, _ => Verdict.Ignore };
            breaker.Exit(ticket, verdict, _time.GetTimestamp());
        }
    }

    private void AssertOneChain()
    {
        var (state, generation) = (BreakerState.Closed, 1L);
        foreach (var change in _told.OrderBy(t => t.Generation))
        {
            Assert.Equal((state, generation + 1), (change.From, change.Generation));
            Assert.NotEqual(change.From, change.To);
            (state, generation) = (change.To, change.Generation);
        }
    }
}
