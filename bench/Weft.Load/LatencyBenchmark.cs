using System.Diagnostics;
using Weft.Load.Cells;
using Weft.Load.Harness;

namespace Weft.Load;

/// <summary>
/// The flow lane as users run it: publish, durable in SQLite, delivered to a C# handler. First at a steady rate, where the
/// clock of an event starts when it is due and not when somebody got round to publishing it; then as fast as 64 publishers go.
/// </summary>
internal sealed class LatencyBenchmark : IBenchmark
{
    private const int Rate = 1_000, Publishers = 64;

    public string Name => "latency";

    public string Sentence => "publish to handler through SQLite: latency at 1,000 events/s, and events/s with 64 publishers";

    public async Task<Report> RunAsync(BenchArgs args)
    {
        var (late, published) = (new List<Latencies>(), new List<Latencies>());
        var series = await Measure.InterleavedAsync(
            args.Rounds,
            new Subject("file and fsync, one by one", () => FileAsync(args)),
            new Subject("steady", () => SteadyAsync(args, late, published)),
            new Subject("full", () => FullAsync(args, subscribed: true)),
            new Subject("nobody", () => FullAsync(args, subscribed: false)));
        return Describe(series, late, published);
    }

    private static Report Describe(IReadOnlyList<Series> series, List<Latencies> late, List<Latencies> published)
    {
        var (file, steady, full, nobody) = (series[0], series[1], series[2], series[3]);
        var latency = new Table($"Latency at {Rate:N0} events/s", "p50 ms", "p99 ms", "p99.9 ms");
        latency.Row(["append to a file and fsync, alone", .. Percentiles(file.Samples.Select(s => s.Latencies!))]);
        latency.Row(["due until publish is called", .. Percentiles(late)]);
        latency.Row(["due until durable", .. Percentiles(published)]);
        latency.Row(["due until in the handler", .. Percentiles(steady.Samples.Select(s => s.Latencies!))]);

        var rate = new Table($"{Publishers} publishers, each waits until its event is durable", "Events/s", "Processor us/event", "Allocated B/event");
        foreach (var (name, one) in new[] { ("published and handled", full), ("published, no subscription", nobody) })
            rate.Row(name, Figures.Short(one.Of(s => s.PerSecond)), Figures.Short(one.Of(s => s.ProcessorMicroseconds).Median), Figures.Short(one.Of(s => s.BytesEach).Median));

        var report = new Report { Tables = { latency, rate } };
        report.Notes.Add($"Events of {BusLoad.EventBytes} bytes with 64 keys, durability sync, 16 lanes, a handler that only counts. Latency is counted from "
            + "when the event was due, so it has the sender's own lateness in it. Allocation is that of the whole process; reading gives each page of events an array of their size.");
        // A delivered event lies in the array of its page; everything else is reused.
        report.Bounds.Add(Bound.AtMost("allocated for delivery on top of the event", full.Of(s => s.BytesEach).Median - BusLoad.EventBytes, 128, "B/event"));
        return report;
    }

    private static string[] Percentiles(IEnumerable<Latencies> rounds) =>
        [.. new[] { 50, 99, 99.9 }.Select(p => Figures.Short(Spread.Of(rounds.Select(r => r.Percentile(p)))))];

    private static async Task<Sample> SteadyAsync(BenchArgs args, List<Latencies> late, List<Latencies> published)
    {
        int count = (int)(args.Duration.TotalSeconds * Rate);
        var (sender, publish, handled) = (new Latencies(count), new Latencies(count), new Latencies(count));
        await using var load = await BusLoad.StartAsync(subscribed: true);
        await load.AtRateAsync(Rate, Rate, new(Rate), new(Rate), new(Rate));
        var sample = await Measure.OnceAsync(() => load.AtRateAsync(Rate, count, sender, publish, handled), handled);
        late.Add(sender);
        published.Add(publish);
        return sample;
    }

    private static async Task<Sample> FullAsync(BenchArgs args, bool subscribed)
    {
        await using var load = await BusLoad.StartAsync(subscribed);
        await load.AtFullSpeedAsync(Publishers, args.Duration / 5);
        return await Measure.OnceAsync(() => load.AtFullSpeedAsync(Publishers, args.Duration));
    }

    private static Task<Sample> FileAsync(BenchArgs args)
    {
        var each = new Latencies(1_000_000);
        return Measure.OnceAsync(
            () =>
            {
                string path = Path.GetTempFileName();
                using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose);
                var bytes = new byte[BusLoad.EventBytes];
                long start = Stopwatch.GetTimestamp();
                while (Stopwatch.GetElapsedTime(start) < args.Duration / 5)
                {
                    long begin = Stopwatch.GetTimestamp();
                    file.Write(bytes);
                    file.Flush(flushToDisk: true);
                    each.Add(Stopwatch.GetElapsedTime(begin));
                }
                return Task.FromResult((long)each.Count);
            },
            each);
    }
}
