using System.Diagnostics.CodeAnalysis;
using Polly;
using Weft.Options;
using Weft.Options.Schema;

namespace Weft.Concurrency;

/// <summary>Adds Weft's bulkhead to a Polly pipeline.</summary>
public static class WeftBulkheadPipelineBuilderExtensions
{
    /// <summary>
    /// Adds a bulkhead: so many executions of the pipeline run at once, those beyond wait in the order in which they came as far as there is a queue, and the rest end
    /// with <see cref="BulkheadRejectedException"/>. With a limit that follows, exceptions are failures, <see cref="TimeoutException"/> and
    /// <see cref="Polly.Timeout.TimeoutRejectedException"/> are timeouts, and every result is a success. Time is the <see cref="ResiliencePipelineBuilderBase.TimeProvider"/> of the builder.
    /// </summary>
    /// <typeparam name="TBuilder">The type of builder.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="options">The options.</param>
    /// <param name="remaining">How long a call may wait for a place; null, or one that returns null, for as long as its token allows. Asked only when there is no place.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="WeftConfigurationException">An option is out of its range; the text names it, its value, what is allowed and the remedy.</exception>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Polly reads the annotations of the options, which are kept.")]
    public static TBuilder AddWeftBulkhead<TBuilder>(this TBuilder builder, BulkheadOptions options, Func<ResilienceContext, TimeSpan?>? remaining = null)
        where TBuilder : ResiliencePipelineBuilderBase
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        var checking = new Checking(new WeftOptions());
        PolicyKeys.Bulkhead.Check(options, OptionsPath.Root.Key("bulkhead"), checking);
        if (checking.Problems.Count > 0)
            throw new WeftConfigurationException(string.Join(Environment.NewLine, checking.Problems));
        return builder.AddStrategy(
            context => new BulkheadStrategy(new Bulkhead(options, context.TimeProvider), remaining, context.TimeProvider, context.Telemetry), new BulkheadStrategyOptions());
    }

    /// <summary>Names the strategy in telemetry.</summary>
    private sealed class BulkheadStrategyOptions : ResilienceStrategyOptions
    {
        public BulkheadStrategyOptions() => Name = "WeftBulkhead";
    }
}
