using Polly;
using Polly.Retry;
using Weft.Diagnostics;
using Weft.Options;

namespace Weft.Retry;

/// <summary>Options of <c>AddWeftRetry</c> for results of any type.</summary>
public sealed class WeftRetryStrategyOptions : WeftRetryStrategyOptions<object>;

/// <summary>
/// Options of <c>AddWeftRetry</c>: after what an attempt is repeated, how often, after which waits, and how much the repeats of all callers may add. Read when the
/// pipeline is built.
/// </summary>
/// <typeparam name="TResult">The type of results.</typeparam>
public class WeftRetryStrategyOptions<TResult> : ResilienceStrategyOptions
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    /// <summary>Options with the defaults.</summary>
    public WeftRetryStrategyOptions() => Name = "WeftRetry";

    /// <summary>How many attempts may follow the first. 0 to 20, default 2.</summary>
    public int Max { get; init; } = 2;

    /// <summary>The span of the first wait. 0 s to 1 min, default 50 ms. The n-th wait is chosen at random between nothing and this · 2ⁿ⁻¹ (full jitter).</summary>
    public TimeSpan Base { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest span of a wait. At least <see cref="Base"/>, to 10 min, default 2 s.</summary>
    public TimeSpan Cap { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The least time that an attempt needs: when a wait would leave less before <see cref="Remaining"/> is over, neither is begun. 0 s to 1 h, default 1 ms.
    /// </summary>
    public TimeSpan Least { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>The budget that repeats draw on. Give all pipelines for one service the same. Default null: this pipeline has one of its own with the defaults.</summary>
    public SharedRetryBudget? Budget { get; init; }

    /// <summary>
    /// Which outcomes are repeated; a <see cref="PredicateBuilder{TResult}"/> fits. Default: every exception but <see cref="OperationCanceledException"/>, and no
    /// result. It is asked after each attempt, the last one too; what it throws ends the call.
    /// </summary>
    public Func<RetryPredicateArguments<TResult>, ValueTask<bool>> ShouldHandle { get; init; } =
        static arguments => new(arguments.Outcome.Exception is { } exception and not OperationCanceledException);

    /// <summary>
    /// What the service said about when to come again, for an outcome that <see cref="ShouldHandle"/> takes; null for nothing. The wait is never shorter, to the
    /// millisecond. More than 30 s, or more than <see cref="Remaining"/> leaves, is not waited for: the outcome is returned at once. Default null.
    /// </summary>
    public Func<Outcome<TResult>, TimeSpan?>? RetryAfter { get; init; }

    /// <summary>
    /// How long the caller still waits; null, or a delegate that returns null, for as long as it takes. A wait that does not fit is not begun, and the last outcome is
    /// returned, where a timeout around the pipeline would only say that time is up. Asked once for each repeat.
    /// </summary>
    public Func<ResilienceContext, TimeSpan?>? Remaining { get; init; }

    /// <summary>Called before each wait, with the number of the attempt that failed, from 0. What it throws ends the call. Default null.</summary>
    public Func<OnRetryArguments<TResult>, ValueTask>? OnRetry { get; init; }

    /// <summary>Chance for the waits, such as a seeded one for a test; it is used by one call at a time. Default null: one of its own.</summary>
    public Random? Random { get; init; }

    /// <summary>Throws when an option is out of its range.</summary>
    internal void ThrowIfInvalid()
    {
        List<OptionsProblem> problems = [];
        if (Max is < 0 or > 20)
            Add(nameof(Max), Max, "0 to 20 (default 2)", "For no repeats set 0, or leave the strategy out.");
        if (Base < TimeSpan.Zero || Base > s_minute)
            Add(nameof(Base), Base, "0 s to 1 min (default 50 ms)", "It is the span of the first wait; each later one is twice as long, up to Cap.");
        if (Cap < Base || Cap > TimeSpan.FromMinutes(10))
            Add(nameof(Cap), Cap, "Base to 10 min (default 2 s)", $"Base is {Base}: raise Cap, or lower Base.");
        if (Least < TimeSpan.Zero || Least > TimeSpan.FromHours(1))
            Add(nameof(Least), Least, "0 s to 1 h (default 1 ms)", "It is the least time that an attempt needs before the deadline.");
        if (ShouldHandle is null)
            Add(nameof(ShouldHandle), "null", "a delegate", "Leave it out for every exception but OperationCanceledException.");
        if (problems.Count > 0)
            throw new WeftConfigurationException(string.Join(Environment.NewLine, problems));

        void Add(string property, object value, string allowed, string remedy)
        {
            var path = $"{nameof(WeftRetryStrategyOptions)}.{property}";
            problems.Add(new(ProblemCodes.OutOfRange, path, $"{value}", $"{path} is {value}; allowed {allowed}. {remedy}"));
        }
    }
}
