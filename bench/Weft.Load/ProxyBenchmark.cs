using System.Globalization;
using System.Text.RegularExpressions;
using Weft.Load.Harness;
using Yarp.ReverseProxy.Model;

namespace Weft.Load;

/// <summary>What a proxied request costs: the gateway beside YARP, each in its own process on the same server, before nginx.</summary>
internal sealed partial class ProxyBenchmark : IBenchmark
{
    private const int Connections = 32;

    public string Name => "proxy";

    public string Sentence => "processor time of a proxied request, beside YARP's MapReverseProxy";

    public async Task<Report> RunAsync(BenchArgs args)
    {
        await using var nginx = await ProxyUpstream.StartAsync();
        await using var weft = await Worker.StartAsync(this, "weft", nginx.Address);
        await using var yarp = await Worker.StartAsync(this, "yarp", nginx.Address);
        await LoadAsync(weft.Ready, args.Pick(1, 8));
        await LoadAsync(yarp.Ready, args.Pick(1, 8));

        var seconds = args.Pick(2, (int)args.Duration.TotalSeconds);
        var series = await Measure.InterleavedAsync(
            args.Rounds,
            new Subject("Weft", () => SampleAsync(weft, seconds)),
            new Subject("YARP MapReverseProxy", () => SampleAsync(yarp, seconds)));

        var report = new Report();
        report.AddVersionOf(typeof(IReverseProxyFeature));
        report.Versions["nginx"] = nginx.Version;
        var table = new Table("GET, 1 KB, 32 connections", "CPU µs/request", "B/request", "requests/s", "RSS MB");
        foreach (var (one, worker) in series.Zip((Worker[])[weft, yarp]))
        {
            table.Row(
                one.Name,
                Figures.Short(one.Of(s => s.ProcessorMicroseconds)),
                Figures.Short(one.Of(s => s.BytesEach)),
                Figures.Short(one.Of(s => s.PerSecond)),
                Figures.Short(worker.WorkingSet / 1e6));
        }

        report.Tables.Add(table);
        report.Notes.Add("Load, upstream and proxies share the machine: only the ratio of processor times means something. Both proxies log warnings only; "
            + "Weft also checks requests strictly, counts, and writes trace and correlation.");
        report.Bounds.Add(Bound.AtMost("processor time against YARP", series[0].RatioTo(series[1], s => s.ProcessorMicroseconds).Median, 1.05, "x"));
        return report;
    }

    public Task WorkAsync(string role, BenchArgs args, CancellationToken stop) => role switch
    {
        "weft" => ProxyWorkers.WeftAsync(args.Rest[0], stop),
        "yarp" => ProxyWorkers.YarpAsync(args.Rest[0], stop),
        _ => throw new NotSupportedException($"The benchmark {Name} has no worker {role}."),
    };

    private static async Task<Sample> SampleAsync(Worker worker, int seconds)
    {
        using var client = new HttpClient();
        async Task<long> AllocatedAsync() => long.Parse(await client.GetStringAsync(worker.Ready + ProxyWorkers.AllocatedPath), CultureInfo.InvariantCulture);
        var before = await AllocatedAsync();
        var sample = await Measure.OnceAsync(worker, () => LoadAsync(worker.Ready, seconds));
        return sample with { Allocated = await AllocatedAsync() - before };
    }

    private static async Task<long> LoadAsync(string address, int seconds)
    {
        var output = await ProxyUpstream.RunAsync("wrk", "-t", "1", "-c", $"{Connections}", "-d", $"{seconds}s", address + "/1k");
        if (Errors().IsMatch(output))
            throw new InvalidOperationException("Requests failed: " + output);
        return Requests().Match(output) is { Success: true } match
            ? long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"No figures for {address}: {output}");
    }

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();

    [GeneratedRegex("Non-2xx|Socket errors")]
    private static partial Regex Errors();
}
