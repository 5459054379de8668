using System.Diagnostics;
using Weft.Load.Cells;
using Weft.Load.Harness;

namespace Weft.Load.Bus;

/// <summary>What the processes of the benchmark do, by the name of their role.</summary>
internal static class Roles
{
    public static Task<CellResult> RunAsync(string role, CellArgs args) => role switch
    {
        "bare-sqlite" => GroupCommit.SqliteAsync(args),
        "bare-postgres" => GroupCommit.PostgresAsync(args),
        "fsync" => Task.FromResult(Fsync(args)),
        "weft" => ThroughputAsync(args),
        "latency" => LatencyAsync(args),
        "fill" => FillAsync(args),
        "drain" => DrainAsync(args),
        "behind" => BehindAsync(args),
        _ => throw new NotSupportedException($"The benchmark bus has no worker {role}."),
    };

    // What the disk takes for one event, with nobody in the way.
    private static CellResult Fsync(CellArgs args)
    {
        var each = new Latencies(1_000_000);
        using var file = new FileStream(args.Text("store"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
        byte[] bytes = Order.Json(0);
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < args.Duration;)
        {
            long begin = Stopwatch.GetTimestamp();
            file.Write(bytes);
            file.Flush(flushToDisk: true);
            each.Add(Stopwatch.GetElapsedTime(begin));
        }
        return new() { ["handled50"] = each.Percentile(50), ["handled99"] = each.Percentile(99), ["handled99.9"] = each.Percentile(99.9) };
    }

    private static async Task<CellResult> ThroughputAsync(CellArgs args)
    {
        Checker[] checkers = [.. Enumerable.Range(0, (int)args.Number("subscriptions", 1)).Select(_ => new Checker(ClosedLoop.Capacity(args)))];
        using var telemetry = Telemetry.Listen();
        await using var app = await WeftApp.StartAsync(args, [.. checkers.Select((c, i) => ($"s{i}", c))]);
        return await new ClosedLoop(args, (_, order) => app.PublishAsync(order), checkers).RunAsync(telemetry);
    }

    private static async Task<CellResult> LatencyAsync(CellArgs args)
    {
        var handled = new Latencies(OpenLoop.Capacity(args));
        var checker = new Checker(OpenLoop.Capacity(args), handled);
        using var telemetry = Telemetry.Listen();
        await using var app = await WeftApp.StartAsync(args, [("s0", checker)]);
        return await new OpenLoop(args, app.PublishAsync, [checker], handled).RunAsync();
    }

    private static async Task<CellResult> FillAsync(CellArgs args)
    {
        await using var app = await WeftApp.StartAsync(args, []);
        await app.FillAsync((long)args.Number("count", 0));
        return new();
    }

    // Drains what another process has published, and looks at the memory meanwhile.
    private static async Task<CellResult> DrainAsync(CellArgs args)
    {
        long count = (long)args.Number("count", 0);
        var checker = new Checker(count);
        using var telemetry = Telemetry.Listen();
        long start = Stopwatch.GetTimestamp();
        await using var app = await WeftApp.StartAsync(args, [("s0", checker)], "beginning");
        var all = checker.WaitAsync(count, args.Patience);
        long first = 0, second = 0;
        while (await Task.WhenAny(all, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System)) != all)
        {
            ref long half = ref checker.Distinct < count / 2 ? ref first : ref second;
            half = Math.Max(half, Environment.WorkingSet);
        }
        return new()
        {
            ["rate"] = count / Stopwatch.GetElapsedTime(start, await all).TotalSeconds,
            ["first"] = first / 1048576.0,
            ["second"] = Math.Max(second, Environment.WorkingSet) / 1048576.0,
            ["lost"] = count - checker.Distinct,
            ["again"] = checker.Again,
        };
    }

    // Publishers as fast as they go, and a subscription that reads what has gathered before for one turn and not for the next.
    private static async Task<CellResult> BehindAsync(CellArgs args)
    {
        long count = (long)args.Number("count", 0), next = count;
        int turns = (int)args.Number("turns", 10);
        var late = new Checker(count + (400_000L * (long)((3 * turns * args.Duration.TotalSeconds) + 10)));
        using var telemetry = Telemetry.Listen();
        await using var app = await WeftApp.StartAsync(args, [("late", late)], "beginning");
        using var stop = new CancellationTokenSource();
        var publishing = Task.WhenAll(Enumerable.Range(0, args.Publishers).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await app.PublishAsync(Order.Create(Interlocked.Increment(ref next) - 1)).ConfigureAwait(false);
        })));
        var (alone, beside, read) = (new List<double>(), new List<double>(), new List<double>());
        for (int turn = -2; turn < 2 * turns; turn++)
        {
            bool reads = turn % 2 != 0;
            _ = await (reads ? app.Admin.ResumeAsync("late", default) : app.Admin.PauseAsync("late", default));
            await Task.Delay(args.Duration / 5, TimeProvider.System);
            long published = Volatile.Read(ref next), arrived = late.Distinct, start = Stopwatch.GetTimestamp();
            await Task.Delay(args.Duration, TimeProvider.System);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (turn < 0)
                continue;
            (reads ? beside : alone).Add((Volatile.Read(ref next) - published) / seconds);
            if (reads)
                read.Add((late.Distinct - arrived) / seconds);
        }
        long behind = Volatile.Read(ref next) - late.Distinct;
        await stop.CancelAsync();
        await publishing;
        await late.WaitAsync(next, args.Patience);
        return new()
        {
            ["alone"] = Spread.Of(alone).Median,
            ["beside"] = Spread.Of(beside).Median,
            ["read"] = Spread.Of(read).Median,
            ["kept"] = Spread.Of(beside.Zip(alone, (b, a) => b / a)).Median,
            ["behind"] = behind,
            ["lost"] = next - late.Distinct,
            ["again"] = late.Again,
        };
    }
}
