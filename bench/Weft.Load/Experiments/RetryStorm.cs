using Weft.Options;
using Weft.Simulation;

namespace Weft.Load.Experiments;

/// <summary>E1: ten workers slow down to three tenths for ten seconds. Does the service come back, and when?</summary>
internal static class RetryStorm
{
    public static readonly TimeSpan From = TimeSpan.FromSeconds(30), To = TimeSpan.FromSeconds(40);

    /// <summary>What stands in the table, by name: the policy, and what the server does.</summary>
    public static IEnumerable<(string Name, PolicyOptions Policy, ServerModel Server)> Rows()
    {
        var plain = new ServerModel { Workers = 10 };
        var drops = plain with { DropsExpired = true };
        var limited = plain with { Limit = new() { Adaptive = AdaptiveLimitMode.Aimd, Max = 1000 } };
        yield return ("no retry", Policies.Short, plain);
        yield return ("3 retries, no backoff", Policies.Retry with { Retry = Policies.Retry.Retry with { Base = TimeSpan.Zero } }, plain);
        yield return ("3 retries, full jitter", Policies.Retry, plain);
        yield return ("+ deadline: the server drops expired work", Policies.Retry, drops);
        yield return ("+ budget 20 % and 10/s a process", Policies.Retry.Budget(0.2, 10), plain);
        yield return ("+ budget 10 % and 0.5/s a process", Policies.Retry.Budget(0.1, 0.5), plain);
        yield return ("+ budget 10 % and 0.1/s a process", Policies.Retry.Budget(0.1, 0.1), plain);
        yield return ("+ breaker, 5 in a row", Policies.Retry.Breaker(), plain);
        yield return ("+ breaker, half of 20 in 10 s", Policies.Retry.RatioBreaker(), plain);
        yield return ("+ limit of the server that follows", Policies.Retry, limited);
        yield return ("+ budget 10 % and deadline", Policies.Retry.Budget(0.1, 0.1), drops);
        yield return ("+ budget 10 %, deadline, breaker by ratio", Policies.Retry.Budget(0.1, 0.1).RatioBreaker(), drops);
        yield return ("standard with 200 ms and 1 s", Policies.Timed(Policies.Standard), plain);
        yield return ("standard with 200 ms and 1 s, and deadline", Policies.Timed(Policies.Standard), drops);
        yield return ("standard", Policies.Standard, plain);
        yield return ("standard, and deadline", Policies.Standard, drops);
    }

    /// <summary>The scenario: 50 processes.</summary>
    public static Scenario Scenario(PolicyOptions policy, ServerModel server, double rate, int seed) => new()
    {
        Policy = policy,
        Server = server,
        Seed = seed,
        Clients = 50,
        Rate = rate,
        Triggers = [new(TriggerKind.Slow, From, To) { Factor = 1 / 0.3 }],
    };
}
