using System.Diagnostics;
using System.Runtime;

namespace Weft.Load.Cells;

/// <summary>Publishers that each wait until their order is stored before they publish the next, and a look at whether all arrive.</summary>
/// <param name="args">How many, how long.</param>
/// <param name="publish">Publishes one; done when it is stored. The first parameter says which publisher it is.</param>
/// <param name="checkers">One for each subscription; none when nobody subscribes.</param>
public sealed class ClosedLoop(CellArgs args, Func<int, Order, ValueTask> publish, IReadOnlyList<Checker> checkers)
{
    private const int Fewest = 2_000, FewCompiled = 10;

    private long _next;

    /// <summary>How many orders a cell of that duration can have at most.</summary>
    public static long Capacity(CellArgs args) => Fewest + (long)(400_000 * (1 + (2 * (args.Duration + args.WarmUp).TotalSeconds)));

    /// <summary>Runs the cell and says what came out.</summary>
    public async Task<CellResult> RunAsync(Telemetry telemetry)
    {
        long begin = Stopwatch.GetTimestamp();
        await WarmUpAsync();
        var warmUp = Stopwatch.GetElapsedTime(begin);
        GC.Collect();
        GC.WaitForPendingFinalizers();

        long before = _next, allocated = GC.GetTotalAllocatedBytes(precise: true);
        var processor = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        await PublishAsync(args.Duration, 0);
        long published = _next - before;
        var publishing = Stopwatch.GetElapsedTime(start);
        var all = Stopwatch.GetElapsedTime(start, await ArriveAsync());
        var (measurements, activities) = telemetry.Counts;
        return new()
        {
            ["published"] = published,
            ["warmUp"] = warmUp.TotalSeconds,
            ["publishRate"] = published / publishing.TotalSeconds,
            ["rate"] = published / all.TotalSeconds,
            ["processor"] = (Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / published,
            ["allocated"] = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)published,
            ["lost"] = checkers.Sum(c => _next - c.Distinct),
            ["again"] = checkers.Sum(c => c.Again),
            ["measurements"] = measurements,
            ["activities"] = activities,
        };
    }

    // Some, and then for as long as code is still made faster: on two cores the compiler takes a good part of both.
    private async Task WarmUpAsync()
    {
        await PublishAsync(TimeSpan.Zero, Fewest);
        var slice = args.WarmUp / 12;
        int few = 0;
        for (long start = Stopwatch.GetTimestamp(); few < 2 && Stopwatch.GetElapsedTime(start) < args.WarmUp;)
        {
            long compiled = JitInfo.GetCompiledMethodCount();
            await PublishAsync(slice, 0);
            few = JitInfo.GetCompiledMethodCount() - compiled < FewCompiled ? few + 1 : 0;
        }
        await ArriveAsync();
    }

    private async Task PublishAsync(TimeSpan duration, long atLeast)
    {
        long until = _next + atLeast, end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, args.Publishers).Select(publisher => Task.Run(async () =>
        {
            while (Volatile.Read(ref _next) < until || Stopwatch.GetTimestamp() < end)
                await publish(publisher, Order.Create(Interlocked.Increment(ref _next) - 1)).ConfigureAwait(false);
        })));
    }

    private async Task<long> ArriveAsync()
    {
        long last = Stopwatch.GetTimestamp();
        foreach (var checker in checkers)
            last = Math.Max(last, await checker.WaitAsync(_next, args.Patience));
        return last;
    }
}
