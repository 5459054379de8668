using Weft.Options;

namespace Weft.Load.Experiments;

/// <summary>Policies that are made of one element, and of several: what stands on the left of the tables.</summary>
internal static class Policies
{
    private static readonly RetryBudgetOptions s_unlimited = new() { Ratio = 1, Floor = 1000 };

    /// <summary>The built-in policy, whatever its defaults are.</summary>
    public static PolicyOptions Standard { get; } = new();

    /// <summary>An attempt of 200 ms within a call of 1 s, as the experiments of the literature have it, and nothing else.</summary>
    public static PolicyOptions Short { get; } = Timed(PolicyOptions.None);

    /// <summary>Three repeats, whatever the service says.</summary>
    public static PolicyOptions Retry { get; } = Short with { Retry = new() { Max = 3, Budget = s_unlimited } };

    /// <summary>A policy with 200 ms for an attempt and 1 s for a call.</summary>
    public static PolicyOptions Timed(PolicyOptions policy) => policy with
    {
        Deadline = policy.Deadline with { Total = TimeSpan.FromSeconds(1) },
        Timeout = new() { Fixed = TimeSpan.FromMilliseconds(200) },
    };

    /// <summary>With a budget for repeats.</summary>
    public static PolicyOptions Budget(this PolicyOptions policy, double ratio, double floor) =>
        policy with { Retry = policy.Retry with { Budget = new() { Ratio = ratio, Floor = floor } } };

    /// <summary>With a breaker that counts failures in a row.</summary>
    public static PolicyOptions Breaker(this PolicyOptions policy) => policy with { Breaker = new() };

    /// <summary>With a breaker that goes by the share of failures.</summary>
    public static PolicyOptions RatioBreaker(this PolicyOptions policy) => policy with { Breaker = new() { Ratio = 0.5 } };
}
