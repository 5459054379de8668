using System.Diagnostics.CodeAnalysis;
using Polly;
using Weft.Options;
using Weft.Options.Schema;

namespace Weft.Timeouts;

/// <summary>Weft's deadline and attempt timeout as strategies of Polly.</summary>
public static class TimeoutPipelineExtensions
{
    /// <summary>
    /// Ends each attempt after a fixed time, or after one that follows how long attempts take. Put it innermost, inside retry. An attempt that took too long ends in an
    /// <see cref="AttemptTimeoutException"/>; one that its caller gave up, in the caller's <see cref="OperationCanceledException"/>. <see cref="Deadline.Current"/> counts too: when
    /// nothing is left of it the attempt is refused, and when it ends before the timeout the error is a <see cref="DeadlineExceededException"/>.
    /// </summary>
    /// <remarks>
    /// What runs inside must heed its token, and must not keep it: tokens are used again. An adaptive timeout belongs to the pipeline, so use one pipeline for each service; it
    /// learns from attempts that gave a result or took too long. Nothing is allocated for an attempt that is in time.
    /// </remarks>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">The pipeline; its <see cref="ResiliencePipelineBuilderBase.TimeProvider"/> is the clock.</param>
    /// <param name="options">Null for the defaults: twice the 99th percentile of the last minute.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="WeftConfigurationException">The options are not allowed; the text names each of them, its value, what is allowed and what to do.</exception>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Polly reads the annotations of the options, which are kept.")]
    public static TBuilder AddWeftTimeout<TBuilder>(this TBuilder builder, AttemptTimeoutOptions? options = null) where TBuilder : ResiliencePipelineBuilderBase
    {
        ArgumentNullException.ThrowIfNull(builder);
        options ??= new();
        Check(PolicyKeys.Timeout, options);
        return builder.AddStrategy(
            context => new TimeoutStrategy(
                options.Fixed ?? default, options.Fixed is null ? new AdaptiveTimeout(options, context.TimeProvider) : null, context.TimeProvider, context.Telemetry),
            new Named("WeftTimeout"));
    }

    /// <summary>
    /// Gives all that is inside it, with repeats and waits, one deadline. Put it outermost. It is <see cref="DeadlineOptions.Total"/> from the beginning, or what is left of
    /// <see cref="Deadline.Current"/> without <see cref="DeadlineOptions.Margin"/> when that is less; inside, <see cref="Deadline.Current"/> is the result. When it is over the token
    /// is cancelled and the outcome is a <see cref="DeadlineExceededException"/>; when nothing is left at the beginning, nothing is begun.
    /// </summary>
    /// <remarks>
    /// What runs inside must heed its token, and must not keep it: tokens are used again. <see cref="DeadlineOptions.Propagate"/> and <see cref="DeadlineOptions.Idle"/> are for calls over
    /// HTTP and do nothing here.
    /// </remarks>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">The pipeline; its <see cref="ResiliencePipelineBuilderBase.TimeProvider"/> is the clock.</param>
    /// <param name="options">Null for the defaults: 10 s.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="WeftConfigurationException">The options are not allowed; the text names each of them, its value, what is allowed and what to do.</exception>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Polly reads the annotations of the options, which are kept.")]
    public static TBuilder AddWeftDeadline<TBuilder>(this TBuilder builder, DeadlineOptions? options = null) where TBuilder : ResiliencePipelineBuilderBase
    {
        ArgumentNullException.ThrowIfNull(builder);
        options ??= new();
        Check(PolicyKeys.Deadline, options);
        return builder.AddStrategy(context => new DeadlineStrategy(options, context.TimeProvider, context.Telemetry), new Named("WeftDeadline"));
    }

    private static void Check<T>(Section<T> section, T options) where T : class
    {
        var checking = new Checking(new WeftOptions());
        section.Check(options, OptionsPath.Root.Key(typeof(T).Name), checking);
        if (checking.Problems.Count > 0)
            throw new WeftConfigurationException(string.Join(Environment.NewLine, checking.Problems));
    }

    /// <summary>Options without options: how Polly learns the name of a strategy.</summary>
    private sealed class Named : ResilienceStrategyOptions
    {
        public Named(string name) => Name = name;
    }
}
