using Polly;
using Weft.Concurrency;

namespace Weft.Tests.Concurrency;

/// <summary>The program on the page about bulkheads.</summary>
public sealed class BulkheadPageTests
{
    [Fact]
    public async Task The_program_on_the_page_runs()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var slow = new TaskCompletionSource<string>();
        Task<string> ReadReportAsync(CancellationToken token) => slow.Task.WaitAsync(token);

        // region pipeline
        var pipeline = new ResiliencePipelineBuilder()
            .AddWeftBulkhead(new() { Max = 1, Queue = 0 })
            .Build();

        var first = pipeline.ExecuteAsync(async token => await ReadReportAsync(token), cancellation).AsTask();
        try
        {
            await pipeline.ExecuteAsync(async token => await ReadReportAsync(token), cancellation);
        }
        catch (BulkheadRejectedException e)
        {
            Console.WriteLine(e.Message); // The bulkhead is full: 1 calls may run at once.
        }
        // endregion

        await Assert.ThrowsAsync<BulkheadRejectedException>(async () => await pipeline.ExecuteAsync(_ => default, cancellation));
        slow.SetResult("done");
        Assert.Equal("done", await first);
    }
}
