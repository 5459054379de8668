using System.Diagnostics.CodeAnalysis;
using Polly;

namespace Weft.CircuitBreaker;

/// <summary>
/// Adds Weft's circuit breaker to pipelines of Polly. It can be used without anything else of Weft. Put it inside of retry, so that it judges each attempt, and outside of
/// the timeout of an attempt, so that a timeout is a failure: a cancellation from outside does not count.
/// </summary>
public static class WeftCircuitBreakerExtensions
{
    /// <summary>Adds a circuit breaker for results of any type. It takes the <see cref="ResiliencePipelineBuilderBase.TimeProvider"/> of the builder.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException"><see cref="WeftCircuitBreakerStrategyOptions{TResult}.Breaker"/> makes no sense; the text says which value, what is allowed and what to do.</exception>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">Another of the options is missing.</exception>
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, typeof(WeftCircuitBreakerStrategyOptions<>))]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Polly reads the annotations of the options, which are kept.")]
    public static ResiliencePipelineBuilder AddWeftCircuitBreaker(this ResiliencePipelineBuilder builder, WeftCircuitBreakerStrategyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        options ??= new();
        BreakerOptionsCheck.ThrowIfInvalid(options.Breaker, nameof(options));
        return builder.AddStrategy(context => new CircuitBreakerStrategy<object>(options, builder.TimeProvider ?? TimeProvider.System, context.Telemetry), options);
    }

    /// <summary>Adds a circuit breaker. It takes the <see cref="ResiliencePipelineBuilderBase.TimeProvider"/> of the builder.</summary>
    /// <typeparam name="TResult">The type of results.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException"><see cref="WeftCircuitBreakerStrategyOptions{TResult}.Breaker"/> makes no sense; the text says which value, what is allowed and what to do.</exception>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">Another of the options is missing.</exception>
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, typeof(WeftCircuitBreakerStrategyOptions<>))]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Polly reads the annotations of the options, which are kept.")]
    public static ResiliencePipelineBuilder<TResult> AddWeftCircuitBreaker<TResult>(
        this ResiliencePipelineBuilder<TResult> builder, WeftCircuitBreakerStrategyOptions<TResult>? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        options ??= new();
        BreakerOptionsCheck.ThrowIfInvalid(options.Breaker, nameof(options));
        return builder.AddStrategy(context => new CircuitBreakerStrategy<TResult>(options, builder.TimeProvider ?? TimeProvider.System, context.Telemetry), options);
    }
}
