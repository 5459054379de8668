using Polly;
using Weft.CircuitBreaker;
using Weft.Concurrency;
using Weft.Options;
using Weft.Retry;
using Weft.Timeouts;

namespace Weft.Calls;

/// <summary>Adds a whole policy to pipelines of Polly.</summary>
public static class WeftPolicyPipelineExtensions
{
    /// <summary>
    /// Adds the parts of a policy in the order in which Weft has them: deadline, bulkhead, retry, circuit breaker, attempt timeout. With
    /// <see cref="CircuitBreakerAround.Retry"/> the breaker stands outside of retry. Exceptions are failures, results are not; for a judgement of your own add the
    /// parts one by one.
    /// </summary>
    /// <param name="builder">The pipeline; its <see cref="ResiliencePipelineBuilderBase.TimeProvider"/> is the clock.</param>
    /// <param name="policy">The policy; null for the built-in <c>standard</c>. Methods, statuses and bodies are for HTTP and mean nothing here.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="WeftConfigurationException">The policy makes no sense, or has a hedge or a fallback, which need to know instances and answers.</exception>
    public static ResiliencePipelineBuilder AddWeftPolicy(this ResiliencePipelineBuilder builder, PolicyOptions? policy = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        policy = WeftPolicies.Checked(policy ?? new());
        if (policy.Hedge is not null || policy.Fallback.Count > 0)
            throw new WeftConfigurationException("The policy has a hedge or a fallback, which a pipeline of Polly cannot do: it knows no instances and no answers. Take them out with 'with', or use Polly's own strategies for them.");
        builder.AddWeftDeadline(policy.Deadline);
        if (policy.Bulkhead.Max > 0)
            builder.AddWeftBulkhead(policy.Bulkhead, static _ => Left());
        var breaker = new WeftCircuitBreakerStrategyOptions { Breaker = policy.Breaker };
        if (policy.Breaker.Around == CircuitBreakerAround.Retry)
            builder.AddWeftCircuitBreaker(breaker);
        if (policy.Retry.Max > 0)
        {
            builder.AddWeftRetry(new WeftRetryStrategyOptions
            {
                Max = policy.Retry.Max,
                Base = policy.Retry.Base,
                Cap = policy.Retry.Cap,
                Budget = new SharedRetryBudget(policy.Retry.Budget, builder.TimeProvider),
                Remaining = static _ => Left(),
                // Coming again at once to a breaker that is open, or after the time is over, is of no use.
                ShouldHandle = static arguments => new(arguments.Outcome.Exception is { } exception and not (OperationCanceledException or ExecutionRejectedException or DeadlineExceededException)),
            });
        }
        if (policy.Breaker.Around == CircuitBreakerAround.Attempt)
            builder.AddWeftCircuitBreaker(breaker);
        return policy.Timeout.Fixed == Timeout.InfiniteTimeSpan ? builder : builder.AddWeftTimeout(policy.Timeout);
    }

    private static TimeSpan? Left() => Deadline.Current is { IsNone: false } deadline ? deadline.Remaining : null;
}
