using Polly;
using Weft.Retry;
using Weft.Timeouts;

namespace Weft.Tests.Retry;

/// <summary>Our retry, within our deadline.</summary>
internal sealed class WeftRetryRig : RetryRig
{
    private readonly SharedRetryBudget _usual, _plenty;

    public WeftRetryRig() => (_usual, _plenty) = (new(null, Clock), new(new() { Floor = 1000 }, Clock));

    public override IEnumerable<string> Reasons() => Arguments("OnRetrySuppressed").Cast<RetrySuppressedArguments>().Select(a => a.Reason);

    protected override ResiliencePipeline<Answer> Build(ResiliencePipelineBuilder<Answer> builder, RetrySetup setup)
    {
        if (setup.Total is { } total)
            builder.AddWeftDeadline(new() { Total = TimeSpan.FromSeconds(total) });
        return builder.AddWeftRetry(new()
        {
            Max = setup.Max,
            Base = TimeSpan.FromSeconds(setup.Base),
            Cap = TimeSpan.FromSeconds(setup.Cap),
            Budget = setup.HasBudget ? _usual : _plenty,
            Random = setup.IsRandom ? new Random(1) : new Longest(),
            RetryAfter = outcome => outcome.Result?.RetryAfter,
            Remaining = _ => Deadline.Current.Remaining,
            ShouldHandle = arguments => new(setup.ShouldHandle(arguments.Outcome)),
            OnRetry = arguments =>
            {
                setup.Repeating?.Invoke(arguments.RetryDelay.TotalSeconds);
                return default;
            },
        }).Build();
    }

    /// <summary>No chance: each wait is as long as it can be.</summary>
    private sealed class Longest : Random
    {
        public override long NextInt64(long maxValue) => maxValue - 1;
    }
}
