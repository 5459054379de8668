using static Weft.Options.Schema.Forms;

namespace Weft.Options.Schema;

/// <summary>What protects calls: <c>policies</c>.</summary>
internal static class PolicyKeys
{
    private static readonly TimeSpan s_ms = TimeSpan.FromMilliseconds(1), s_hour = TimeSpan.FromHours(1);
    private static readonly Duration s_time = new(s_ms, s_hour);

    public static IEnumerable<(string Name, bool Enabled)> Names(WeftOptions options) =>
        options.Policies.Keys.Concat([PolicyOptions.StandardName, PolicyOptions.NoneName]).Distinct().Select(name => (name, true));

    public static Section<DeadlineOptions> Deadline { get; } = Section.Of(new DeadlineOptions(), "how long a call may take")
        .Key("total", s_time, o => o.Total, (o, v) => o with { Total = v },
            "The longest a call may take, with its attempts, waits and the time in a queue. A streamed answer counts until its headers have come.",
            remedy: "Every call has a deadline; one that may take long needs a long one.")
        .Key("propagate", new Truth(), o => o.Propagate, (o, v) => o with { Propagate = v },
            "Whether the service is told how long the caller waits, in weft-timeout-ms, or grpc-timeout on gRPC.")
        .Key("margin", new Duration(TimeSpan.Zero, TimeSpan.FromSeconds(10)), o => o.Margin, (o, v) => o with { Margin = v },
            "What is kept back of the time that is left, for the way of the answer.")
        .Key("idle", s_time, o => o.Idle, (o, v) => o with { Idle = v },
            "The longest silence within a streamed answer, once its headers have come.")
        .ShortFor("total")
        .Rule(PolicyRules.MarginWithinTotal);

    public static Section<AttemptTimeoutOptions> Timeout { get; } = Section.Of(new AttemptTimeoutOptions(), "how long an attempt may take")
        .Key("fixed", new Optional<TimeSpan>(new OptionalTime(s_time)), o => o.Fixed, (o, v) => o with { Fixed = v, Adaptive = new AttemptTimeoutOptions().Adaptive },
            "A fixed time, or off for none: then only the deadline ends an attempt.", remedy: "To switch the timeout off, write timeout: off.")
        .Key("adaptive", new Optional<Percentile>(new PercentileText()), o => o.Fixed is null ? o.Adaptive : null, (o, v) => o with { Adaptive = v!.Value, Fixed = null },
            "Follows how fast the service answers: which percentile of the time of past attempts.")
        .Key("factor", new Number(1, 10), o => o.Factor, (o, v) => o with { Factor = v },
            "How many times that percentile.", remedy: "Below 1.5 many healthy attempts are cut; 2 is a good value.")
        .Key("min", s_time, o => o.Min, (o, v) => o with { Min = v },
            "An adaptive timeout is never shorter.")
        .Key("max", s_time, o => o.Max, (o, v) => o with { Max = v },
            "An adaptive timeout is never longer.")
        .Key("initial", s_time, o => o.Initial, (o, v) => o with { Initial = v },
            "What holds until there are enough samples.")
        .Key("samples", new Integer(20, 100_000), o => o.Samples, (o, v) => o with { Samples = v },
            "How many samples are enough.")
        .Key("window", new Duration(TimeSpan.FromSeconds(6), s_hour), o => o.Window, (o, v) => o with { Window = v },
            "How far back samples count.")
        .ShortFor("fixed")
        .Rivals("fixed", "adaptive")
        .Rule(PolicyRules.TimeoutBounds);

    public static Section<RetryBudgetOptions> RetryBudget { get; } = Section.Of(new RetryBudgetOptions(), "how much repeats may add")
        .Key("ratio", new Share(zeroAllowed: true), o => o.Ratio, (o, v) => o with { Ratio = v },
            "Repeats allowed for each first attempt, of all callers in the process together.")
        .Key("floor", new Rate(0, 1000), o => o.Floor, (o, v) => o with { Floor = v },
            "Repeats that are always allowed, for services that are called seldom. It holds for each process: with many processes a high one feeds retry storms.")
        .Key("window", new Duration(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)), o => o.Window, (o, v) => o with { Window = v },
            "How long what was not used can be saved.");

    public static Section<RetryOptions> Retry { get; } = Section.Of(new RetryOptions(), "when an attempt is repeated")
        .Key("max", new Integer(0, 20), o => o.Max, (o, v) => o with { Max = v },
            "How many attempts may follow the first.", remedy: "To switch retry off, write retry: off.")
        .Key("base", new Duration(TimeSpan.Zero, TimeSpan.FromMinutes(1)), o => o.Base, (o, v) => o with { Base = v },
            "The span of the first wait, chosen at random within it; each later span is twice as long.")
        .Key("cap", new Duration(TimeSpan.Zero, TimeSpan.FromMinutes(10)), o => o.Cap, (o, v) => o with { Cap = v },
            "The longest span of a wait.")
        .Key("on", new ListOf<RetryReason>(new RetryReasonText(), 50), o => o.On, (o, v) => o with { On = v },
            "After what.")
        .Key("methods", new RetryMethods(new ListOf<string>(Method, 20)), o => o.Methods, (o, v) => o with { Methods = v },
            "Which methods. A request with an Idempotency-Key counts as idempotent.")
        .Key("unsafe", new Truth(), o => o.Unsafe, (o, v) => o with { Unsafe = v },
            "Says that repeating methods that are not idempotent does no harm.")
        .Key("body", new Size(0, 16 << 20), o => o.Body, (o, v) => o with { Body = v },
            "The largest request body that is kept to be sent again.")
        .Key("budget", RetryBudget, o => o.Budget, (o, v) => o with { Budget = v },
            "How much the repeats of all callers together may add.")
        .ShortFor("max")
        .OffWith(o => o with { Max = 0 })
        .Rule(PolicyRules.RetryWaits)
        .Rule(PolicyRules.UnsafeMethods);

    public static Section<SlowCallOptions> Slow { get; } = Section.Of(new SlowCallOptions(), "when slow calls open the breaker")
        .Key("over", s_time, o => o.Over, (o, v) => o with { Over = v },
            "A call that takes longer is slow.")
        .Key("ratio", new Share(zeroAllowed: false), o => o.Ratio, (o, v) => o with { Ratio = v },
            "The share of calls within the window that must be slow.")
        .OffWith(_ => null);

    public static Section<CircuitBreakerOptions> Breaker { get; } = Section.Of(new CircuitBreakerOptions(), "when an instance is left alone")
        .Key("failures", new Optional<int>(new Integer(1, 10_000)), o => o.Ratio is null ? o.Failures : null, (o, v) => o with { Failures = v!.Value, Ratio = null },
            "Failures in a row that open it.", remedy: "To switch the breaker off, write breaker: off.")
        .Key("ratio", new Optional<double>(new Share(zeroAllowed: false)), o => o.Ratio, (o, v) => o with { Ratio = v, Failures = new CircuitBreakerOptions().Failures },
            "The share of calls within the window that must fail to open it, in place of failures in a row.")
        .Key("minimum", new Integer(1, 100_000), o => o.Minimum, (o, v) => o with { Minimum = v },
            "With ratio or slow: fewer calls than this within the window say nothing.")
        .Key("window", new Duration(TimeSpan.FromSeconds(1), s_hour), o => o.Window, (o, v) => o with { Window = v },
            "With ratio or slow: how far back calls count.")
        .Key("slow", Slow, o => o.Slow, (o, v) => o with { Slow = v },
            "Opens it when too many calls are slow.", always: true)
        .Key("open", new Duration(TimeSpan.FromMilliseconds(10), s_hour), o => o.Open, (o, v) => o with { Open = v },
            "How long it stays open the first time. Doubles with each opening until a healthy period has passed.")
        .Key("openMax", new Optional<TimeSpan>(new Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromDays(1))), o => o.OpenMax, (o, v) => o with { OpenMax = v },
            "The longest it stays open, and the healthy period after which open holds again. Without it 5s, or open where that is longer.")
        .Key("successes", new Integer(1, 1000), o => o.Successes, (o, v) => o with { Successes = v },
            "Half-open: successes in a row that close it.")
        .Key("probes", new Integer(1, 1000), o => o.Probes, (o, v) => o with { Probes = v },
            "Half-open: how many calls may try at a time.")
        .Key("probeTimeout", new Duration(TimeSpan.FromMilliseconds(10), s_hour), o => o.ProbeTimeout, (o, v) => o with { ProbeTimeout = v },
            "Half-open: a try that has not ended by then counts as failed.")
        .Key("scope", new Choice<CircuitBreakerScope>(), o => o.Scope, (o, v) => o with { Scope = v },
            "Whether each instance has its own, or the service has one.")
        .Key("around", new Choice<CircuitBreakerAround>(), o => o.Around, (o, v) => o with { Around = v },
            "Whether it judges each attempt, or the call with its repeats.")
        .Key("mode", new Choice<CircuitBreakerMode>(), o => o.Mode, (o, v) => o with { Mode = v },
            "Whether it works, only watches, or is forced.")
        .ShortFor("failures")
        .OffWith(o => o with { Mode = CircuitBreakerMode.ForcedClosed })
        .Rivals("failures", "ratio")
        .Rule(PolicyRules.OpenTimes)
        .Rule(PolicyRules.AroundRetry);

    public static Section<BulkheadOptions> Bulkhead { get; } = Section.Of(new BulkheadOptions(), "how many calls run at once")
        .Key("max", new Integer(0, 1_000_000), o => o.Max, (o, v) => o with { Max = v },
            "Calls to the service at once; 0 for no limit.")
        .Key("queue", new Integer(0, 1_000_000), o => o.Queue, (o, v) => o with { Queue = v },
            "Calls that may wait for a place, within their deadline.")
        .Key("adaptive", new Choice<AdaptiveLimitMode>(), o => o.Adaptive, (o, v) => o with { Adaptive = v },
            "Whether the limit follows what the service can bear, between min and max.")
        .Key("min", new Integer(1, 1_000_000), o => o.Min, (o, v) => o with { Min = v },
            "The least that an adaptive limit can become.")
        .ShortFor("max")
        .OffWith(_ => BulkheadOptions.Off)
        .Rule(PolicyRules.LimitBounds);

    public static Section<HedgeOptions> Hedge { get; } = Section.Of(new HedgeOptions(), "when a second attempt is begun beside a slow one")
        .Key("after", new HedgeDelayText(), o => o.After, (o, v) => o with { After = v },
            "After which time: a percentile of past attempts, or a time.")
        .Key("min", new Duration(TimeSpan.Zero, TimeSpan.FromMinutes(1)), o => o.Min, (o, v) => o with { Min = v },
            "Never sooner than this.")
        .Key("max", new Integer(1, 5), o => o.Max, (o, v) => o with { Max = v },
            "How many more attempts may run beside the first, each on another instance.")
        .Key("budget", new Share(zeroAllowed: false), o => o.Budget, (o, v) => o with { Budget = v },
            "How many of them there may be for each call, of all callers in the process together.")
        .OffWith(_ => null);

    public static Section<FallbackOptions> Fallback { get; } = Section.Of(new FallbackOptions(), "what is answered in place of a failure")
        .Key("cached", new Optional<TimeSpan>(new Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(7))), o => o.Cached, (o, v) => o with { Cached = v },
            "The last good answer to the same request of the same caller, when it is not older than this.")
        .Key("value", new TreeShape(ExpressionPlace.Request), o => o.Value, (o, v) => o with { Value = v },
            "A value: an expression over the request, or a map or list of them, answered as JSON.")
        .Key("service", new NameOf("services", o => o.Services.Select(s => (s.Key, s.Value.Enabled))), o => o.Service, (o, v) => o with { Service = v },
            "Another service, which is sent the same request.")
        .ExactlyOne("cached", "value", "service");

    public static Section<PolicyOptions> Policy { get; } = Section.Of(new PolicyOptions(), "a policy")
        .Key("extends", new Text("the name of a policy"), o => o.Extends, (o, v) => o with { Extends = v },
            "The policy whose values this one begins with: a name under policies, standard or none. Standard when not said.")
        .Key("deadline", Deadline, o => o.Deadline, (o, v) => o with { Deadline = v },
            "How long a call may take in all.")
        .Key("timeout", Timeout, o => o.Timeout, (o, v) => o with { Timeout = v },
            "How long one attempt may take.")
        .Key("retry", Retry, o => o.Retry, (o, v) => o with { Retry = v },
            "When an attempt is repeated.")
        .Key("breaker", Breaker, o => o.Breaker, (o, v) => o with { Breaker = v },
            "When an instance is left alone.")
        .Key("bulkhead", Bulkhead, o => o.Bulkhead, (o, v) => o with { Bulkhead = v },
            "How many calls run at once.")
        .Key("hedge", Hedge, o => o.Hedge, (o, v) => o with { Hedge = v },
            "When a second attempt is begun beside a slow one, on another instance. It takes the place of retry.", always: true)
        .Key("fallback", new ListOf<FallbackOptions>(Fallback, 10), o => o.Fallback, (o, v) => o with { Fallback = v },
            "What is answered in place of a failure, tried in order.", always: true)
        .Rule(PolicyRules.AttemptWithinDeadline);
}
