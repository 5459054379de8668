using Weft.Diagnostics;

namespace Weft.Options.Schema;

/// <summary>Policies that are right by themselves and do not do what they say where they are used. All are warnings.</summary>
internal static class PolicyUseRules
{
    public static void Check(WeftOptions options, OptionsPath path, Checking checking)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, service) in options.Services.Where(s => s.Value.Enabled))
        {
            var used = service.Policy ?? PolicyOptions.StandardName;
            if (!options.Policies.TryGetValue(used, out var policy))
                continue;
            var at = path.Key("services").Key(name).Key("policy");
            HedgeNeedsTwo(name, service, used, policy, at, checking);
            FallsBackToItself(name, used, policy, at, checking);
            if (seen.Add(used))
                TimeToRepeat(used, policy, path.Key("policies").Key(used).Key("deadline"), checking);
        }
    }

    private static void HedgeNeedsTwo(string name, ServiceOptions service, string used, PolicyOptions policy, OptionsPath path, Checking checking)
    {
        if (policy.Hedge is not null && service.Endpoints.Count < 2)
            checking.Warn(ProblemCodes.HedgeAlone, path,
                $"services.{name} has one instance, and its policy {used} has a hedge, which needs two and takes the place of retry: no call is tried a second time. Add an instance, or write hedge: off under policies.{used}.");
    }

    private static void FallsBackToItself(string name, string used, PolicyOptions policy, OptionsPath path, Checking checking)
    {
        if (policy.Fallback.Any(f => f.Service == name))
            checking.Warn(ProblemCodes.FallbackToItself, path,
                $"services.{name} has the policy {used}, whose fallback is {name} itself: what has just failed is asked again. Name another service there, or give {name} another policy.");
    }

    private static void TimeToRepeat(string used, PolicyOptions policy, OptionsPath path, Checking checking)
    {
        var isFixed = policy.Timeout.Fixed is not null;
        var (longest, least, total) = (policy.Timeout.Fixed ?? policy.Timeout.Initial, policy.Timeout.Fixed ?? policy.Timeout.Min, policy.Deadline.Total);
        var repeats = policy.Hedge is null && policy.Retry.Max > 0 && policy.Retry.On.Contains(RetryReason.Timeout);
        // Without a timeout the deadline alone is meant to end an attempt; one that never fits is an error of its own.
        if (!repeats || longest == Timeout.InfiniteTimeSpan || longest < total || least > total)
            return;
        var half = DurationText.Of(TimeSpan.FromMilliseconds(Math.Max(1, Math.Floor(total.TotalMilliseconds / 2))));
        checking.Warn(ProblemCodes.NoTimeToRepeat, path,
            $"{path} is {DurationText.Of(total)}, and an attempt may take {DurationText.Of(longest)} ({(isFixed ? "timeout" : "timeout.initial, until enough is known")}): one that hangs uses up the deadline and is not repeated. "
            + $"Write {(isFixed ? $"timeout: {half}" : $"timeout: {{ initial: {half}, max: {half} }}")}, or raise deadline.");
    }
}
