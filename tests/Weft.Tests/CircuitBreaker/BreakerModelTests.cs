using CsCheck;
using Weft.CircuitBreaker;
using Weft.Options;

namespace Weft.Tests.CircuitBreaker;

/// <summary>Random histories of calls, late and lost outcomes, clock steps, reloads and operators against the model.</summary>
public sealed class BreakerModelTests
{
    private static readonly CircuitBreakerOptions[] s_options =
    [
        new() { Failures = 2, Successes = 2 },
        new() { Failures = 1, Successes = 1, Probes = 3, Open = TimeSpan.FromSeconds(1), OpenMax = TimeSpan.FromSeconds(4), ProbeTimeout = TimeSpan.FromSeconds(2) },
        new() { Failures = 3, Successes = 3, Probes = 2, OpenMax = TimeSpan.FromSeconds(5), Mode = CircuitBreakerMode.Observe },
        new() { Ratio = 0.5, Minimum = 3, Window = TimeSpan.FromSeconds(5), Successes = 1, Probes = 2 },
        new() { Ratio = 0.3, Minimum = 1, Slow = new() { Over = TimeSpan.FromMilliseconds(500), Ratio = 0.6 } },
        new() { Failures = 4, Minimum = 2, Slow = new() { Over = TimeSpan.FromSeconds(1), Ratio = 0.5 }, Probes = 2, ProbeTimeout = TimeSpan.FromSeconds(3) },
        new() { Failures = 2, Mode = CircuitBreakerMode.ForcedOpen },
        new() { Failures = 2, Mode = CircuitBreakerMode.ForcedClosed },
    ];

    private static readonly CircuitBreakerMode?[] s_modes = [null, null, null, .. Enum.GetValues<CircuitBreakerMode>().Select(m => (CircuitBreakerMode?)m)];

    // Mostly calls; 0 to 3 enter, 4 to 7 leave, 8 and 9 let time pass, the rest once in a while.
    private static readonly Gen<(int What, int Detail)[]> s_history = Gen.Select(Gen.Int[0, 40], Gen.Int[0, 1000]).Array[0, 120];

    [Fact]
    public void Says_the_same_as_the_model_after_every_step() =>
        Gen.Select(s_history, Gen.Int[0, 5], Gen.Int[0, 1000]).Sample((history, options, seed) => Run(history, s_options[options], seed), iter: 20_000);

    private static void Run((int What, int Detail)[] history, CircuitBreakerOptions options, int seed)
    {
        var clock = new SteppedClock();
        var breaker = new Breaker(options, clock, new Random(seed));
        var model = new BreakerModel(options, seed, clock.GetTimestamp());
        var calls = new List<(BreakerTicket Ticket, BreakerModel.Call? Call)>();
        foreach (var (what, detail) in history)
        {
            Step(what, detail, clock, breaker, model, calls);
            var now = clock.GetTimestamp();
            Assert.Equal(model.Status(now), breaker.Status(now));
        }
    }

    private static void Step(int what, int detail, SteppedClock clock, Breaker breaker, BreakerModel model, List<(BreakerTicket Ticket, BreakerModel.Call? Call)> calls)
    {
        var now = clock.GetTimestamp();
        switch (what % 36)
        {
            case < 12:
                var entered = breaker.TryEnter(now, out var ticket);
                Assert.Equal(model.Enter(now, out var call), entered);
                Assert.Equal((call?.Generation ?? 0, call?.IsProbe ?? false), (ticket.Generation, ticket.IsProbe));
                if (entered && detail % 9 != 0) // Some are never heard of again.
                    calls.Add((ticket, call));
                break;
            case < 24 when calls.Count > 0:
                var ended = calls[detail % calls.Count];
                calls.RemoveAt(detail % calls.Count);
                var verdict = (detail % 7) switch { < 3 => Verdict.Failure, < 6 => Verdict.Success, _ => Verdict.Ignore };
                breaker.Exit(ended.Ticket, verdict, now);
                model.Exit(ended.Call, verdict, now);
                break;
            case < 31:
                clock.Advance(TimeSpan.FromMilliseconds(detail % 4 == 0 ? detail * 20 : detail));
                break;
            case 31:
                clock.Step = TimeSpan.FromMinutes(detail - 500);
                break;
            case 32:
                breaker.Apply(s_options[detail % s_options.Length]);
                model.Apply(s_options[detail % s_options.Length], now);
                break;
            case 33:
                breaker.Force(s_modes[detail % s_modes.Length]);
                model.Force(s_modes[detail % s_modes.Length], now);
                break;
            case 34 when detail % 3 == 0:
                breaker.Reset(now);
                model.Reset(now);
                break;
        }
    }
}
