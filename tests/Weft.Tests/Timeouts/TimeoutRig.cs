using Polly;
using Weft.Tests.Behaviours;

namespace Weft.Tests.Timeouts;

/// <summary>What a scenario asks of timeouts, in words that both libraries have. Times are in seconds.</summary>
internal sealed record TimeoutSetup
{
    /// <summary>The longest time of one attempt; infinite for none.</summary>
    public double Time { get; init; } = 1;

    /// <summary>How long all attempts may take together; null for no limit.</summary>
    public double? Total { get; init; }

    /// <summary>How many attempts may follow one that took too long.</summary>
    public int Repeats { get; init; }

    /// <summary>Whether <see cref="Time"/> is only the most, where a time can follow how fast the service answers.</summary>
    public bool Follows { get; init; }

    /// <summary>What is kept back for the way of the answer, where that is possible.</summary>
    public double Margin { get; init; }
}

/// <summary>How a call ended.</summary>
/// <param name="WasMade">Whether it began.</param>
/// <param name="Exception">What was thrown.</param>
/// <param name="Seconds">After how long.</param>
internal sealed record Timed(bool WasMade, Exception? Exception, double Seconds)
{
    /// <summary>In a few words, for the table.</summary>
    public override string ToString() => $"{Exception?.GetType().Name ?? "result"} after {Seconds:0.###} s";
}

/// <summary>Timeouts in Polly pipelines on a fake clock.</summary>
internal abstract class TimeoutRig
{
    public JumpingClock Clock { get; } = new();

    public ResiliencePipeline Build(TimeoutSetup? setup = null) => Build(new ResiliencePipelineBuilder { TimeProvider = Clock }, setup ?? new());

    /// <summary>What the work at hand can find out about how long its caller waits; null where it cannot.</summary>
    public abstract TimeSpan? AskForTimeLeft();

    public abstract bool IsTimeout(Exception? exception);

    /// <summary>How long it was allowed to take, by the exception.</summary>
    public abstract TimeSpan? Allowed(Exception? exception);

    /// <summary>Calls, and passes the time for it.</summary>
    /// <param name="pipeline">What is called through.</param>
    /// <param name="work">What is done.</param>
    /// <param name="left">How long the caller waits; null for as long as it takes.</param>
    /// <param name="cancellation">The caller's own.</param>
    public async Task<Timed> CallAsync(ResiliencePipeline pipeline, Func<CancellationToken, Task> work, double? left = null, CancellationToken cancellation = default)
    {
        var (start, wasMade) = (Clock.GetTimestamp(), false);
        try
        {
            await Clock.RunAsync(ExecuteAsync());
            return new(wasMade, null, Clock.GetElapsedTime(start).TotalSeconds);
        }
        catch (Exception thrown) when (thrown is not InvalidOperationException)
        {
            return new(wasMade, thrown, Clock.GetElapsedTime(start).TotalSeconds);
        }

        async Task<bool> ExecuteAsync()
        {
            using var scope = Enter(left is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
            var context = ResilienceContextPool.Shared.Get("orders", cancellation);
            await pipeline.ExecuteAsync(async inner =>
            {
                wasMade = true;
                await work(inner.CancellationToken);
            }, context);
            return true;
        }
    }

    /// <summary>A call that takes so many seconds, unless it is cut.</summary>
    public Task<Timed> CallAsync(ResiliencePipeline pipeline, double seconds, double? left = null, CancellationToken cancellation = default) =>
        CallAsync(pipeline, token => PassAsync(seconds, token), left, cancellation);

    public Task PassAsync(double seconds, CancellationToken cancellation) => Task.Delay(TimeSpan.FromSeconds(seconds), Clock, cancellation);

    /// <summary>Says for the call that follows how long its caller waits, in the way of the library.</summary>
    protected abstract IDisposable? Enter(TimeSpan? left);

    protected abstract ResiliencePipeline Build(ResiliencePipelineBuilder builder, TimeoutSetup setup);
}
