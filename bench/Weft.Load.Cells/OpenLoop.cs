using System.Diagnostics;

namespace Weft.Load.Cells;

/// <summary>
/// Orders that are due at a fixed rate, whatever becomes of those before. The clock of each starts when it is due, so a publisher that is
/// held up makes the figures worse and not fewer.
/// </summary>
/// <param name="args">How long, and <c>rate=</c> how many a second.</param>
/// <param name="publish">Publishes one; done when it is stored.</param>
/// <param name="checkers">One for each subscription, the first with <paramref name="handled"/>.</param>
/// <param name="handled">What the first checker records in.</param>
public sealed class OpenLoop(CellArgs args, Func<Order, ValueTask> publish, IReadOnlyList<Checker> checkers, Latencies handled)
{
    private readonly double _rate = args.Number("rate", 2_000);
    private long _next;

    /// <summary>How many orders a cell has, with those before the measurement.</summary>
    public static int Capacity(CellArgs args) => (int)(args.Number("rate", 2_000) * ((args.Duration + (args.WarmUp / 3)).TotalSeconds + 1));

    public async Task<CellResult> RunAsync()
    {
        await SendAsync((long)(_rate * (args.WarmUp / 3).TotalSeconds), new(Capacity(args)), new(Capacity(args)));
        handled.Clear();
        int count = (int)(_rate * args.Duration.TotalSeconds);
        var (late, stored) = (new Latencies(count), new Latencies(count));
        await SendAsync(count, late, stored);
        var result = new CellResult { ["lost"] = checkers.Sum(c => _next - c.Distinct), ["again"] = checkers.Sum(c => c.Again) };
        foreach (var (name, latencies) in new[] { ("late", late), ("stored", stored), ("handled", handled) })
        {
            foreach (double percent in (double[])[50, 99, 99.9])
                result[$"{name}{percent}"] = latencies.Percentile(percent);
        }
        return result;
    }

    private async Task SendAsync(long count, Latencies late, Latencies stored)
    {
        var publishing = new Task[count];
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sender = new Thread(() =>
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < count; i++)
            {
                long due = start + (long)(i * Stopwatch.Frequency / _rate);
                while (Stopwatch.GetTimestamp() < due)
                    Thread.Sleep(1);
                late.Add(Stopwatch.GetElapsedTime(due));
                publishing[i] = PublishAsync(Order.Create(_next++, due), due, stored);
            }
            sent.SetResult();
        });
        sender.Start();
        await sent.Task;
        await Task.WhenAll(publishing);
        foreach (var checker in checkers)
            await checker.WaitAsync(_next, args.Patience);
    }

    private async Task PublishAsync(Order order, long due, Latencies stored)
    {
        await publish(order).ConfigureAwait(false);
        stored.Add(Stopwatch.GetElapsedTime(due));
    }
}
