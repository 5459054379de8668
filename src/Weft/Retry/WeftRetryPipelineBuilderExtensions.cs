using System.Diagnostics.CodeAnalysis;
using Polly;
using Weft.Options;

namespace Weft.Retry;

/// <summary>Adds Weft's retry to a Polly pipeline.</summary>
public static class WeftRetryPipelineBuilderExtensions
{
    /// <summary>
    /// Adds a retry with full jitter, a budget that callers share, and an eye on the deadline: when a repeat is not allowed or would come too late, the last real
    /// outcome is returned. Waits follow the <see cref="ResiliencePipelineBuilderBase.TimeProvider"/> of the builder, the budget its own clock.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="WeftConfigurationException">An option is out of its range; the text names the property, its value, what is allowed and the remedy.</exception>
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, typeof(WeftRetryStrategyOptions<>))]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Polly reads the annotations of the options, which are kept.")]
    public static ResiliencePipelineBuilder AddWeftRetry(this ResiliencePipelineBuilder builder, WeftRetryStrategyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        options ??= new();
        options.ThrowIfInvalid();
        return builder.AddStrategy(context => new RetryStrategy<object>(options, context.TimeProvider, context.Telemetry), options);
    }

    /// <inheritdoc cref="AddWeftRetry(ResiliencePipelineBuilder, WeftRetryStrategyOptions?)"/>
    /// <typeparam name="TResult">The type of results.</typeparam>
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, typeof(WeftRetryStrategyOptions<>))]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Polly reads the annotations of the options, which are kept.")]
    public static ResiliencePipelineBuilder<TResult> AddWeftRetry<TResult>(this ResiliencePipelineBuilder<TResult> builder, WeftRetryStrategyOptions<TResult>? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        options ??= new();
        options.ThrowIfInvalid();
        return builder.AddStrategy(context => new RetryStrategy<TResult>(options, context.TimeProvider, context.Telemetry), options);
    }
}
