using System.Diagnostics;
using Weft.Load.Cells;

namespace Weft.Load.Harness;

/// <summary>Something that is measured beside others.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Run">Measures it once, after a warm-up of its own where it needs one.</param>
internal sealed record Subject(string Name, Func<Task<Sample>> Run);

/// <summary>How benchmarks measure.</summary>
internal static class Measure
{
    /// <summary>
    /// Measures all subjects in turn, round after round, forwards and backwards, so that a machine that gets slower or
    /// faster meanwhile favours none of them.
    /// </summary>
    public static async Task<IReadOnlyList<Series>> InterleavedAsync(int rounds, params Subject[] subjects)
    {
        var samples = subjects.Select(_ => new List<Sample>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var turn = 0; turn < subjects.Length; turn++)
            {
                var i = round % 2 == 0 ? turn : subjects.Length - 1 - turn;
                samples[i].Add(await subjects[i].Run());
            }
        }

        return [.. subjects.Select((subject, i) => new Series(subject.Name, samples[i]))];
    }

    /// <summary>
    /// Measures work that is done in this process: time, processor time and allocated bytes of the whole process, from a
    /// collected heap on.
    /// </summary>
    /// <param name="work">Does the work and says how many operations it was.</param>
    /// <param name="latencies">What the work records its latencies in, if it does.</param>
    public static async Task<Sample> OnceAsync(Func<Task<long>> work, Latencies? latencies = null)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var processor = Environment.CpuUsage.TotalTime;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        var operations = await work();
        var elapsed = Stopwatch.GetElapsedTime(start);
        return new Sample(
            operations, elapsed, Environment.CpuUsage.TotalTime - processor, GC.GetTotalAllocatedBytes(precise: true) - allocated)
        {
            Latencies = latencies,
        };
    }

    /// <summary>Measures work that a worker does in its own process: its processor time counts, its heap is not looked at.</summary>
    public static async Task<Sample> OnceAsync(Worker worker, Func<Task<long>> work, Latencies? latencies = null)
    {
        var processor = worker.Processor;
        var start = Stopwatch.GetTimestamp();
        var operations = await work();
        var elapsed = Stopwatch.GetElapsedTime(start);
        return new Sample(operations, elapsed, worker.Processor - processor) { Latencies = latencies };
    }
}
