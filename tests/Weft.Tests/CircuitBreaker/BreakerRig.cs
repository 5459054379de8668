using Microsoft.Extensions.Time.Testing;
using Weft.CircuitBreaker;
using Weft.Options;

namespace Weft.Tests.CircuitBreaker;

/// <summary>A breaker on a clock of its own, and what it told.</summary>
internal sealed class BreakerRig : IBreakerListener
{
    public BreakerRig(CircuitBreakerOptions? options = null, int seed = 1) => Breaker = new Breaker(Long(options ?? new()), Time, new Random(seed), this);

    public FakeTimeProvider Time { get; } = new();

    public Breaker Breaker { get; }

    public List<BreakerTransition> Told { get; } = [];

    public Exception? Throws { get; set; }

    public long Now => Time.GetTimestamp();

    public BreakerStatus Status => Breaker.Status(Now);

    public BreakerState State => Status.State;

    public void OnTransition(in BreakerTransition transition)
    {
        Told.Add(transition);
        if (Throws is not null)
            throw Throws;
    }

    public BreakerTicket Enter()
    {
        Assert.True(Breaker.TryEnter(Now, out var ticket), $"rejected while {State}");
        return ticket;
    }

    public void Rejects() => Assert.False(Breaker.TryEnter(Now, out _), $"let in while {State}");

    public void Exit(BreakerTicket ticket, Verdict verdict) => Breaker.Exit(ticket, verdict, Now);

    public BreakerRig Call(Verdict verdict, int times = 1, double seconds = 0)
    {
        for (var i = 0; i < times; i++)
        {
            var ticket = Enter();
            Pass(seconds);
            Exit(ticket, verdict);
        }
        return this;
    }

    public BreakerRig Pass(double seconds)
    {
        Time.Advance(TimeSpan.FromSeconds(seconds));
        return this;
    }

    /// <summary>Until an open breaker may be tried, and not longer.</summary>
    public BreakerRig PassOpen()
    {
        Assert.Equal(BreakerState.Open, State);
        Time.Advance(Status.RetryAfter);
        return this;
    }

    /// <summary>Opened by failures in a row.</summary>
    public BreakerRig Opened() => Call(Verdict.Failure, Breaker.Options.Failures);

    // Where a test does not say how long it stays open: long enough to see it double several times.
    private static CircuitBreakerOptions Long(CircuitBreakerOptions options) =>
        options.OpenMax is null && options.Open == new CircuitBreakerOptions().Open ? options with { Open = TimeSpan.FromSeconds(5), OpenMax = TimeSpan.FromSeconds(60) } : options;
}
