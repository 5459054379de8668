using System.Globalization;
using Weft.Options;

namespace Weft.Calls;

/// <summary>The order in which a policy works, for people: what <see cref="CallPipeline.RunAsync"/> does, step by step.</summary>
internal static class CallOrder
{
    /// <summary>The steps of a policy, outermost first: a name of one word, and a sentence with its numbers. Steps that are off are left out.</summary>
    public static IReadOnlyList<(string Name, string Sentence)> Of(PolicyOptions policy) => [.. Steps(policy)];

    private static IEnumerable<(string, string)> Steps(PolicyOptions policy)
    {
        if (policy.Fallback.Count > 0)
            yield return ("fallback", $"When all that follows fails, answers with {string.Join(", else ", policy.Fallback.Select(Fallback))}.");
        yield return ("deadline", $"Ends the call after {Text(policy.Deadline.Total)} in all, or what the caller has left; {(policy.Deadline.Propagate ? "tells the service how long that is" : "tells the service nothing")}. A call that has too little left is not sent.");
        if (policy.Bulkhead.Max > 0)
            yield return ("bulkhead", Bulkhead(policy.Bulkhead));
        if (policy.Breaker is { Around: CircuitBreakerAround.Retry, Mode: not CircuitBreakerMode.ForcedClosed })
            yield return ("breaker", Breaker(policy.Breaker));
        if (policy.Hedge is { } hedge)
            yield return ("hedge", Hedge(hedge));
        else if (policy.Retry.Max > 0)
            yield return ("retry", Retry(policy.Retry));
        yield return ("instance", Instance(policy.Breaker));
        if (policy.Breaker is { Around: CircuitBreakerAround.Attempt, Mode: not CircuitBreakerMode.ForcedClosed })
            yield return ("breaker", Breaker(policy.Breaker));
        if (policy.Timeout.Fixed != Timeout.InfiniteTimeSpan)
            yield return ("timeout", AttemptTimeout(policy.Timeout));
        yield return ("transport", $"Sends the attempt. A streamed answer may be silent for {Text(policy.Deadline.Idle)} once its headers have come.");
    }

    private static string Fallback(FallbackOptions fallback) => fallback switch
    {
        { Cached: { } age } => $"the caller's last good answer of the last {Text(age)}",
        { Service: { } service } => $"the answer of service {service}",
        _ => "a value",
    };

    private static string Bulkhead(BulkheadOptions bulkhead)
    {
        var limit = bulkhead.Adaptive == AdaptiveLimitMode.Off ? $"{bulkhead.Max}" : $"{bulkhead.Min} to {bulkhead.Max}, as the service can bear ({bulkhead.Adaptive.ToString().ToLowerInvariant()}),";
        var queue = bulkhead.Queue > 0 ? $"{bulkhead.Queue} may wait for a place; more are rejected" : "more are rejected";
        return $"Lets {limit} calls to the service run at once; {queue} with 503.";
    }

    private static string Retry(RetryOptions retry)
    {
        var methods = retry.Methods.Count > 0 ? string.Join(", ", retry.Methods) : retry.Unsafe ? "requests of every method" : "idempotent requests";
        return $"Repeats {methods} at most {Times(retry.Max)} after {string.Join(", ", retry.On)}, after a random wait of up to {Text(retry.Base)}, then twice as much, at most {Text(retry.Cap)}, as far as the deadline and "
            + $"a budget of {Share(retry.Budget.Ratio)} of the calls (and {retry.Budget.Floor.ToString("0.###", CultureInfo.InvariantCulture)} a second) allow; on another instance first.";
    }

    private static string Hedge(HedgeOptions hedge)
    {
        var after = hedge.After.Percentile is { } percentile ? $"{percentile} of past attempts, at least {Text(hedge.Min)}" : Text(hedge.After.Time ?? default);
        return $"Begins {(hedge.Max == 1 ? "a second attempt" : $"up to {hedge.Max} more attempts")} on another instance after {after}, for {Share(hedge.Budget)} of the calls at most, and takes the first good answer. Nothing else is repeated.";
    }

    private static string Instance(CircuitBreakerOptions breaker)
    {
        const string Next = "one that refuses connections is followed by another one at once.";
        if (breaker is { Scope: CircuitBreakerScope.Service } or { Mode: CircuitBreakerMode.ForcedClosed or CircuitBreakerMode.Observe })
            return "Chooses an instance; " + Next;
        return $"Chooses an instance whose breaker lets it pass; {Next}"
            + (breaker.Mode == CircuitBreakerMode.Auto ? " Where none of several lets it pass, one gets it all the same." : "");
    }

    private static string Breaker(CircuitBreakerOptions breaker)
    {
        var what = breaker.Ratio is { } ratio ? $"{Share(ratio)} of at least {breaker.Minimum} calls within {Text(breaker.Window)} failed" : $"{breaker.Failures} calls in a row failed";
        var slow = breaker.Slow is { } s ? $", or {Share(s.Ratio)} of at least {breaker.Minimum} took over {Text(s.Over)}" : "";
        var who = breaker.Scope == CircuitBreakerScope.Service ? "the service" : "an instance";
        var mode = breaker.Mode switch
        {
            CircuitBreakerMode.Observe => " It only watches and rejects nothing.",
            CircuitBreakerMode.ForcedOpen => " It is forced open and rejects everything.",
            _ => "",
        };
        return $"Leaves {who} alone for {Text(breaker.Open)} when {what}{slow}; {(breaker.LongestOpen > breaker.Open ? $"longer each time, up to {Text(breaker.LongestOpen)}" : "no longer when that comes again")}. Then {breaker.Successes} tries in a row, {breaker.Probes} at a time, must succeed.{mode}";
    }

    private static string AttemptTimeout(AttemptTimeoutOptions timeout) => timeout.Fixed is { } time
        ? $"Ends the attempt after {Text(time)}, or what is left of the deadline."
        : $"Ends the attempt after {timeout.Factor.ToString("0.##", CultureInfo.InvariantCulture)} times {timeout.Adaptive} of the last {Text(timeout.Window)}, {Text(timeout.Min)} to {Text(timeout.Max)}, {Text(timeout.Initial)} until there are {timeout.Samples} samples; or what is left of the deadline.";

    private static string Times(int count) => count == 1 ? "once" : $"{count} times";

    private static string Share(double share) => (share * 100).ToString("0.##", CultureInfo.InvariantCulture) + "%";

    private static string Text(TimeSpan time) => DurationText.Of(time);
}
