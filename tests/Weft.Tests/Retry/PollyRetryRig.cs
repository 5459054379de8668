using Polly;
using Polly.Retry;

namespace Weft.Tests.Retry;

/// <summary>The retry that Polly brings, set up as near to what is asked as its options allow; <c>Retry-After</c> is what its generator of delays is for.</summary>
internal sealed class PollyRetryRig : RetryRig
{
    private readonly Random _random = new(1);

    // None of its events is about that; one that is not among these would be news.
    public override IEnumerable<string> Reasons() => Events.Except(["OnRetry", "ExecutionAttempt", "PipelineExecuting", "PipelineExecuted", "OnTimeout"]);

    protected override ResiliencePipeline<Answer> Build(ResiliencePipelineBuilder<Answer> builder, RetrySetup setup)
    {
        if (setup.Total is { } total)
            builder.AddTimeout(TimeSpan.FromSeconds(total));
        return builder.AddRetry(new RetryStrategyOptions<Answer>
        {
            MaxRetryAttempts = setup.Max,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromSeconds(setup.Base),
            MaxDelay = TimeSpan.FromSeconds(setup.Cap),
            UseJitter = setup.IsRandom,
            Randomizer = _random.NextDouble,
            DelayGenerator = arguments => new(arguments.Outcome.Result?.RetryAfter), // Null: the usual wait.
            ShouldHandle = arguments => new(setup.ShouldHandle(arguments.Outcome)),
            OnRetry = arguments =>
            {
                setup.Repeating?.Invoke(arguments.RetryDelay.TotalSeconds);
                return default;
            },
        }).Build();
    }
}
