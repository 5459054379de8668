using Weft.Diagnostics;
using Weft.Expressions;
using Weft.Expressions.Data;

namespace Weft.Options.Schema;

/// <summary>Rules between the keys of <c>services.*.balance</c> and <c>services.*.health</c>.</summary>
internal static class BalanceRules
{
    public static void HashNeedsKey(BalanceOptions balance, OptionsPath path, Checking checking)
    {
        if (balance.ConsistentHash is null && balance.Algorithm == BalanceAlgorithm.ConsistentHash)
            checking.ReportAbsence(ProblemCodes.Missing, path, $"{path} is consistentHash and does not say of what. Write {{ consistentHash: headers['x-user'] }}, or another expression over the request.");
        else if (balance.ConsistentHash is { } key && AsksForBody(key))
            checking.Report(ProblemCodes.Expression, path.Key("consistentHash"), null, $"{path}.consistentHash asks for the body, which is not read before the instance is chosen. Use path, query, headers or request.");
    }

    public static void BoundNeedsHash(BalanceOptions balance, OptionsPath path, Checking checking)
    {
        if (balance.ConsistentHash is null && balance.Algorithm != BalanceAlgorithm.ConsistentHash && balance.Bound != new BalanceOptions().Bound)
            checking.Report(ProblemCodes.WrongForm, path.Key("bound"), null, $"{path}.bound goes with consistentHash and does nothing without it. Add consistentHash, or remove bound.");
    }

    public static void TimeoutWithinEvery(ActiveHealthOptions active, OptionsPath path, Checking checking)
    {
        if (active.Timeout > active.Every)
            checking.Report(ProblemCodes.BoundsCross, path.Key("timeout"), null,
                $"{path}.timeout is {DurationText.Of(active.Timeout)}, longer than every, {DurationText.Of(active.Every)}: an instance would be asked again before it has answered. Lower timeout or raise every.");
    }

    /// <summary>An instance is known by its address: one that stands twice has two weights and two zones.</summary>
    public static void DistinctInstances(ServiceOptions service, OptionsPath path, Checking checking)
    {
        var seen = new Dictionary<Uri, OptionsPath>();
        for (var i = 0; i < service.Endpoints.Count; i++)
        {
            var at = path.Key("endpoints").Item(i);
            if (Uri.TryCreate(service.Endpoints[i].Url, UriKind.Absolute, out var uri) && !seen.TryAdd(uri, at))
                checking.Report(ProblemCodes.SameAddress, at, null, $"{at} is the instance of {seen[uri]} too. Write it once; to give it a larger share, raise its weight.");
        }
    }

    private static bool AsksForBody(string key)
    {
        var slots = new SlotTable();
        Compiler.Compile(key, Places.Request, slots, CelLimits.Default, []);
        return slots.Paths.Any(p => p.Variable == "body");
    }
}
