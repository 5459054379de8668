using Weft.Load.Harness;
using Weft.Options;
using Weft.Simulation;

namespace Weft.Load.Experiments;

/// <summary>
/// E1: ten workers of a service slow down to three tenths for ten seconds, and then are as they were. Does the service come back, and when? (Bronson et al., Metastable
/// Failures in Distributed Systems; Huang et al., Metastable Failures in the Wild.)
/// </summary>
internal static class RetryStorm
{
    private const double Slowness = 1 / 0.3;

    private static readonly double[] s_rates = [600, 700, 800];
    private static readonly int[] s_lengths = [10, 30, 90];
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(10), s_cold = TimeSpan.FromSeconds(30), s_warm = TimeSpan.FromSeconds(90);
    private static readonly ServerModel s_plain = new() { Workers = 10 };
    private static readonly ServerModel s_drops = s_plain with { DropsExpired = true };
    private static readonly ServerModel s_limited = s_plain with { Limit = new() { Adaptive = AdaptiveLimitMode.Aimd, Max = 1000 } };

    /// <summary>Runs it and adds its tables and bounds.</summary>
    public static void AddTo(Report report, BenchArgs args)
    {
        foreach (var rate in s_rates)
        {
            var table = new Table($"E1 retry storm, {rate:0} of 1,000 requests/s", "Recovery s", "Peak load x", "Good in the trigger", "Good in all");
            foreach (var (name, policy, server) in Rows())
            {
                var start = name.Contains("warm", StringComparison.Ordinal) ? s_warm : s_cold;
                var runs = new Seeds(args, Scenario(policy, server, rate, start, s_length));
                table.Row(name, runs.Recovery(start + s_length), runs.Text(r => r.PeakAmplification()), runs.Share(r => r.Success(start, start + s_length)), runs.Share(r => r.Success()));
                if (name is "standard" or "standard, warm")
                    report.Bounds.Add(Bound.AtMost($"E1 {name}: recovery at {rate:0} requests/s, slowest seed", runs.Recoveries(start + s_length).Max, 6, "s"));
            }
            report.Tables.Add(table);
        }
        report.Notes.Add("E1: M/M/10 with a mean of 10 ms, one queue without a limit, 50 processes, open loop; capacity x 0.3 from 30 s to 40 s of 120 s (warm: from 90 s, when timeouts have followed). "
            + "Recovery: seconds after that until five seconds begin with 99 % good calls. Rows before `standard` have 200 ms for an attempt and 1 s for a call.");
    }

    /// <summary>How long breakers stay open: what that does to recovery, to short failures and to what an instance that hangs costs.</summary>
    public static void AddBreakerTimes(Report report, BenchArgs args)
    {
        var table = new Table("How long a breaker stays open", "Recovery s, 10 s", "30 s", "90 s", "Good in the trigger", "Good around 0.2 s of refusal", "GET p99.9 ms, one of 8 hangs", "POST, one of 8 hangs");
        foreach (var (first, longest) in new[] { (5.0, 60.0), (5, 15), (5, 5), (2, 10), (2, 5), (1, 5), (0.5, 5) })
        {
            var policy = Policies.Standard with { Breaker = new() { Open = TimeSpan.FromSeconds(first), OpenMax = TimeSpan.FromSeconds(longest) } };
            Seeds[] storms = [.. s_lengths.Select(length => new Seeds(args, Scenario(policy, s_plain, 700, s_warm, TimeSpan.FromSeconds(length))))];
            var blip = new Seeds(args, PartialOutage.Blip(policy));
            table.Row(
                FormattableString.Invariant($"{first} s, at most {longest} s") + (policy.Breaker.Open == Policies.Standard.Breaker.Open && policy.Breaker.OpenMax == Policies.Standard.Breaker.LongestOpen ? " (standard)" : ""),
                storms[0].Recovery(s_warm + TimeSpan.FromSeconds(10)), storms[1].Recovery(s_warm + TimeSpan.FromSeconds(30)), storms[2].Recovery(s_warm + TimeSpan.FromSeconds(90)),
                storms[1].Share(r => r.Success(s_warm, s_warm + TimeSpan.FromSeconds(30))), blip.Share(r => r.Success(PartialOutage.BlipFrom, PartialOutage.BlipFrom + TimeSpan.FromSeconds(10))),
                new Seeds(args, PartialOutage.Scenario(policy, TriggerKind.Hang, "GET")).Milliseconds(r => r.Percentile(0.999)),
                new Seeds(args, PartialOutage.Scenario(policy, TriggerKind.Hang, "POST")).Share(r => r.Success()));
        }
        report.Tables.Add(table);
        report.Notes.Add("How long a breaker stays open: `standard` with other times, E1 warm at 700 requests/s with triggers of three lengths; one server that refuses for 0.2 s, five processes, "
            + "200 requests/s, ten seconds from then on; E2 with one of eight instances that hangs from 0 s.");
    }

    private static IEnumerable<(string Name, PolicyOptions Policy, ServerModel Server)> Rows()
    {
        yield return ("no retry", Policies.Short, s_plain);
        yield return ("3 retries, no backoff", Policies.Retry with { Retry = Policies.Retry.Retry with { Base = TimeSpan.Zero } }, s_plain);
        yield return ("3 retries, full jitter", Policies.Retry, s_plain);
        yield return ("+ deadline: the server drops expired work", Policies.Retry, s_drops);
        yield return ("+ budget 20 % and 10/s a process", Policies.Retry.Budget(0.2, 10), s_plain);
        yield return ("+ budget 10 % and 0.5/s a process", Policies.Retry.Budget(0.1, 0.5), s_plain);
        yield return ("+ budget 10 % and 0.1/s a process", Policies.Retry.Budget(0.1, 0.1), s_plain);
        yield return ("+ breaker, 5 in a row", Policies.Retry.Breaker(), s_plain);
        yield return ("+ breaker, half of 20 in 10 s", Policies.Retry.RatioBreaker(), s_plain);
        yield return ("+ limit of the server that follows (AIMD)", Policies.Retry, s_limited);
        yield return ("+ budget 10 % and deadline", Policies.Retry.Budget(0.1, 0.1), s_drops);
        yield return ("+ budget 10 %, deadline, breaker by ratio", Policies.Retry.Budget(0.1, 0.1).RatioBreaker(), s_drops);
        yield return ("standard with 200 ms and 1 s", Policies.Timed(Policies.Standard), s_plain);
        yield return ("standard with 200 ms and 1 s, and deadline", Policies.Timed(Policies.Standard), s_drops);
        yield return ("standard", Policies.Standard, s_plain);
        yield return ("standard, and deadline", Policies.Standard, s_drops);
        yield return ("standard, warm", Policies.Standard, s_plain);
        yield return ("standard, warm, and deadline", Policies.Standard, s_drops);
        yield return ("standard, warm, and limit of the server", Policies.Standard, s_limited);
    }

    private static Scenario Scenario(PolicyOptions policy, ServerModel server, double rate, TimeSpan from, TimeSpan length) => new()
    {
        Policy = policy,
        Server = server,
        Clients = 50,
        Rate = rate,
        Duration = from + length + TimeSpan.FromSeconds(80),
        Triggers = [new(TriggerKind.Slow, from, from + length) { Factor = Slowness }],
    };
}
