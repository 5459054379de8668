using Microsoft.Extensions.Logging.Abstractions;
using Weft.Calls;
using Weft.CircuitBreaker;
using Weft.Concurrency;
using Weft.Load.Expressions;
using Weft.Options;
using Weft.Retry;
using Weft.ServiceRegistry;
using Weft.Timeouts;

namespace Weft.Load.Resilience;

/// <summary>The parts of a policy by themselves, and the pipeline of calls that is made of them, around a call that ends at once.</summary>
internal static class Parts
{
    public const string Clock = "reading the clock";
    public const string Breaker = "breaker: in and out, closed";
    public const string Open = "breaker: rejected";
    public const string AdaptiveTimeout = "adaptive timeout: ask and record";
    public const string Pipeline = "a call under the policy standard";
    public const string Bare = "a call under the policy none";

    /// <summary>Each part once for an attempt, with the time that the attempt has read.</summary>
    public static IEnumerable<Entrant> All()
    {
        var time = TimeProvider.System;
        var now = time.GetTimestamp();
        var breaker = new Breaker(new(), time);
        var open = new Breaker(new() { Open = TimeSpan.FromHours(1), OpenMax = TimeSpan.FromHours(1) }, time);
        while (open.TryEnter(now, out var failed))
            open.Exit(failed, Verdict.Failure, now);
        var timeout = new AdaptiveTimeout(new(), time);
        var budget = new RetryBudget(new(), time);
        var bulkhead = new Bulkhead(new(), time);
        yield return new(Clock, () => time.GetTimestamp() > 0 ? 1 : 0);
        yield return new(Breaker, () =>
        {
            if (!breaker.TryEnter(now, out var ticket))
                return 0;
            breaker.Exit(ticket, Verdict.Success, now);
            return 1;
        });
        yield return new(Open, () => open.TryEnter(now, out _) ? 0 : 1);
        var ends = now;
        yield return new(AdaptiveTimeout, () =>
        {
            var current = timeout.Current;
            timeout.Record(ends, ends += 1000);
            return current > TimeSpan.Zero ? 1 : 0;
        });
        yield return new("retry budget: a first attempt", () =>
        {
            budget.Deposit(now);
            return 1;
        });
        yield return new("bulkhead: in and out", () =>
        {
            if (!bulkhead.TryEnter())
                return 0;
            bulkhead.Exit();
            return 1;
        });
    }

    /// <summary>The pipeline that all calls of Weft go through.</summary>
    public static IEnumerable<Entrant> Calls()
    {
        yield return Call(Bare, PolicyOptions.None);
        yield return Call(Pipeline, new());
        yield return Call("a call with an adaptive bulkhead too", new() { Bulkhead = new() { Adaptive = AdaptiveLimitMode.Gradient } });
    }

    private static Entrant Call(string name, PolicyOptions policy)
    {
        var service = new Service("up", new() { Endpoints = [new() { Url = "http://127.0.0.1:1" }] }, policy, [], TimeProvider.System, new Random(1), NullLogger.Instance);
        var calls = new CallPipeline(TimeProvider.System);
        var input = new CallInput("bench", "GET");
        var sender = new AtOnce();
        return new(name, () =>
        {
            var task = calls.RunAsync(service, input, sender, default);
            if (!task.IsCompletedSuccessfully)
                return 0;
            using var call = task.Result;
            return call.Outcome.Status;
        });
    }

    private sealed class AtOnce : ICallSender<string>
    {
        public bool CanHedge => true;

        public ValueTask<Sent<string>> SendAsync(Attempt attempt) => new(new Sent<string>(new(AttemptResult.Answered, 200), "done"));

        public void Discard(string answer)
        {
        }
    }
}
