using Polly;

namespace Weft.Tests.Concurrency;

/// <summary>What a scenario asks of a bulkhead, in words that both libraries have.</summary>
internal sealed record BulkheadSetup
{
    public int Max { get; init; } = 1;

    public int Queue { get; init; }

    /// <summary>How long a call may wait, in seconds; null for as long as it takes.</summary>
    public double? Wait { get; init; }

    /// <summary>Whether the limit follows how calls end, where it can.</summary>
    public bool Follows { get; init; }
}

/// <summary>Bulkheads in Polly pipelines on a fake clock.</summary>
internal abstract class BulkheadRig
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private ResiliencePipeline? _pipeline;

    public Behaviours.JumpingClock Clock { get; } = new();

    /// <summary>Builds the pipeline; a second time is a reload.</summary>
    public void Build(BulkheadSetup? setup = null) => _pipeline = Build(new ResiliencePipelineBuilder { TimeProvider = Clock }, setup ?? new());

    /// <summary>How many calls could run, by the exception; null when it does not say.</summary>
    public abstract int? Limit(Exception? rejection);

    /// <summary>Whether the exception says that the bulkhead let the call not in.</summary>
    public abstract bool IsRejection(Exception? exception);

    protected abstract ResiliencePipeline Build(ResiliencePipelineBuilder builder, BulkheadSetup setup);

    /// <summary>A call that has begun, waits, or was rejected; it ends when told to.</summary>
    public Pending Begin()
    {
        var call = new Pending();
        call.Outcome = OutcomeAsync(_pipeline!, call);
        return call;
    }

    /// <summary>Makes so many calls, of which each waits for the next, and tells how many ran at once.</summary>
    public async Task<int> MostAtOnceAsync(int calls)
    {
        var all = Enumerable.Range(0, calls).Select(_ => Begin()).ToList();
        var running = all.Count(call => call.WasMade);
        foreach (var call in all)
            await call.EndAsync();
        return running;
    }

    /// <summary>Waits for what will happen, which may happen elsewhere.</summary>
    public static Task SoonAsync(Task what) => what.WaitAsync(s_patience);

    private static async Task<Exception?> OutcomeAsync(ResiliencePipeline pipeline, Pending call)
    {
        try
        {
            await pipeline.ExecuteAsync(async _ =>
            {
                call.Made.SetResult();
                await call.Source.Task;
            }, call.Cancellation.Token);
            return null;
        }
        catch (Exception thrown)
        {
            return thrown;
        }
    }

    internal sealed class Pending
    {
        public bool WasMade => Made.Task.IsCompleted;

        public bool IsOver => Outcome.IsCompleted;

        public TaskCompletionSource Made { get; } = new();

        public TaskCompletionSource Source { get; } = new();

        public CancellationTokenSource Cancellation { get; } = new();

        public Task<Exception?> Outcome { get; set; } = null!;

        /// <summary>Ends it, if it was made; gives what its caller got.</summary>
        public async Task<Exception?> EndAsync(Exception? failure = null)
        {
            if (failure is null)
                Source.TrySetResult();
            else
                Source.TrySetException(failure);
            await SoonAsync(Outcome);
            return await Outcome;
        }
    }
}
