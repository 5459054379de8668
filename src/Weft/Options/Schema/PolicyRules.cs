using Weft.Diagnostics;

namespace Weft.Options.Schema;

/// <summary>Rules between the numbers of a policy. What a policy takes from the one it extends counts too, so each names both numbers.</summary>
internal static class PolicyRules
{
    public static void MarginWithinTotal(DeadlineOptions deadline, OptionsPath path, Checking checking)
    {
        if (deadline.Margin >= deadline.Total)
            checking.Report(ProblemCodes.BoundsCross, path.Key("margin"), null,
                $"{path}.margin is {Text(deadline.Margin)} and total is {Text(deadline.Total)}: nothing is left for the call. Lower margin or raise total.");
    }

    public static void TimeoutBounds(AttemptTimeoutOptions timeout, OptionsPath path, Checking checking)
    {
        if (timeout.Fixed is not null)
            return;
        if (timeout.Min > timeout.Max)
            checking.Report(ProblemCodes.BoundsCross, path.Key("min"), null, $"{path}.min is {Text(timeout.Min)}, longer than max, {Text(timeout.Max)}. Lower min or raise max.");
        else if (timeout.Initial < timeout.Min || timeout.Initial > timeout.Max)
            checking.Report(ProblemCodes.BoundsCross, path.Key("initial"), null,
                $"{path}.initial is {Text(timeout.Initial)}; it must lie between min and max, {Text(timeout.Min)} to {Text(timeout.Max)}. Write initial: {Text(timeout.Initial > timeout.Max ? timeout.Max : timeout.Min)}, or change {(timeout.Initial > timeout.Max ? "max" : "min")}.");
    }

    public static void RetryWaits(RetryOptions retry, OptionsPath path, Checking checking)
    {
        if (retry.Cap < retry.Base)
            checking.Report(ProblemCodes.CapBelowBase, path.Key("cap"), null, $"{path}.cap is {Text(retry.Cap)}, shorter than base, {Text(retry.Base)}. Raise cap or lower base.");
    }

    public static void UnsafeMethods(RetryOptions retry, OptionsPath path, Checking checking)
    {
        if (retry.Unsafe || retry.Max == 0)
            return;
        var unsafeOnes = retry.Methods.Where(m => !RetryOptions.Idempotent.Contains(m)).ToArray();
        if (unsafeOnes.Length > 0)
            checking.Report(ProblemCodes.UnsafeRetry, path.Key("methods"), null,
                $"{path}.methods has {string.Join(" and ", unsafeOnes)}, which may be done twice when it is sent twice. Let callers send an Idempotency-Key, which needs nothing here; or, when a second one does no harm, write unsafe: true.");
    }

    public static void OpenTimes(CircuitBreakerOptions breaker, OptionsPath path, Checking checking)
    {
        if (breaker.OpenMax is { } longest && longest < breaker.Open)
            checking.Report(ProblemCodes.CapBelowBase, path.Key("openMax"), null, $"{path}.openMax is {Text(longest)}, shorter than open, {Text(breaker.Open)}. Raise openMax or lower open.");
    }

    public static void AroundRetry(CircuitBreakerOptions breaker, OptionsPath path, Checking checking)
    {
        if (breaker is { Around: CircuitBreakerAround.Retry, Scope: CircuitBreakerScope.Instance })
            checking.Report(ProblemCodes.BreakerAround, path.Key("around"), null,
                $"{path}.around is retry, but scope is instance: the repeats of a call go to several instances. Add scope: service, or remove around.");
    }

    public static void LimitBounds(BulkheadOptions bulkhead, OptionsPath path, Checking checking)
    {
        if (bulkhead.Adaptive == AdaptiveLimitMode.Off)
            return;
        if (bulkhead.Max == 0)
            checking.Report(ProblemCodes.BoundsCross, path.Key("adaptive"), null, $"{path}.adaptive needs max, the most that the limit can become.");
        else if (bulkhead.Min > bulkhead.Max)
            checking.Report(ProblemCodes.BoundsCross, path.Key("min"), null, $"{path}.min is {bulkhead.Min}, more than max, {bulkhead.Max}. Lower min or raise max.");
    }

    public static void AttemptWithinDeadline(PolicyOptions policy, OptionsPath path, Checking checking)
    {
        var (key, least) = policy.Timeout.Fixed is { } time ? ("fixed", time) : ("min", policy.Timeout.Min);
        if (least > policy.Deadline.Total)
            checking.Report(ProblemCodes.AttemptOverDeadline, path.Key("deadline"), null,
                $"{path}.deadline is {Text(policy.Deadline.Total)}, shorter than a single attempt may take: timeout.{key} is {Text(least)}. Raise deadline, or lower timeout.{key}.");
    }

    private static string Text(TimeSpan time) => DurationText.Of(time);
}
