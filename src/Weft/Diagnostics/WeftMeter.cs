using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Weft.Diagnostics;

/// <summary>The names under which Weft can be observed. All label values are names from the file or closed lists, so they are bounded.</summary>
public static class WeftMeter
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Weft";

    internal static readonly Meter Meter = new(Name);

    // As OpenTelemetry has them for the durations of HTTP.
    private static readonly InstrumentAdvice<double> s_seconds = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] };

    internal static readonly ActivitySource Activities = new(Name);

    internal static readonly Counter<long> Deliveries =
        Meter.CreateCounter<long>("weft.flow.deliveries", "{delivery}", "Deliveries settled, by flow and outcome; dead ones by reason too.");

    internal static readonly Histogram<double> DeliveryDuration =
        Meter.CreateHistogram("weft.flow.duration", "s", "Time in the target, by flow.", advice: s_seconds);

    internal static readonly UpDownCounter<long> PausedFlows =
        Meter.CreateUpDownCounter<long>("weft.flow.paused", "{flow}", "Flows whose target takes nothing, by flow.");

    internal static readonly Counter<long> RuleErrors =
        Meter.CreateCounter<long>("weft.rule.errors", "{error}", "Items for which a condition had no value, by rule.");

    internal static readonly Counter<long> AuthRefusals =
        Meter.CreateCounter<long>("weft.auth.refused", "{request}", "Requests refused because of who calls, by route and reason.");

    internal static readonly Counter<long> TokenHits =
        Meter.CreateCounter<long>("weft.auth.token_hits", "{request}", "Tokens that were known from before, by auth.");

    internal static readonly Counter<long> TokenMisses =
        Meter.CreateCounter<long>("weft.auth.token_misses", "{request}", "Tokens whose signature was verified anew and was right, by auth.");

    internal static readonly Counter<long> KeyReads =
        Meter.CreateCounter<long>("weft.auth.key_reads", "{read}", "Readings of the keys of an issuer, by auth and result.");

    internal static readonly SharedGauge<long> SubscriptionLag =
        new(Meter, "weft.subscription.lag", "{event}", "Events that a subscription has neither handled nor parked, by subscription; of what this process reads.");

    internal static readonly SharedGauge<double> SubscriptionAge =
        new(Meter, "weft.subscription.age", "s", "How long ago the oldest event was published that a subscription has neither handled nor parked, by subscription; of what this process reads.");

    internal static readonly SharedGauge<long> Parked =
        new(Meter, "weft.subscription.parked", "{event}", "Events that wait beside the log, by subscription and state: retry, behind another of the key, dead.");

    internal static readonly Counter<long> Dropped =
        Meter.CreateCounter<long>("weft.flow.dropped", "{item}", "Items that were dropped from a log before the flow came to them, by flow: the topic says keep: { behind: drop }.");

    internal static readonly Histogram<int> CommitSize =
        Meter.CreateHistogram<int>("weft.store.commit_size", "{operation}", "Operations that a commit held, by store.",
            advice: new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] });

    internal static readonly SharedGauge<double> OutboxAge =
        new(Meter, "weft.outbox.age", "s", "How long the oldest event waits in an outbox to be published, by outbox.");

    internal static readonly SharedGauge<long> OutboxRefused =
        new(Meter, "weft.outbox.refused", "{event}", "Events in an outbox that cannot be published, by outbox.");

    internal static readonly Counter<long> SkippedEvents =
        Meter.CreateCounter<long>("weft.handler.skipped", "{event}", "Events whose type their handler does not take, by flow.");

    internal static readonly Histogram<double> AttemptDuration =
        Meter.CreateHistogram("weft.call.attempts", "s", "Attempts to call a service, by service and outcome.", advice: s_seconds);

    internal static readonly Counter<long> SuppressedRetries =
        Meter.CreateCounter<long>("weft.call.suppressed", "{attempt}", "Repeats of attempts that were not made, by service and reason.");

    internal static readonly Counter<long> RejectedCalls =
        Meter.CreateCounter<long>("weft.call.rejected", "{call}", "Calls that were not sent, by service and reason.");

    internal static readonly Counter<long> HedgedAttempts =
        Meter.CreateCounter<long>("weft.call.hedged", "{attempt}", "Attempts begun beside a slow one, by service.");

    internal static readonly Counter<long> HedgeWins =
        Meter.CreateCounter<long>("weft.call.hedge_wins", "{call}", "Calls answered well by an attempt that began beside a slow one, by service.");

    internal static readonly Counter<long> Fallbacks =
        Meter.CreateCounter<long>("weft.call.fallbacks", "{call}", "Calls answered by a fallback, by service and kind.");

    internal static readonly Counter<long> BreakerTransitions =
        Meter.CreateCounter<long>("weft.breaker.transitions", "{transition}", "Changes of circuit breakers, by service, instance and state.");

    internal static readonly SharedGauge<int> RunningCalls = new(Meter, "weft.call.running", "{call}", "Calls that run, by service.");

    internal static readonly SharedGauge<int> QueuedCalls = new(Meter, "weft.call.queued", "{call}", "Calls that wait for a place, by service.");

    internal static readonly SharedGauge<int> CallLimit =
        new(Meter, "weft.call.limit", "{call}", "Calls that may run at once, by service; none where there is no limit.");

    internal static readonly SharedGauge<double> AttemptTimeout =
        new(Meter, "weft.call.timeout", "s", "How long an attempt may take now, by service and operation; none where there is no limit.");

    internal static readonly SharedGauge<int> OpenBreakers =
        new(Meter, "weft.breaker.open", "{breaker}", "1 while a breaker lets no usual call pass, by service and instance.");

    internal static readonly Counter<long> LimitedRequests =
        Meter.CreateCounter<long>("weft.gateway.limited", "{request}", "Requests that a limit refused, by limit.");

    internal static readonly Counter<long> Ejections =
        Meter.CreateCounter<long>("weft.instance.ejections", "{ejection}", "Instances taken out because their calls failed, by service and instance.");

    internal static readonly Counter<long> HealthChecks =
        Meter.CreateCounter<long>("weft.instance.health_checks", "{request}", "Requests that asked an instance how it is, by service and outcome: passed, failed.");

    internal static readonly SharedGauge<int> Instances =
        new(Meter, "weft.service.instances", "{instance}", "Instances by service and state: ready, warming, open, ejected, failing-probes, draining.");

    internal static readonly SharedGauge<int> Panics =
        new(Meter, "weft.service.panic", "{service}", "1 while so few instances can be called that health is not heeded, by service.");

    internal static readonly Counter<long> Requests =
        Meter.CreateCounter<long>("weft.gateway.requests", "{request}", "Requests answered, by route and class of status.");

    internal static readonly Histogram<double> RequestDuration =
        Meter.CreateHistogram("weft.gateway.duration", "s", "Time until the answer was complete, by route.", advice: s_seconds);
}
