using Weft.Load.Experiments;
using Weft.Load.Harness;
using Weft.Options;
using Weft.Simulation;

namespace Weft.Load;

/// <summary>What the policies are worth: the shipped classes on virtual time, over simulated servers.</summary>
internal sealed class ExperimentsBenchmark : IBenchmark
{
    public string Name => "experiments";

    public string Sentence => "what retry, budget, breaker, deadline, limit and hedge are worth, alone and together: the shipped policies on virtual time";

    private static TimeSpan S(double s) => TimeSpan.FromSeconds(s);

    public Task<Report> RunAsync(BenchArgs args)
    {
        var report = new Report();
        var which = args.Rest.Count > 0 ? args.Rest[0] : "all";
        if (which is "warm")
        {
            var table = new Table("E1 warm", "rec", "peak", "goodput trigger", "success", "outcomes");
            foreach (var rate in new[] { 600.0, 700, 800 })
            foreach (var seed in new[] { 1, 2, 3 })
            foreach (var (name, policy, server) in RetryStorm.Rows().Where(r => r.Name.StartsWith("standard")))
            {
                var r = Simulator.Run(RetryStorm.Scenario(policy, server, rate, seed) with { Duration = S(180), Triggers = [new(TriggerKind.Slow, S(90), S(100)) { Factor = 1 / 0.3 }] });
                table.Row($"{name} {rate} seed {seed}", r.Recovery(S(100))?.TotalSeconds.ToString() ?? "never", Figures.Short(r.PeakAmplification()),
                    Figures.Percent(r.Goodput(S(90), S(100)) / rate), Figures.Percent(r.Success()), string.Join(" ", r.Outcomes().Select(o => $"{o.Word}:{o.Count}")) + $" left {r.LeftBehind} timeout {r.Timeout.TotalMilliseconds}");
            }
            report.Tables.Add(table);
        }
        if (which is "e2")
        {
            var table = new Table("E2", "success", "p99", "max", "outcomes");
            var off = PolicyOptions.None;
            foreach (var kind in new[] { TriggerKind.Fail, TriggerKind.Refuse, TriggerKind.Hang })
            foreach (var method in new[] { "GET", "POST" })
            foreach (var (name, policy) in new (string, PolicyOptions)[] {
                ("none", off), ("service breaker .1", off with { Breaker = new() { Ratio = 0.1, Minimum = 100, Window = S(30), Scope = CircuitBreakerScope.Service } }),
                ("service breaker .5", off with { Breaker = new() { Ratio = 0.5, Scope = CircuitBreakerScope.Service } }),
                ("instance breaker", off with { Breaker = new() }), ("standard", new()) })
            {
                var r = Simulator.Run(new Scenario { Policy = policy, Servers = 8, Method = method, Rate = 100, Duration = S(300), Triggers = [new(kind, S(0), S(400)) { Server = 3 }] });
                table.Row($"{kind} {method} {name}", Figures.Percent(r.Success()), r.Percentile(.99).TotalMilliseconds.ToString("F1"), r.Percentile(1).TotalMilliseconds.ToString("F1"), string.Join(" ", r.Outcomes().Select(o => $"{o.Word}:{o.Count}")) + $" left {r.LeftBehind} timeout {r.Timeout.TotalMilliseconds}");
            }
            report.Tables.Add(table);
        }
        if (which is "e3")
        {
            var table = new Table("E3", "success", "p50", "p95", "p99", "p99.9", "load", "outcomes");
            var strag = new ServerModel { Time = new StragglingTime(new LognormalTime(S(.005), .4), .01, S(.1), S(.5)) };
            foreach (var (name, policy) in new (string, PolicyOptions)[] {
                ("none", PolicyOptions.None), ("none+hedge p95", PolicyOptions.None with { Hedge = new() }), ("none+hedge p99", PolicyOptions.None with { Hedge = new() { After = new(new Percentile(.99)) } }), ("standard", new()), ("standard hedge", new() { Hedge = new() }) })
            {
                var r = Simulator.Run(new Scenario { Policy = policy, Servers = 8, Server = strag, Rate = 500, Duration = S(240) });
                var f = S(60);
                table.Row($"independent {name}", Figures.Percent(r.Success()), r.Percentile(.5, f).TotalMilliseconds.ToString("F1"), r.Percentile(.95, f).TotalMilliseconds.ToString("F1"), r.Percentile(.99, f).TotalMilliseconds.ToString("F1"), r.Percentile(.999, f).TotalMilliseconds.ToString("F1"), r.Amplification(f).ToString("F4"), string.Join(" ", r.Outcomes().Select(o => $"{o.Word}:{o.Count}")) + $" left {r.LeftBehind} timeout {r.Timeout.TotalMilliseconds}");
            }
            foreach (var rate in new[] { 700.0, 900 })
            foreach (var (name, policy) in new (string, PolicyOptions)[] {
                ("none", PolicyOptions.None), ("none+hedge 30ms free", PolicyOptions.None with { Hedge = new() { After = new(S(.03)), Budget = 1 }, Retry = RetryOptions.Off with { Budget = new() { Ratio = 1 } } }), ("none+hedge 30ms", PolicyOptions.None with { Hedge = new() { After = new(S(.03)) } }), ("standard", new()), ("standard hedge p95", new() { Hedge = new() }), ("standard hedge 30", new() { Hedge = new() { After = new(S(.03)) } }) })
            {
                var r = Simulator.Run(new Scenario { Policy = policy, Servers = 1, Instances = 2, Server = new() { Workers = 10 }, Rate = rate, Duration = S(240) });
                var f = S(60);
                table.Row($"shared {rate} {name}", Figures.Percent(r.Success()), r.Percentile(.5, f).TotalMilliseconds.ToString("F1"), r.Percentile(.95, f).TotalMilliseconds.ToString("F1"), r.Percentile(.99, f).TotalMilliseconds.ToString("F1"), r.Percentile(.999, f).TotalMilliseconds.ToString("F1"), r.Amplification(f).ToString("F4"), string.Join(" ", r.Outcomes().Select(o => $"{o.Word}:{o.Count}")) + $" left {r.LeftBehind} timeout {r.Timeout.TotalMilliseconds}");
            }
            report.Tables.Add(table);
        }
        if (which is "e4")
        {
            var table = new Table("E4", "steady", "first 20 s of slow", "slow from 20 s", "back", "timeout", "success");
            foreach (var rate in new[] { 20.0, 100, 500 })
            foreach (var (name, policy) in new (string, PolicyOptions)[] {
                ("k 1", PolicyOptions.None with { Timeout = new() { Factor = 1 } }), ("k 1.2", PolicyOptions.None with { Timeout = new() { Factor = 1.2 } }), ("k 1.5", PolicyOptions.None with { Timeout = new() { Factor = 1.5 } }), ("k 2", PolicyOptions.None with { Timeout = new() { } }), ("standard", new()) })
            foreach (var factor in new[] { 3.0, 10 })
            {
                var r = Simulator.Run(new Scenario { Policy = policy, Servers = 4, Server = new() { Time = new LognormalTime(S(.02), .5) }, Rate = rate, Duration = S(420), Triggers = [new(TriggerKind.Slow, S(180), S(300)) { Factor = factor }] });
                table.Row($"{name} {rate} x{factor}", Figures.Percent(r.TimeoutShare(S(60), S(180))), Figures.Percent(r.TimeoutShare(S(180), S(200))), Figures.Percent(r.TimeoutShare(S(200), S(300))), Figures.Percent(r.TimeoutShare(S(300), S(420))), r.Timeout.TotalMilliseconds.ToString("F0"), Figures.Percent(r.Success()));
            }
            report.Tables.Add(table);
        }
        if (which is "wedge")
        {
            var table = new Table("wedge", "recovery", "success 90-150", "150-240", "240-420", "timeouts 240-420", "timeout");
            foreach (var rate in new[] { 5, 20.0, 200 })
            foreach (var servers in new[] { 1, 4 })
            foreach (var factor in new[] { 3.0, 10, 50 })
            {
                var r = Simulator.Run(new Scenario { Policy = new(), Servers = servers, Server = new() { Time = new LognormalTime(S(.02), .5) }, Rate = rate, Duration = S(420), Triggers = [new(TriggerKind.Slow, S(90), S(600)) { Factor = factor }] });
                table.Row($"{rate} servers {servers} x{factor}", r.Recovery(S(90))?.ToString() ?? "never", Figures.Percent(r.Success(S(90), S(150))), Figures.Percent(r.Success(S(150), S(240))), Figures.Percent(r.Success(S(240), S(420))), Figures.Percent(r.TimeoutShare(S(240), S(420))), r.Timeout.TotalMilliseconds.ToString("F0"));
            }
            report.Tables.Add(table);
        }
        if (which is "open")
        {
            var table = new Table("open", "E1 cold max", "warm 10 s max/goodput", "30 s", "90 s", "blip 2 s", "blip 200ms", "flaky errors", "hang p99.9", "hang POST", "hang GET");
            foreach (var (open, max) in new[] { (5.0, 60.0), (5, 15), (5, 10), (5, 5), (2, 10), (2, 5), (1, 10), (1, 5), (0.5, 5) })
            {
                var policy = new PolicyOptions { Breaker = new() { Open = S(open), OpenMax = S(max) } };
                string Rec(double at, double length)
                {
                    var all = (from seed in Enumerable.Range(1, 2) from rate in new[] { 600.0, 700, 800 } select Simulator.Run(RetryStorm.Scenario(policy, new() { Workers = 10 }, rate, seed) with { Duration = S(at + length + 80), Triggers = [new(TriggerKind.Slow, S(at), S(at + length)) { Factor = 1 / 0.3 }] })).ToList();
                    return all.Max(r => r.Recovery(S(at + length))?.TotalSeconds ?? 999) + " / " + Figures.Percent(all.Average(r => r.Success(S(at), S(at + length))));
                }
                SimulationResult Hang(string method) => Simulator.Run(new Scenario { Policy = policy, Servers = 8, Method = method, Rate = 100, Duration = S(390), Triggers = [new(TriggerKind.Hang, S(90), S(400)) { Server = 3 }] });
                var get = Hang("GET");
                var blip = Simulator.Run(new Scenario { Policy = policy, Clients = 5, Rate = 200, Duration = S(60), Triggers = [new(TriggerKind.Refuse, S(30), S(32))] });
                var blip2 = Simulator.Run(new Scenario { Policy = policy, Clients = 5, Rate = 200, Duration = S(60), Triggers = [new(TriggerKind.Refuse, S(30), S(30.2))] });
                var flaky = Simulator.Run(new Scenario { Policy = policy, Clients = 5, Method = "POST", Rate = 200, Duration = S(120), Server = new() { Errors = 0.5 } });
                table.Row($"{open} {max}", Rec(30, 10), Rec(90, 10), Rec(90, 30), Rec(90, 90), Figures.Percent(blip.Success(S(30), S(40))), Figures.Percent(blip2.Success(S(30), S(40))), Figures.Percent(flaky.Success()) + " " + Figures.Percent(flaky.Amplification()), get.Percentile(.999, S(90)).TotalMilliseconds.ToString("F0"), Hang("POST").Success(S(90)).ToString("F5"), get.Success(S(90)).ToString("F5"));
            }
            report.Tables.Add(table);
        }
        if (which is "kind")
        {
            var table = new Table("kind", "success", "p50", "p99", "outcomes");
            foreach (var (name, policy) in new (string, PolicyOptions)[] {
                ("none", PolicyOptions.None), ("standard", new()), 
                ("standard gradient", new() { Bulkhead = new() { Adaptive = AdaptiveLimitMode.Gradient } }), ("standard aimd", new() { Bulkhead = new() { Adaptive = AdaptiveLimitMode.Aimd } }) })
            {
                void Row(string what, Scenario s)
                {
                    var r = Simulator.Run(s with { Policy = policy });
                    table.Row($"{what} {name}", Figures.Percent(r.Success()), r.Percentile(.5).TotalMilliseconds.ToString("F0"), r.Percentile(.99).TotalMilliseconds.ToString("F0"), string.Join(" ", r.Outcomes().Select(o => $"{o.Word}:{o.Count}")) + $" timeout {r.Timeout.TotalMilliseconds} limit {r.BulkheadLimit}");
                }
                Row("slow 1 s, 100/s", new Scenario { Server = new() { Time = new LognormalTime(S(1), .3) }, Rate = 100, Duration = S(120) });
                Row("seldom 3 s, 1 a minute", new Scenario { Server = new() { Time = new LognormalTime(S(3), .2) }, Rate = 1 / 60.0, Duration = S(36000) });
                Row("mixed 20 ms and 2 s, 100/s", new Scenario { Server = new() { Time = new StragglingTime(new LognormalTime(S(.02), .5), .2, S(1.5), S(2.5)) }, Rate = 300, Duration = S(120) });
                Row("bursts of 200 each 5 s", new Scenario { Server = new() { Workers = 10 }, Rate = 50, Duration = S(120), Triggers = [.. Enumerable.Range(1, 22).Select(i => new Trigger(TriggerKind.Load, S(i * 5), S(i * 5 + .01)) { Factor = 400 })] });
                Row("pause of 3 s", new Scenario { Server = new() { Workers = 20, Time = new LognormalTime(S(.1), .3) }, Rate = 100, Duration = S(120), Triggers = [new(TriggerKind.Slow, S(60), S(61.5)) { Factor = 20 }] });
                Row("errors for 20 s, 100 at once", new Scenario { Servers = 4, Server = new() { Time = new LognormalTime(S(1), .3) }, Rate = 100, Duration = S(180), Triggers = [new(TriggerKind.Fail, S(60), S(80))] });
            }
            report.Tables.Add(table);
        }
        if (which is "over50")
        {
            var table = new Table("Overload", "clients", "x", "goodput/capacity", "p99", "outcomes");
            foreach (var clients in new[] { 5, 50 })
            foreach (var (name, policy) in new (string, PolicyOptions)[] {
                ("standard", new()), ("max 64", new() { Bulkhead = new() { Max = 64 } }),
                ("standard gradient", new() { Bulkhead = new() { Adaptive = AdaptiveLimitMode.Gradient } }), ("standard aimd", new() { Bulkhead = new() { Adaptive = AdaptiveLimitMode.Aimd } }) })
            foreach (var x in new[] { 1.5, 3, 5 })
            {
                var r = Simulator.Run(new Scenario { Policy = policy, Clients = clients, Server = new() { Workers = 10 }, Rate = 1000 * x, Duration = S(120) });
                table.Row($"{name}", clients.ToString(), x.ToString(), Figures.Percent(r.Goodput(S(20)) / 1000), r.Percentile(.99, S(20)).TotalMilliseconds.ToString("F0"), string.Join(" ", r.Outcomes().Select(o => $"{o.Word}:{o.Count}")) + $" left {r.LeftBehind} timeout {r.Timeout.TotalMilliseconds} limit {r.BulkheadLimit}");
            }
            report.Tables.Add(table);
        }
        if (which is "over")
        {
            var table = new Table("Overload", "clients", "x", "goodput/capacity", "p99", "outcomes");
            foreach (var clients in new[] { 1, 5, 50 })
            foreach (var (name, policy) in new (string, PolicyOptions)[] {
                ("none", PolicyOptions.None), ("standard", new()), ("standard, no breaker", new() { Breaker = CircuitBreakerOptions.Off }),
                ("standard gradient", new() { Bulkhead = new() { Adaptive = AdaptiveLimitMode.Gradient } }), ("standard aimd", new() { Bulkhead = new() { Adaptive = AdaptiveLimitMode.Aimd } }) })
            foreach (var x in new[] { 0.8, 1, 1.5, 3, 5 })
            {
                var r = Simulator.Run(new Scenario { Policy = policy, Clients = clients, Server = new() { Workers = 10 }, Rate = 1000 * x, Duration = S(60) });
                table.Row($"{name}", clients.ToString(), x.ToString(), Figures.Percent(r.Goodput(S(20)) / 1000), r.Percentile(.99, S(20)).TotalMilliseconds.ToString("F0"), string.Join(" ", r.Outcomes().Select(o => $"{o.Word}:{o.Count}")) + $" left {r.LeftBehind} timeout {r.Timeout.TotalMilliseconds} limit {r.BulkheadLimit}");
            }
            report.Tables.Add(table);
        }
        return Task.FromResult(report);
    }
}
