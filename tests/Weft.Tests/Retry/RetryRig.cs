using Polly;
using Weft.Tests.Behaviours;

namespace Weft.Tests.Retry;

/// <summary>What a scenario asks of a retry, in words that both libraries have.</summary>
internal sealed record RetrySetup
{
    public int Max { get; init; } = 3;

    /// <summary>The first wait, in seconds; each later one is twice as long.</summary>
    public double Base { get; init; } = 0.1;

    public double Cap { get; init; } = 2;

    /// <summary>How long all attempts and waits may take together, in seconds.</summary>
    public double? Total { get; init; }

    /// <summary>Whether waits are left to chance, as each library has it; otherwise they are as long as they can be.</summary>
    public bool IsRandom { get; init; }

    /// <summary>Whether repeats draw on the budget with the usual options, where there is one; otherwise they are as many as they like.</summary>
    public bool HasBudget { get; init; }

    public Func<Outcome<Answer>, bool> ShouldHandle { get; init; } =
        outcome => outcome.Exception is null ? outcome.Result!.Status != 200 : outcome.Exception is not OperationCanceledException;

    /// <summary>Called before each wait, with its length in seconds.</summary>
    public Action<double>? Repeating { get; init; }
}

/// <summary>What a service said.</summary>
internal sealed class Answer(int status, TimeSpan? retryAfter = null) : IDisposable
{
    public int Status => status;

    public TimeSpan? RetryAfter => retryAfter;

    public bool IsDisposed { get; private set; }

    public bool ThrowsAtDisposal { get; init; }

    public void Dispose()
    {
        IsDisposed = true;
        if (ThrowsAtDisposal)
            throw new FormatException();
    }
}

/// <summary>How a call ended.</summary>
/// <param name="Answer">What the caller got.</param>
/// <param name="Exception">What was thrown to him instead.</param>
/// <param name="Seconds">After how long.</param>
internal sealed record Called(Answer? Answer, Exception? Exception, double Seconds)
{
    /// <summary>In a few words, for the table.</summary>
    public override string ToString()
    {
        var time = TimeSpan.FromSeconds(Seconds) is { TotalHours: >= 2 } hours ? $"{Math.Round(hours.TotalHours)} hours" : $"{Seconds:0.###} s";
        return $"{Exception?.GetType().Name ?? $"{Answer!.Status}"} after {time}";
    }
}

/// <summary>Retries in Polly pipelines on a fake clock.</summary>
internal abstract class RetryRig
{
    private readonly Told _told = new();

    public JumpingClock Clock { get; } = new();

    /// <summary>How often something was sent.</summary>
    public int Attempts { get; private set; }

    public IEnumerable<string> Events => _told.Events.Select(e => e.Name);

    /// <summary>Builds a pipeline; those of one rig are for one service.</summary>
    public ResiliencePipeline<Answer> Build(RetrySetup? setup = null) =>
        Build(new ResiliencePipelineBuilder<Answer> { TimeProvider = Clock, TelemetryListener = _told }, setup ?? new());

    /// <summary>The reasons that were told for failures that were not repeated.</summary>
    public abstract IEnumerable<string> Reasons();

    /// <summary>Calls, and passes the time for it.</summary>
    /// <param name="pipeline">What is called through.</param>
    /// <param name="send">Gives the answer to each attempt, from 1.</param>
    /// <param name="cancellation">The caller's own.</param>
    public async Task<Called> CallAsync(ResiliencePipeline<Answer> pipeline, Func<int, Answer> send, CancellationToken cancellation = default)
    {
        var (before, start) = (Attempts, Clock.GetTimestamp());
        try
        {
            var answer = await Clock.RunAsync(pipeline.ExecuteAsync(_ => new ValueTask<Answer>(send(++Attempts - before)), cancellation).AsTask());
            return new(answer, null, Clock.GetElapsedTime(start).TotalSeconds);
        }
        catch (Exception thrown) when (thrown is not InvalidOperationException)
        {
            return new(null, thrown, Clock.GetElapsedTime(start).TotalSeconds);
        }
    }

    public Task<Called> FailAsync(ResiliencePipeline<Answer> pipeline) => CallAsync(pipeline, _ => new(503));

    protected IEnumerable<object?> Arguments(string name) => _told.Events.Where(e => e.Name == name).Select(e => e.Arguments);

    protected abstract ResiliencePipeline<Answer> Build(ResiliencePipelineBuilder<Answer> builder, RetrySetup setup);
}
