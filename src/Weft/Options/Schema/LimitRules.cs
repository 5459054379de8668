using Weft.Diagnostics;

namespace Weft.Options.Schema;

/// <summary>Rules between the keys of limits.</summary>
internal static class LimitRules
{
    /// <summary>Each algorithm has its own numbers, and needs them.</summary>
    public static void KeysFitAlgorithm(LimitOptions limit, OptionsPath path, Checking checking)
    {
        string[] needed = limit.Algorithm switch
        {
            LimitAlgorithm.SlidingWindow => ["max", "window"],
            LimitAlgorithm.Concurrency => ["max"],
            _ => ["rate"],
        };
        foreach (var (name, isSet) in ((string, bool)[])[("rate", limit.Rate is not null), ("burst", limit.Burst is not null), ("max", limit.Max is not null), ("window", limit.Window is not null)])
        {
            bool isAllowed = needed.Contains(name) || (name == "burst" && limit.Algorithm == LimitAlgorithm.TokenBucket);
            if (isSet && !isAllowed)
                checking.Report(ProblemCodes.WrongForm, path.Key(name), null, $"{path}.{name} means nothing for the algorithm {Name(limit)}, which has {string.Join(" and ", needed)}. Remove it, or choose another algorithm.");
            else if (!isSet && needed.Contains(name))
                checking.ReportAbsence(ProblemCodes.Missing, path.Key(name), $"{path}.{name} is missing: the algorithm {Name(limit)} needs {string.Join(" and ", needed)}. Add it{(name == "rate" ? ", such as rate: 100/s" : "")}.");
        }
    }

    /// <summary>Before the caller is known there are no claims to count by.</summary>
    public static void NoClaimsBeforeAuth(RouteLimitOptions limits, OptionsPath path, Checking checking)
    {
        if (limits.BeforeAuth is { } name && checking.Options.Limits.TryGetValue(name, out var limit) && limit.Key?.Contains("claims", StringComparison.Ordinal) == true)
        {
            checking.Report(ProblemCodes.WrongForm, path.Key("beforeAuth"), name,
                $"{path}.beforeAuth is {name}, which counts by '{limit.Key}': there are no claims before the caller is known. Ask it afterAuth, or choose a limit by request.clientAddress.");
        }
    }

    private static string Name(LimitOptions limit) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(limit.Algorithm.ToString());
}
