using Weft.Load.Bus;
using Weft.Load.Harness;

namespace Weft.Load;

/// <summary>How soon, with how much memory, and at whose cost the bus delivers.</summary>
internal sealed partial class BusBenchmark
{
    private const int Rate = 2_000;

    private static async Task LatencyAsync(BenchArgs args, Report report)
    {
        var series = await CellSeries.InterleavedAsync(args.Rounds,
        [
            ("write to a file and fsync, alone", () => OnSqliteAsync("fsync", "seconds=1")),
            ("weft", () => OnSqliteAsync("latency", args.Quick ? "seconds=1" : "seconds=5", $"rate={Rate}")),
        ]);
        var (file, weft) = (series[0], series[1]);
        var table = new Table($"Latency on SQLite at {Rate:N0} messages/s", "p50 ms", "p99 ms", "p99.9 ms");
        table.Row([file.Name, .. Percentiles(file, "handled")]);
        table.Row(["due until publish is called", .. Percentiles(weft, "late")]);
        table.Row(["due until stored", .. Percentiles(weft, "stored")]);
        table.Row(["due until in the handler", .. Percentiles(weft, "handled")]);
        report.Tables.Add(table);
        report.Bounds.Add(Bound.AtMost($"publish to handler at {Rate:N0}/s on SQLite, p50", weft.Of("handled50").Median, 2, "ms"));
        report.Bounds.Add(Bound.AtMost($"publish to handler at {Rate:N0}/s on SQLite, p99", weft.Of("handled99").Median, 15, "ms"));
    }

    private static async Task BacklogAsync(BenchArgs args, Report report)
    {
        string count = $"count={args.Pick(50_000, 1_000_000)}";
        using var directory = new LogDirectory();
        string store = $"store={directory.File("weft.db")}";
        await Cell.RoleAsync("fill", store, count);
        var drained = await Cell.RoleAsync("drain", store, count);
        await Console.Error.WriteLineAsync($"drain: {drained}");
        var table = new Table($"A backlog of {args.Pick(50_000, 1_000_000):N0} messages on SQLite", "Handled/s", "Memory, 1st half MB", "Memory, 2nd half MB", "Lost", "Twice");
        table.Row("read by a process that was just started", Figures.Short(drained["rate"]), Figures.Short(drained["first"]), Figures.Short(drained["second"]), Figures.Short(drained["lost"]), Figures.Short(drained["again"]));
        report.Tables.Add(table);
        report.Bounds.Add(Bound.AtMost("working set in the 2nd half of a backlog against the 1st", drained["lost"] > 0 ? double.NaN : drained["second"] / drained["first"], 1.15, "x"));
        report.Bounds.Add(Bound.AtMost("working set while a backlog is read", drained["second"], 200, "MB"));
    }

    private static async Task BehindAsync(BenchArgs args, Report report)
    {
        string count = $"count={args.Pick(50_000, 2_000_000)}";
        using var directory = new LogDirectory();
        string store = $"store={directory.File("weft.db")}";
        await Cell.RoleAsync("fill", store, count);
        var found = await Cell.RoleAsync("behind", store, count, args.Quick ? "seconds=0.2" : "seconds=1", $"turns={args.Pick(2, 10)}");
        await Console.Error.WriteLineAsync($"behind: {found}");
        var table = new Table("A subscription that is behind, on SQLite", "Published/s without", "Published/s while it reads", "Read/s", "Still behind at the end", "Lost", "Twice");
        table.Row("64 publishers", Figures.Short(found["alone"]), Figures.Short(found["beside"]), Figures.Short(found["read"]), Figures.Short(found["behind"]), Figures.Short(found["lost"]), Figures.Short(found["again"]));
        report.Tables.Add(table);
        report.Bounds.Add(Bound.AtLeast("published while a subscription reads a backlog, against without", found["lost"] > 0 ? double.NaN : found["kept"], 0.9, "x"));
    }

    private static string[] Percentiles(CellSeries series, string name) =>
        [.. ((string[])["50", "99", "99.9"]).Select(p => Figures.Short(series.Of(name + p)))];
}
