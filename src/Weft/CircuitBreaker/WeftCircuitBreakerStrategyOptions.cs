using System.ComponentModel.DataAnnotations;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Weft.Diagnostics;
using Weft.Options;

namespace Weft.CircuitBreaker;

/// <summary>A circuit breaker in a Polly pipeline whose results have any type.</summary>
public class WeftCircuitBreakerStrategyOptions : WeftCircuitBreakerStrategyOptions<object>;

/// <summary>A circuit breaker in a Polly pipeline.</summary>
/// <typeparam name="TResult">The type of results.</typeparam>
public class WeftCircuitBreakerStrategyOptions<TResult> : ResilienceStrategyOptions
{
    /// <summary>Begins with the defaults and the name <c>WeftCircuitBreaker</c>.</summary>
    public WeftCircuitBreakerStrategyOptions() => Name = "WeftCircuitBreaker";

    /// <summary>
    /// When it opens and closes. Default: 5 failures in a row open it for 2 s, doubled up to 5 s, and 3 successes in a row close it.
    /// <see cref="CircuitBreakerOptions.Scope"/> and <see cref="CircuitBreakerOptions.Around"/> mean nothing here: <see cref="Partition"/> and the place in the pipeline say it.
    /// </summary>
    [Required]
    public CircuitBreakerOptions Breaker { get; set; } = new();

    /// <summary>
    /// Which outcomes are failures. Default: every exception, but what strategies further in rejected before it was sent, and a <c>DeadlineExceededException</c>: the caller's time was over, which says nothing about who is called. Not asked when the caller cancelled: such a call
    /// says nothing and does not count. Of the outcomes that are no failures, results and exceptions count as successes; cancellations and rejections do not count.
    /// When it throws, the call counts as a failure and the caller gets what it threw. A <see cref="PredicateBuilder{TResult}"/> fits.
    /// </summary>
    [Required]
    public Func<CircuitBreakerPredicateArguments<TResult>, ValueTask<bool>> ShouldHandle { get; set; } = IsFailure;

    /// <summary>
    /// Which breaker a call uses: for each key one of its own, such as the host, so that one that is down does not take the others with it. Null, the default, or a null
    /// key for one that all share. At most 10,000 keys are kept, idle ones for 10 minutes; those that are not closed are kept, and a new key for which there is no room
    /// is not protected.
    /// </summary>
    public Func<ResilienceContext, string?>? Partition { get; set; }

    /// <summary>
    /// Called after each change, on the thread of the call that made it; several threads may call at once. What it throws is reported to Polly's telemetry as
    /// <c>OnStateChangedFailed</c> and changes nothing. Default null.
    /// </summary>
    public Action<BreakerTransition>? OnStateChanged { get; set; }

    /// <summary>To read and force the state from outside, and to keep it when the pipeline is built again. Default null.</summary>
    public CircuitBreakerHandle? Handle { get; set; }

    /// <summary>Where the differences between times of being open come from; null, the default, for a seed of its own. Used when breakers are made, by one thread at a time.</summary>
    public Random? Chance { get; set; }

    /// <summary>The default of <see cref="ShouldHandle"/>; no result is a failure to it.</summary>
    internal static readonly Func<CircuitBreakerPredicateArguments<TResult>, ValueTask<bool>> IsFailure = static arguments =>
        new(arguments.Outcome.Exception is { } exception && !IsRejection(exception));

    /// <summary>Whether an exception says nothing about who is called: the call was not made, or its caller's time was over.</summary>
    internal static bool IsRejection(Exception exception) => exception is ExecutionRejectedException and not TimeoutRejectedException or IOwnRejection;
}
