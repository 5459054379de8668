using Weft.Load.Harness;
using Weft.Options;
using Weft.Simulation;

namespace Weft.Load.Experiments;

/// <summary>E7: more comes than can be done, for as long as it lasts; and what limits do to those who do nothing wrong.</summary>
internal static class Overload
{
    private const double Capacity = 1000;

    private static readonly TimeSpan s_from = TimeSpan.FromSeconds(20);

    private static readonly (string Name, PolicyOptions Policy)[] s_rows =
    [
        ("nothing but a deadline", PolicyOptions.None),
        ("standard", Policies.Standard),
        ("standard, bulkhead of 64", Policies.Standard with { Bulkhead = new() { Max = 64 } }),
        ("standard, adaptive: gradient", Policies.Standard with { Bulkhead = new() { Adaptive = AdaptiveLimitMode.Gradient } }),
        ("standard, adaptive: aimd", Policies.Standard with { Bulkhead = new() { Adaptive = AdaptiveLimitMode.Aimd } }),
    ];

    /// <summary>Runs it and adds its tables and bounds.</summary>
    public static void AddTo(Report report, BenchArgs args)
    {
        double[] loads = [0.8, 1, 1.5, 3, 5];
        foreach (var clients in new[] { 1, 5, 50 })
        {
            var table = new Table([$"E7 goodput by load, {clients} {(clients == 1 ? "process" : "processes")}", .. loads.Select(l => FormattableString.Invariant($"{l} x"))]);
            foreach (var (name, policy) in s_rows)
            {
                Seeds[] runs = [.. loads.Select(load => new Seeds(args, new Scenario { Policy = policy, Clients = clients, Server = new() { Workers = 10 }, Rate = Capacity * load, Duration = TimeSpan.FromSeconds(80) }))];
                table.Row([name, .. runs.Select(r => r.Share(Goodput))]);
                if (name == "standard" && clients < 50)
                    report.Bounds.Add(Bound.AtLeast($"E7 standard: goodput at five times the capacity against the peak, {clients} {(clients == 1 ? "process" : "processes")}, worst seed", runs[^1].Of(Goodput).Min / runs.Max(r => r.Of(Goodput).Max) * 100, 75, "%"));
            }
            report.Tables.Add(table);
        }
        report.Notes.Add("E7: good answers as a share of the capacity, M/M/10 with a mean of 10 ms and one queue without a limit, from 20 s to 80 s.");
    }

    /// <summary>Runs services that are slow, uneven or used in bursts, but not overloaded.</summary>
    public static void AddKindness(Report report, BenchArgs args)
    {
        static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
        (string Name, Scenario Scenario)[] columns =
        [
            ("1 s, 100/s", new() { Server = new() { Time = new LognormalTime(Seconds(1), 0.3) } }),
            ("3 s, once a minute", new() { Server = new() { Time = new LognormalTime(Seconds(3), 0.2) }, Rate = 1 / 60.0, Duration = TimeSpan.FromHours(10) }),
            ("20 ms, a fifth of them 2 s, 300/s", new() { Server = new() { Time = new StragglingTime(new LognormalTime(Seconds(0.02), 0.5), 0.2, Seconds(1.5), Seconds(2.5)) }, Rate = 300 }),
            ("bursts of 200 each 5 s", new() { Server = new() { Workers = 10 }, Rate = 50, Triggers = [.. Enumerable.Range(1, 22).Select(i => new Trigger(TriggerKind.Load, Seconds(5 * i), Seconds(5 * i + 0.01)) { Factor = 400 })] }),
            ("1 s, 100/s, 503 for 20 s", new() { Servers = 4, Server = new() { Time = new LognormalTime(Seconds(1), 0.3) }, Duration = Seconds(180), Triggers = [new(TriggerKind.Fail, Seconds(60), Seconds(80))] }),
        ];
        var table = new Table(["E8 good calls to services that are only slow", .. columns.Select(c => c.Name)]);
        foreach (var (name, policy) in s_rows)
        {
            Seeds[] runs = [.. columns.Select(c => new Seeds(args, c.Scenario with { Policy = policy }))];
            table.Row([name, .. runs.Select(r => r.Share(x => x.Success()))]);
            if (name == "standard")
                report.Bounds.Add(Bound.AtLeast("E8 standard: good calls to slow, uneven and seldom used services, worst of all", runs[..4].Min(r => r.Of(x => x.Success()).Min) * 100, 99.9, "%"));
        }
        report.Tables.Add(table);
        report.Notes.Add("E8: one process, cold from 0 s for 120 s where nothing else is said, servers that bear it (in the last column they are down for a ninth of the time). A policy should not be felt here.");
    }

    private static double Goodput(SimulationResult result) => result.Goodput(s_from) / Capacity;
}
