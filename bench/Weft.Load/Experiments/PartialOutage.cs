using Weft.Load.Harness;
using Weft.Options;
using Weft.Simulation;

namespace Weft.Load.Experiments;

/// <summary>E2: one of eight instances is dead all the time. How many calls are good?</summary>
internal static class PartialOutage
{
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(300);

    /// <summary>When the server of <see cref="Blip"/> begins to refuse.</summary>
    public static readonly TimeSpan BlipFrom = TimeSpan.FromSeconds(30);

    /// <summary>Runs it and adds its tables and bounds.</summary>
    public static void AddTo(Report report, BenchArgs args)
    {
        var service = Policies.Standard.Breaker with { Scope = CircuitBreakerScope.Service };
        (string Name, PolicyOptions Policy)[] rows =
        [
            ("nothing but a deadline", PolicyOptions.None),
            ("one breaker, a tenth of 100 in 30 s", PolicyOptions.None with { Breaker = service with { Ratio = 0.1, Minimum = 100, Window = TimeSpan.FromSeconds(30), Open = TimeSpan.FromSeconds(5) } }),
            ("one breaker, half of 20 in 10 s", PolicyOptions.None with { Breaker = service with { Ratio = 0.5 } }),
            ("a breaker for each instance", PolicyOptions.None with { Breaker = Policies.Standard.Breaker }),
            ("standard", Policies.Standard),
        ];
        var table = new Table("E2 one of eight instances is dead", "GET, answers 503", "GET, refuses", "GET, hangs", "POST, answers 503", "POST, refuses", "POST, hangs");
        foreach (var (name, policy) in rows)
        {
            List<string> cells = [name];
            foreach (var method in new[] { "GET", "POST" })
            {
                foreach (var kind in new[] { TriggerKind.Fail, TriggerKind.Refuse, TriggerKind.Hang })
                {
                    var runs = new Seeds(args, Scenario(policy, kind, method));
                    cells.Add(runs.Share(r => r.Success()));
                    if (name == "standard")
                        report.Bounds.Add(Bound.AtLeast($"E2 standard: {method}, one of eight {Word(kind)}, worst seed", runs.Of(r => r.Success()).Min * 100, 99.5, "%"));
                }
            }
            table.Row([.. cells]);
        }
        report.Tables.Add(table);
        report.Notes.Add("E2: the share of good calls; 100 requests/s for 300 s from one process, instances with times of 10 ms (exponential) and no queue.");
    }

    /// <summary>One of eight instances is dead.</summary>
    public static Scenario Scenario(PolicyOptions policy, TriggerKind kind, string method) => new()
    {
        Policy = policy,
        Method = method,
        Servers = 8,
        Rate = 100,
        Duration = s_duration,
        Triggers = [new(kind, TimeSpan.Zero, s_duration * 2) { Server = 3 }],
    };

    /// <summary>The only server refuses for a moment, as when it is restarted.</summary>
    public static Scenario Blip(PolicyOptions policy) => new()
    {
        Policy = policy,
        Clients = 5,
        Rate = 200,
        Duration = TimeSpan.FromSeconds(60),
        Triggers = [new(TriggerKind.Refuse, BlipFrom, BlipFrom + TimeSpan.FromSeconds(0.2))],
    };

    private static string Word(TriggerKind kind) => kind switch
    {
        TriggerKind.Fail => "answers 503",
        TriggerKind.Refuse => "refuses",
        _ => "hangs",
    };
}
