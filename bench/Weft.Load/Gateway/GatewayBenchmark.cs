using System.Globalization;
using Weft.Load.Harness;
using Yarp.ReverseProxy.Model;

namespace Weft.Load.Gateway;

/// <summary>What the gateway costs beside others: plain, with policies, with many routes, and how long requests take when it is half busy. Each proxy has one core for itself.</summary>
internal sealed class GatewayBenchmark : IBenchmark
{
    private const int FewRoutes = 10, ManyRoutes = 10_000;

    public string Name => "gateway";

    public string Sentence => "a proxied request, plain and with policies, beside YARP and nginx; 10,000 routes; latency at half of saturation";

    public async Task<Report> RunAsync(BenchArgs args)
    {
        await using var upstream = await ProxyUpstream.StartAsync(core: Contender.OtherCore);
        await using var nginx = await ProxyUpstream.StartAsync(upstream.Address, Contender.ProxyCore);
        await using var weft = await StartAsync("weft", upstream);
        await using var yarp = await StartAsync("yarp", upstream);
        await using var policies = await StartAsync("policies", upstream);
        await using var few = await StartAsync("routes", upstream, FewRoutes);
        await using var many = await StartAsync("routes", upstream, ManyRoutes);
        Contender[] contenders =
        [
            Contender.Of("Weft", weft),
            Contender.Of("YARP MapReverseProxy", yarp),
            new("nginx", nginx.Address, () => nginx.Processor, () => nginx.WorkingSet, Allocates: false),
            Contender.Of("Weft, " + GatewayCases.PoliciesSentence, policies) with { Fields = GatewayCases.PolicyFields },
            Contender.Of($"Weft, {FewRoutes} routes", few) with { Path = GatewayCases.PathOf(FewRoutes / 2) },
            Contender.Of($"Weft, {ManyRoutes:N0} routes", many) with { Path = GatewayCases.PathOf(ManyRoutes / 2) },
        ];
        foreach (var contender in contenders)
            await contender.LoadAsync(args.Pick(1, 15));
        var seconds = args.Pick(2, (int)args.Duration.TotalSeconds);
        var series = await Measure.InterleavedAsync(args.Rounds, [.. contenders.Select(c => new Subject(c.Name, () => c.SampleAsync(seconds)))]);

        var report = new Report();
        report.AddVersionOf(typeof(IReverseProxyFeature));
        report.Versions["nginx"] = upstream.Version;
        report.Tables.Add(Costs(contenders, series));
        report.Tables.Add(await LatencyAsync(args, contenders[..2], series));
        report.Notes.Add("Each proxy runs on one core and load and upstream on the other, so the ratios of processor time and bytes mean something and requests a second little. All proxies keep connections, on "
            + "sockets of the same settings; those in .NET run on the same host and log warnings only. Weft also checks requests strictly, counts, and writes trace and correlation.");
        Promise(report.Bounds, series);
        return report;
    }

    public Task WorkAsync(string role, BenchArgs args, CancellationToken stop)
    {
        switch (role)
        {
            case "weft":
                return ProxyWorkers.WeftAsync(args.Rest[0], stop);
            case "yarp":
                return ProxyWorkers.YarpAsync(args.Rest[0], stop);
            case "policies":
                return GatewayCases.PoliciesAsync(args.Rest[0], stop);
            case "routes":
                return GatewayCases.RoutesAsync(args.Rest[0], int.Parse(args.Rest[1], CultureInfo.InvariantCulture), stop);
            case "steady":
                var latencies = SteadyLoad.Run(
                    new Uri(args.Rest[0]), args.Rest[1], double.Parse(args.Rest[2], CultureInfo.InvariantCulture), double.Parse(args.Rest[3], CultureInfo.InvariantCulture));
                Console.WriteLine(string.Join(' ', GatewayCases.Percents.Select(p => latencies.Percentile(p).ToString(CultureInfo.InvariantCulture))));
                return Task.CompletedTask;
            default:
                throw new NotSupportedException($"The benchmark {Name} has no worker {role}.");
        }
    }

    private Task<Worker> StartAsync(string role, ProxyUpstream upstream, params int[] rest) =>
        Worker.StartAsync(this, role, Contender.ProxyCore, [upstream.Address, .. rest.Select(r => r.ToString(CultureInfo.InvariantCulture))]);

    private static Table Costs(Contender[] contenders, IReadOnlyList<Series> series)
    {
        var table = new Table("GET, 1 KB, 32 connections", "CPU µs/request", "against YARP", "B/request", "requests/s", "RSS MB");
        foreach (var (contender, one) in contenders.Zip(series))
        {
            table.Row(
                one.Name,
                Figures.Short(one.Of(s => s.ProcessorMicroseconds)),
                Figures.Short(one.RatioTo(series[1], s => s.ProcessorMicroseconds)),
                contender.Allocates ? Figures.Short(one.Of(s => s.BytesEach)) : "",
                Figures.Short(one.Of(s => s.PerSecond)),
                Figures.Short(contender.WorkingSet() / 1e6));
        }
        return table;
    }

    // The same rate for both: half of what the slower one can do.
    private async Task<Table> LatencyAsync(BenchArgs args, Contender[] contenders, IReadOnlyList<Series> series)
    {
        var rate = Math.Floor(contenders.Zip(series).Min(c => c.Second.Of(s => s.PerSecond).Median) / 2);
        var found = contenders.Select(_ => new List<double[]>()).ToArray();
        for (var round = 0; round < args.Rounds; round++)
        {
            foreach (var (contender, into) in contenders.Zip(found))
            {
                var output = await ProxyUpstream.RunAsync(
                    "taskset", "-c", $"{Contender.OtherCore}", Environment.ProcessPath!, Name, "--role", "steady", contender.Address, contender.Path,
                    rate.ToString(CultureInfo.InvariantCulture), args.Duration.TotalSeconds.ToString(CultureInfo.InvariantCulture));
                into.Add([.. output.Split(' ').Select(p => double.Parse(p, CultureInfo.InvariantCulture))]);
            }
        }
        var table = new Table([$"GET, 1 KB, {rate:N0} requests/s, half of saturation", .. GatewayCases.Percents.Select(p => $"p{p} ms")]);
        foreach (var (contender, rounds) in contenders.Zip(found))
            table.Row([contender.Name, .. GatewayCases.Percents.Select((_, i) => Figures.Short(Spread.Of(rounds.Select(r => r[i]))))]);
        return table;
    }

    private static void Promise(List<Bound> bounds, IReadOnlyList<Series> series)
    {
        double Against(int one, int other, Func<Sample, double> figure) => series[one].RatioTo(series[other], figure).Median;
        bounds.Add(Bound.AtMost("processor time, plain, against YARP", Against(0, 1, s => s.ProcessorMicroseconds), 0.9, "x"));
        bounds.Add(Bound.AtMost("allocated, plain, against YARP", Against(0, 1, s => s.BytesEach), 0.5, "x"));
        bounds.Add(Bound.AtMost("allocated, plain", series[0].Of(s => s.BytesEach).Median, GatewayCases.MostAllocated, "B/request"));
        bounds.Add(Bound.AtMost("processor time, with policies, against plain YARP", Against(3, 1, s => s.ProcessorMicroseconds), 1.0, "x"));
        bounds.Add(Bound.AtMost($"processor time, {ManyRoutes:N0} routes against {FewRoutes}", Against(5, 4, s => s.ProcessorMicroseconds), 1.1, "x"));
    }
}
