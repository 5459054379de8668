using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Weft.Options;
using Weft.Retry;

namespace Weft.Tests.Retry;

/// <summary>What repeats do to a service, by simulation with the shipped backoff and budget. The models are those that the literature of the field uses.</summary>
public sealed class RetryLoadTests(ITestOutputHelper output)
{
    /// <summary>
    /// Clients that change one record under optimistic concurrency (Brooker, Exponential Backoff and Jitter): read, write, and after a conflict wait and begin again.
    /// Each message takes about 10 ms.
    /// </summary>
    [Fact]
    public void Jitter_over_the_whole_span_saves_work_where_clients_collide()
    {
        var random = new Random(1);
        var backoff = new Backoff(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(2000), random);
        output.WriteLine("clients | wait | done after ms | writes");
        foreach (var clients in new[] { 20, 50, 100 })
        {
            var none = Mean(clients, random, _ => 0);
            var plain = Mean(clients, random, n => backoff.Span(n).TotalMilliseconds);
            var full = Mean(clients, random, n => backoff.Wait(n).TotalMilliseconds);
            foreach (var (name, (end, writes)) in new[] { ("none", none), ("doubled", plain), ("doubled, full jitter", full) })
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clients} | {name} | {end:F0} | {writes:F0}"));

            Assert.True(full.Writes < plain.Writes && full.Writes < none.Writes * (clients == 100 ? 0.4 : 0.8));
            Assert.True(full.End < plain.End / 3);
        }
    }

    /// <summary>Each call makes up to three repeats while it fails; the budget is that of the defaults. 100 calls a second.</summary>
    [Fact]
    public void A_budget_bounds_the_load_when_everything_fails()
    {
        output.WriteLine("failing | load without | success without | load with | success with");
        foreach (var failing in new[] { 0.01, 0.05, 0.2, 0.5, 1 })
        {
            var free = Calls(failing, new() { Ratio = 1, Floor = 1000 });
            var bound = Calls(failing, new());
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{failing:P0} | x{free.Load:F2} | {free.Success:P1} | x{bound.Load:F2} | {bound.Success:P1}"));

            Assert.InRange(bound.Load, 1, 1.102);
            if (failing <= 0.05)
                Assert.InRange(free.Success - bound.Success, 0, 0.001); // Where little fails, the budget is not felt.
        }
        Assert.InRange(Calls(1, new() { Ratio = 1, Floor = 1000 }).Load, 3.99, 4.01);
    }

    private static (double End, double Writes) Mean(int clients, Random random, Func<int, double> wait)
    {
        const int Runs = 20;
        var runs = Enumerable.Range(0, Runs).Select(_ => Contend(clients, random, wait)).ToList();
        return (runs.Average(r => r.End), runs.Average(r => r.Writes));
    }

    private static (double End, double Writes) Contend(int clients, Random random, Func<int, double> wait)
    {
        var events = new PriorityQueue<(int Client, bool Writes), double>();
        var seen = new int[clients];
        var failures = new int[clients];
        var (version, writes, end) = (0, 0, 0.0);
        for (var i = 0; i < clients; i++)
            events.Enqueue((i, false), Message());
        while (events.TryDequeue(out var arrival, out var now))
        {
            var (client, isWrite) = arrival;
            if (!isWrite)
            {
                seen[client] = version;
                events.Enqueue((client, true), now + Message() + Message());
                continue;
            }
            writes++;
            if (seen[client] == version)
            {
                version++;
                end = now + Message();
                continue;
            }
            events.Enqueue((client, false), now + Message() + wait(++failures[client]) + Message());
        }
        return (end, writes);

        double Message() => Math.Max(0, 10 + (2 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())));
    }

    private static (double Load, double Success) Calls(double failing, RetryBudgetOptions options)
    {
        const int Count = 100_000;
        var time = new FakeTimeProvider();
        var budget = new RetryBudget(options, time);
        var rules = new RetryRules(new() { Max = 3 }, new Random(2));
        var random = new Random(3);
        var (attempts, successes) = (0, 0);
        for (var call = 0; call < Count; call++)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            var now = time.GetTimestamp();
            budget.Deposit(now);
            for (var number = 1; ; number++)
            {
                attempts++;
                var fails = random.NextDouble() < failing;
                if (!fails)
                    successes++;
                var attempt = new FailedAttempt("GET") { Number = number, Reason = fails ? RetryReason.Of(503) : null };
                if (!rules.Decide(attempt, budget, now).Repeats)
                    break;
            }
        }
        return ((double)attempts / Count, (double)successes / Count);
    }
}
