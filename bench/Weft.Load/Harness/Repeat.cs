using System.Diagnostics;

namespace Weft.Load.Harness;

/// <summary>Measures work of nanoseconds to milliseconds that is done again and again on this thread.</summary>
internal static class Repeat
{
    // Short enough that most batches are not interrupted, long enough that the clock does not count.
    private static readonly TimeSpan s_batch = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// Makes a subject. A sample has the time of the median batch, so that interruptions by others do not count, and the bytes that this
    /// thread allocated in all batches.
    /// </summary>
    /// <param name="name">Its name in the table.</param>
    /// <param name="args">How long a sample takes: a tenth of <see cref="BenchArgs.Duration"/>, after a longer warm-up before the first.</param>
    /// <param name="work">Does it once; what it returns is looked at, so that nothing is left out.</param>
    public static Subject Subject(string name, BenchArgs args, Func<long> work)
    {
        var duration = args.Duration / 10;
        var size = 0;
        return new Subject(name, () =>
        {
            if (size == 0)
                size = WarmUp(work, args.Pick(TimeSpan.FromMilliseconds(300), 2 * duration));
            return Task.FromResult(Sample(work, size, duration));
        });
    }

    /// <summary>Runs until everything is compiled for speed, and finds how many operations a batch has.</summary>
    private static int WarmUp(Func<long> work, TimeSpan duration)
    {
        // Processor time, because on a busy machine the compiler waits too.
        var start = Environment.CpuUsage.TotalTime;
        var size = 1;
        while (true)
        {
            var batch = Batch(work, size);
            if (Environment.CpuUsage.TotalTime - start > duration)
                return Math.Max(1, (int)(size * (s_batch / batch)));
            if (batch < s_batch / 2)
                size *= 2;
        }
    }

    private static Sample Sample(Func<long> work, int size, TimeSpan duration)
    {
        var batches = new TimeSpan[Math.Max(5, (int)(duration / s_batch))];
        GC.Collect();
        Batch(work, size);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < batches.Length; i++)
            batches[i] = Batch(work, size);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Array.Sort(batches);
        return new Sample((long)size * batches.Length, batches[batches.Length / 2] * batches.Length, TimeSpan.Zero, allocated);
    }

    private static TimeSpan Batch(Func<long> work, int size)
    {
        long sum = 0;
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < size; i++)
            sum += work();
        var elapsed = Stopwatch.GetElapsedTime(start);
        GC.KeepAlive(sum < 0 ? work : null);
        return elapsed;
    }
}
