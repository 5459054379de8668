using System.Threading.RateLimiting;
using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Retry;
using Weft.CircuitBreaker;
using Weft.Concurrency;
using Weft.Load.Expressions;
using Weft.Options;
using Weft.Retry;
using Weft.Timeouts;

namespace Weft.Load.Resilience;

/// <summary>Pipelines of Polly with one strategy or the usual five, ours and Polly's own, around a call that ends at once.</summary>
internal static class Strategies
{
    public const string Host = "pipeline with a strategy that does nothing";
    public const string WeftBreaker = "Weft: circuit breaker";
    public const string WeftStandard = "Weft: bulkhead, total timeout, retry, breaker, adaptive timeout";
    public const string PollyStandard = "Polly: limiter, total timeout, retry, breaker, attempt timeout";
    public const string WeftOpen = "Weft: open breaker";
    public const string PollyOpen = "Polly: open breaker";

    private static readonly Outcome<string> s_done = Outcome.FromResult("done");

    /// <summary>One strategy each.</summary>
    public static IEnumerable<Entrant> Single()
    {
        yield return Run(Host, b => b.AddStrategy(static _ => new Nothing(), new NothingOptions()));
        yield return Run(WeftBreaker, b => b.AddWeftCircuitBreaker());
        yield return Run("Polly: circuit breaker", b => b.AddCircuitBreaker(new CircuitBreakerStrategyOptions<string>()));
        yield return Run("Weft: retry", b => b.AddWeftRetry(new WeftRetryStrategyOptions<string>()));
        yield return Run("Polly: retry", b => b.AddRetry(new RetryStrategyOptions<string>()));
        yield return Run("Weft: fixed timeout", b => b.AddWeftTimeout(new() { Fixed = TimeSpan.FromSeconds(10) }));
        yield return Run("Weft: adaptive timeout", b => b.AddWeftTimeout());
        yield return Run("Polly: timeout", b => b.AddTimeout(TimeSpan.FromSeconds(10)));
        yield return Run("Weft: bulkhead", b => b.AddWeftBulkhead(new() { Max = 1000 }));
        yield return Run("Polly: concurrency limiter", b => b.AddConcurrencyLimiter(1000));
    }

    /// <summary>What is commonly put together.</summary>
    public static IEnumerable<Entrant> Standard()
    {
        yield return Run(WeftStandard, b => b
            .AddWeftBulkhead(new BulkheadOptions())
            .AddWeftTimeout(new() { Fixed = TimeSpan.FromSeconds(30) })
            .AddWeftRetry(new WeftRetryStrategyOptions<string>())
            .AddWeftCircuitBreaker()
            .AddWeftTimeout());
        // Beyond a total timeout it tells what is called inside it, through an AsyncLocal, how much time is left: that allocates.
        yield return Run("the same with Weft's deadline for the total timeout", b => b
            .AddWeftDeadline()
            .AddWeftBulkhead(new BulkheadOptions())
            .AddWeftRetry(new WeftRetryStrategyOptions<string>())
            .AddWeftCircuitBreaker()
            .AddWeftTimeout());
        yield return Run(PollyStandard, b => b
            .AddRateLimiter(new RateLimiterStrategyOptions { DefaultRateLimiterOptions = new ConcurrencyLimiterOptions { PermitLimit = 1000 } })
            .AddTimeout(TimeSpan.FromSeconds(30))
            .AddRetry(new RetryStrategyOptions<string> { UseJitter = true, BackoffType = DelayBackoffType.Exponential })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<string>())
            .AddTimeout(TimeSpan.FromSeconds(10)));
    }

    /// <summary>Calls that an open breaker rejects.</summary>
    public static IEnumerable<Entrant> Rejected()
    {
        yield return Run(WeftOpen, b => b.AddWeftCircuitBreaker(new WeftCircuitBreakerStrategyOptions<string>
        {
            Breaker = new() { Open = TimeSpan.FromHours(1), OpenMax = TimeSpan.FromHours(1) },
        }), fails: new CircuitBreakerOptions().Failures);
        var manual = new CircuitBreakerManualControl(isIsolated: true);
        yield return Run(PollyOpen, b => b.AddCircuitBreaker(new CircuitBreakerStrategyOptions<string> { ManualControl = manual }));
    }

    private static Entrant Run(string name, Action<ResiliencePipelineBuilder<string>> add, int fails = 0)
    {
        var builder = new ResiliencePipelineBuilder<string>();
        add(builder);
        var pipeline = builder.Build();
        var context = ResilienceContextPool.Shared.Get(CancellationToken.None);
        for (var i = 0; i < fails; i++)
            _ = pipeline.ExecuteOutcomeAsync(static (_, _) => new ValueTask<Outcome<string>>(Outcome.FromException<string>(new IOException())), context, 0).AsTask().GetAwaiter().GetResult();
        return new(name, () =>
        {
            var task = pipeline.ExecuteOutcomeAsync(static (_, _) => new ValueTask<Outcome<string>>(s_done), context, 0);
            return task.IsCompletedSuccessfully && task.Result.Exception is null ? 1 : 0;
        });
    }

    private sealed class Nothing : ResilienceStrategy<string>
    {
        protected override ValueTask<Outcome<string>> ExecuteCore<TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<string>>> callback, ResilienceContext context, TState state) => callback(context, state);
    }

    private sealed class NothingOptions : ResilienceStrategyOptions;
}
