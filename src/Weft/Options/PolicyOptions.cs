using Weft.Expressions;

namespace Weft.Options;

/// <summary>
/// What protects the calls to a service: how long they may take, when they are repeated, when a service is left alone, how many run at once, and what is answered
/// when all that did not help. The defaults are the built-in policy <c>standard</c>, which holds wherever none is named; change a part with <c>with</c>.
/// </summary>
public sealed record PolicyOptions
{
    /// <summary>The name of the policy that holds wherever none is named.</summary>
    public const string StandardName = "standard";

    /// <summary>The name of the built-in policy in which everything but the deadline is off.</summary>
    public const string NoneName = "none";

    /// <summary>The built-in policy <c>none</c>: a deadline and nothing else.</summary>
    public static PolicyOptions None { get; } = new()
    {
        Timeout = AttemptTimeoutOptions.Off,
        Retry = RetryOptions.Off,
        Breaker = CircuitBreakerOptions.Off,
        Bulkhead = BulkheadOptions.Off,
    };

    /// <summary>
    /// In the file, the policy whose values this one begins with: a name under <c>policies</c>, <c>standard</c> or <c>none</c>. Null is <c>standard</c>.
    /// Options made in C# begin where <c>with</c> says, and this is only a note.
    /// </summary>
    public string? Extends { get; init; }

    /// <summary>How long a call may take in all.</summary>
    public DeadlineOptions Deadline { get; init; } = new();

    /// <summary>How long one attempt may take.</summary>
    public AttemptTimeoutOptions Timeout { get; init; } = new();

    /// <summary>When an attempt is repeated.</summary>
    public RetryOptions Retry { get; init; } = new();

    /// <summary>When an instance is left alone.</summary>
    public CircuitBreakerOptions Breaker { get; init; } = new();

    /// <summary>How many calls run at once.</summary>
    public BulkheadOptions Bulkhead { get; init; } = new();

    /// <summary>When a second attempt is begun beside a slow one; null for never.</summary>
    public HedgeOptions? Hedge { get; init; }

    /// <summary>What is answered in place of a failure, tried in order; empty for the failure itself.</summary>
    public OptionsList<FallbackOptions> Fallback { get; init; } = [];
}

/// <summary>How long a call may take in all, with its attempts, waits and the time in a queue. Streamed answers count until their headers have come.</summary>
public sealed record DeadlineOptions
{
    /// <summary>The longest a call may take. 1 ms to 1 h, default 10 s. What the caller has left is never exceeded.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether the service is told how long the caller waits (<c>weft-timeout-ms</c>, or <c>grpc-timeout</c> on gRPC). Default true.</summary>
    public bool Propagate { get; init; } = true;

    /// <summary>What is kept back of the time that is left, for the way of the answer. 0 s to 10 s, default 5 ms.</summary>
    public TimeSpan Margin { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The longest silence within a streamed answer, once its headers have come. 1 ms to 1 h, default 60 s.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>How long one attempt may take: a fixed time, or a time that follows how fast the service answers.</summary>
public sealed record AttemptTimeoutOptions
{
    /// <summary>No timeout for an attempt: the deadline alone ends it.</summary>
    public static AttemptTimeoutOptions Off { get; } = new() { Fixed = System.Threading.Timeout.InfiniteTimeSpan };

    /// <summary>A fixed time, 1 ms to 1 h; null, the default, for one that follows. <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for none.</summary>
    public TimeSpan? Fixed { get; init; }

    /// <summary>Which percentile of the time of past attempts it follows. p50 to p99.9, default p99.</summary>
    public Percentile Adaptive { get; init; } = new(0.99);

    /// <summary>How many times that percentile it is. 1 to 10, default 2; below 1.5 many healthy attempts are cut.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>Never shorter than this. 1 ms to 1 h, default 50 ms.</summary>
    public TimeSpan Min { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Never longer than this. At least <see cref="Min"/>, to 1 h, default 5 s, so that another attempt fits into the default deadline.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What holds until there are enough samples. From <see cref="Min"/> to <see cref="Max"/>, default 5 s: a service that is called seldom may be slow, and nothing is known about it.</summary>
    public TimeSpan Initial { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many samples are enough. 20 to 100,000, default 200.</summary>
    public int Samples { get; init; } = 200;

    /// <summary>How far back samples count. 6 s to 1 h, default 60 s.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>A percentile of measured times, written <c>p99</c> or <c>p99.9</c>.</summary>
/// <param name="Quantile">The share of samples at or below it, 0 to 1.</param>
public readonly record struct Percentile(double Quantile)
{
    /// <summary>As it is written in the file.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"p{Quantile * 100:0.####}");
}

/// <summary>
/// When an attempt is repeated, and after which wait. The n-th wait is chosen at random between nothing and <see cref="Base"/> · 2ⁿ⁻¹, at most <see cref="Cap"/>
/// (full jitter), and never shorter than a <c>Retry-After</c>. A wait that does not fit into the deadline is not begun: the last answer is returned.
/// </summary>
public sealed record RetryOptions
{
    /// <summary>The idempotent methods (RFC 9110, section 9.2.2), as far as they are sent on.</summary>
    internal static readonly OptionsList<string> Idempotent = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"];

    /// <summary>Nothing is repeated.</summary>
    public static RetryOptions Off { get; } = new() { Max = 0 };

    /// <summary>How many attempts may follow the first. 0 to 20, default 2.</summary>
    public int Max { get; init; } = 2;

    /// <summary>The span of the first wait. 0 s to 1 min, default 50 ms.</summary>
    public TimeSpan Base { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest span of a wait. At least <see cref="Base"/>, to 10 min, default 2 s.</summary>
    public TimeSpan Cap { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>After what. Default connect, reset, timeout, 429, 502, 503, 504.</summary>
    public OptionsList<RetryReason> On { get; init; } =
        [RetryReason.Connect, RetryReason.Reset, RetryReason.Timeout, RetryReason.Of(429), RetryReason.Of(502), RetryReason.Of(503), RetryReason.Of(504)];

    /// <summary>
    /// Which methods; empty, the default, for the idempotent ones: GET, HEAD, OPTIONS, TRACE, PUT, DELETE. A request that carries an <c>Idempotency-Key</c> counts as
    /// idempotent. Others need <see cref="Unsafe"/>.
    /// </summary>
    public OptionsList<string> Methods { get; init; } = [];

    /// <summary>Says that repeating the methods that are not idempotent does no harm. Default false.</summary>
    public bool Unsafe { get; init; }

    /// <summary>The largest request body that is kept to be sent again, in bytes. 0 to 16 MB, default 64 KB. Larger ones are sent once.</summary>
    public long Body { get; init; } = 64 * 1024;

    /// <summary>How much the repeats of all callers together may add.</summary>
    public RetryBudgetOptions Budget { get; init; } = new();
}

/// <summary>How much repeated attempts, of all callers in this process together, may add to the calls of a service. Hedged attempts draw on it too.</summary>
public sealed record RetryBudgetOptions
{
    /// <summary>Repeats allowed for each first attempt. 0 to 1, default 0.1.</summary>
    public double Ratio { get; init; } = 0.10;

    /// <summary>Repeats a second that are always allowed, for services that are called seldom. 0 to 1,000, default 0.1.</summary>
    public double Floor { get; init; } = 0.1;

    /// <summary>How long what was not used can be saved. 1 s to 10 min, default 10 s.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Why an attempt may be repeated.</summary>
public readonly record struct RetryReason
{
    private RetryReason(string? word, int status) => (Word, Status) = (word, status);

    /// <summary>There was no connection: nothing was sent.</summary>
    public static RetryReason Connect { get; } = new("connect", 0);

    /// <summary>The connection broke before the answer was whole.</summary>
    public static RetryReason Reset { get; } = new("reset", 0);

    /// <summary>The attempt took longer than its timeout.</summary>
    public static RetryReason Timeout { get; } = new("timeout", 0);

    /// <summary>The word of a reason that is no status; null for a status.</summary>
    public string? Word { get; }

    /// <summary>The status of the answer; 0 for a word.</summary>
    public int Status { get; }

    /// <summary>An answer with this status, 300 to 599.</summary>
    /// <param name="status">The status.</param>
    public static RetryReason Of(int status) => new(null, status);

    /// <summary>As it is written in the file.</summary>
    public override string ToString() => Word ?? Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>
/// When an instance is left alone, and how it is tried again: closed while it answers, open after failures, half-open to try it (Nygard, Release It!; the
/// figures are those that Envoy, Hystrix and resilience4j share).
/// </summary>
public sealed record CircuitBreakerOptions
{
    private static readonly TimeSpan s_usualOpenMax = TimeSpan.FromSeconds(5);

    /// <summary>Never opens.</summary>
    public static CircuitBreakerOptions Off { get; } = new() { Mode = CircuitBreakerMode.ForcedClosed };

    /// <summary>Failures in a row that open it. 1 to 10,000, default 5. Not used when <see cref="Ratio"/> is set.</summary>
    public int Failures { get; init; } = 5;

    /// <summary>The share of calls within <see cref="Window"/> that must fail to open it, above 0 to 1; null, the default, to count failures in a row.</summary>
    public double? Ratio { get; init; }

    /// <summary>With <see cref="Ratio"/> or <see cref="Slow"/>: fewer calls than this within the window say nothing. 1 to 100,000, default 20.</summary>
    public int Minimum { get; init; } = 20;

    /// <summary>With <see cref="Ratio"/> or <see cref="Slow"/>: how far back calls count. 1 s to 1 h, default 10 s.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Opens it when too many calls are slow; null for never.</summary>
    public SlowCallOptions? Slow { get; init; }

    /// <summary>How long it stays open the first time. 10 ms to 1 h, default 2 s. Doubles with each opening until a healthy period has passed; a tenth more or less at random.</summary>
    public TimeSpan Open { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The longest it stays open, and the healthy period after which <see cref="Open"/> holds again. At least <see cref="Open"/>, to 1 day; null, the default, for 5 s, or
    /// <see cref="Open"/> where that is longer. A service that works again is left alone for that long at most; one that does not is tried that often.
    /// </summary>
    public TimeSpan? OpenMax { get; init; }

    /// <summary>Half-open: successes in a row that close it. 1 to 1,000, default 3.</summary>
    public int Successes { get; init; } = 3;

    /// <summary>Half-open: how many calls may try at a time. 1 to 1,000, default 1.</summary>
    public int Probes { get; init; } = 1;

    /// <summary>Half-open: a try that has not ended by then counts as failed. 10 ms to 1 h, default 10 s.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether each instance has its own, or the service has one. Default <see cref="CircuitBreakerScope.Instance"/>.</summary>
    public CircuitBreakerScope Scope { get; init; }

    /// <summary>Whether it judges each attempt, or the call with its repeats, which needs <see cref="CircuitBreakerScope.Service"/>. Default <see cref="CircuitBreakerAround.Attempt"/>.</summary>
    public CircuitBreakerAround Around { get; init; }

    /// <summary>Whether it works, only watches, or is forced. Default <see cref="CircuitBreakerMode.Auto"/>.</summary>
    public CircuitBreakerMode Mode { get; init; }

    /// <summary>What <see cref="OpenMax"/> comes to.</summary>
    internal TimeSpan LongestOpen => OpenMax ?? (Open > s_usualOpenMax ? Open : s_usualOpenMax);
}

/// <summary>Opens a breaker when too many calls are slow.</summary>
public sealed record SlowCallOptions
{
    /// <summary>A call that takes longer is slow. 1 ms to 1 h, default 1 s.</summary>
    public TimeSpan Over { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The share of calls within the window that must be slow. Above 0 to 1, default 0.8.</summary>
    public double Ratio { get; init; } = 0.8;
}

/// <summary>Who shares a circuit breaker.</summary>
public enum CircuitBreakerScope
{
    /// <summary>Each instance has its own, so that one that is down does not take the others with it.</summary>
    Instance,

    /// <summary>All instances of the service share one.</summary>
    Service,
}

/// <summary>What a circuit breaker judges.</summary>
public enum CircuitBreakerAround
{
    /// <summary>Each attempt.</summary>
    Attempt,

    /// <summary>The whole call with its repeats, as one.</summary>
    Retry,
}

/// <summary>Whether a circuit breaker acts.</summary>
public enum CircuitBreakerMode
{
    /// <summary>It opens and closes by what it sees.</summary>
    Auto,

    /// <summary>It counts and reports what it would do, and rejects nothing.</summary>
    Observe,

    /// <summary>It rejects everything.</summary>
    ForcedOpen,

    /// <summary>It rejects nothing and counts nothing.</summary>
    ForcedClosed,
}

/// <summary>How many calls to a service run at once; those beyond wait in a queue or are rejected.</summary>
public sealed record BulkheadOptions
{
    /// <summary>No limit.</summary>
    public static BulkheadOptions Off { get; } = new() { Max = 0 };

    /// <summary>Calls at once, 1 to 1,000,000, default 256; 0 for no limit.</summary>
    public int Max { get; init; } = 256;

    /// <summary>Calls that may wait for a place, within their deadline. 0 to 1,000,000, default 0.</summary>
    public int Queue { get; init; }

    /// <summary>Whether the limit follows what the service can bear, between <see cref="Min"/> and <see cref="Max"/>. Default <see cref="AdaptiveLimitMode.Off"/>.</summary>
    public AdaptiveLimitMode Adaptive { get; init; }

    /// <summary>The least a limit that follows can become. 1 to <see cref="Max"/>, default 8.</summary>
    public int Min { get; init; } = 8;
}

/// <summary>How a limit on concurrency follows the service.</summary>
public enum AdaptiveLimitMode
{
    /// <summary>It does not.</summary>
    Off,

    /// <summary>By the ratio of the usual to the present time of calls (Netflix concurrency-limits, Gradient2).</summary>
    Gradient,

    /// <summary>Adds one while calls succeed, takes a tenth off when they fail or time out.</summary>
    Aimd,
}

/// <summary>Begins another attempt on another instance when the first is slow, and takes what answers first (Dean and Barroso, The Tail at Scale).</summary>
public sealed record HedgeOptions
{
    /// <summary>After which time: a percentile of past attempts, or a time. Default p95.</summary>
    public HedgeDelay After { get; init; } = new(new Percentile(0.95));

    /// <summary>Never sooner than this. 0 s to 1 min, default 10 ms.</summary>
    public TimeSpan Min { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>How many more attempts may run beside the first. 1 to 5, default 1.</summary>
    public int Max { get; init; } = 1;

    /// <summary>How many of them there may be for each call, of all callers in this process together. Above 0 to 1, default 0.05.</summary>
    public double Budget { get; init; } = 0.05;
}

/// <summary>After which time an attempt is hedged: a percentile of past attempts, or a time.</summary>
public readonly record struct HedgeDelay
{
    /// <summary>A percentile of the time of past attempts, p50 to p99.9.</summary>
    /// <param name="percentile">The percentile.</param>
    public HedgeDelay(Percentile percentile) => Percentile = percentile;

    /// <summary>A fixed time, 0 s to 1 min.</summary>
    /// <param name="time">The time.</param>
    public HedgeDelay(TimeSpan time) => Time = time;

    /// <summary>The percentile; null for a time.</summary>
    public Percentile? Percentile { get; }

    /// <summary>The time; null for a percentile.</summary>
    public TimeSpan? Time { get; }
}

/// <summary>What is answered in place of a failure. Exactly one of the three is set.</summary>
public sealed record FallbackOptions
{
    /// <summary>The last good answer to the same request of the same caller, when it is not older than this. 1 s to 7 days.</summary>
    public TimeSpan? Cached { get; init; }

    /// <summary>A value: an expression over the request, or a map or list of them, answered as JSON with status 200.</summary>
    public CelTree? Value { get; init; }

    /// <summary>Another service, which is sent the same request: a name under <c>services</c>. Its own fallback does not count.</summary>
    public string? Service { get; init; }
}
