namespace Weft.Tests;

/// <summary>Counts what code allocates.</summary>
internal static class Allocations
{
    private const int Runs = 1000;

    /// <summary>Bytes that each run allocates on this thread once it is warm; runs must complete at once.</summary>
    public static async Task<long> OfAsync<T>(Func<ValueTask<T>> run)
    {
        var (before, first) = (0L, true);
        // Tiering compiles in the background and now and then allocates a little on the way: a second round shows what is ours.
        for (var i = 0; i < Runs * 2; i++)
        {
            if (i == Runs)
                (before, first) = (GC.GetAllocatedBytesForCurrentThread(), false);
            var task = run();
            Assert.True(task.IsCompleted);
            await task;
        }
        return first ? 0 : (GC.GetAllocatedBytesForCurrentThread() - before) / Runs;
    }
}
