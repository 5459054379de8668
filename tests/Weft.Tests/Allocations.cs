namespace Weft.Tests;

/// <summary>Counts what code allocates.</summary>
internal static class Allocations
{
    private const int Runs = 1000;

    /// <summary>Bytes that each run allocates on this thread once it is warm; runs must complete at once.</summary>
    public static async Task<long> OfAsync<T>(Func<ValueTask<T>> run)
    {
        var before = 0L;
        for (var i = 0; i < Runs * 2; i++)
        {
            if (i == Runs)
                before = GC.GetAllocatedBytesForCurrentThread();
            var task = run();
            Assert.True(task.IsCompleted);
            await task;
        }
        // Divided, because tiering allocates a little now and then.
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Runs;
    }
}
