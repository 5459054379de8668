using Polly;
using Weft.Options;
using Weft.Retry;
using Weft.Timeouts;

namespace Weft.Tests.Timeouts;

/// <summary>Our deadline and our timeout.</summary>
internal sealed class WeftTimeoutRig : TimeoutRig
{
    public override TimeSpan? AskForTimeLeft() => Deadline.Current.IsNone ? null : Deadline.Current.Remaining;

    public override bool IsTimeout(Exception? exception) => exception is AttemptTimeoutException or DeadlineExceededException;

    public override TimeSpan? Allowed(Exception? exception) => (exception as AttemptTimeoutException)?.Allowed;

    protected override IDisposable? Enter(TimeSpan? left) => left is { } time ? Deadline.Begin(time, Clock) : null;

    protected override ResiliencePipeline Build(ResiliencePipelineBuilder builder, TimeoutSetup setup)
    {
        if (setup.Total is { } total)
            builder.AddWeftDeadline(new() { Total = TimeSpan.FromSeconds(total), Margin = TimeSpan.FromSeconds(setup.Margin) });
        if (setup.Repeats > 0)
        {
            builder.AddWeftRetry(new()
            {
                Max = setup.Repeats,
                Base = TimeSpan.Zero,
                Budget = new SharedRetryBudget(new() { Floor = 1000 }, Clock),
                ShouldHandle = new PredicateBuilder().Handle<AttemptTimeoutException>(),
            });
        }
        var time = double.IsPositiveInfinity(setup.Time) ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(setup.Time);
        return builder.AddWeftTimeout(setup.Follows ? new AttemptTimeoutOptions { Max = time, Initial = time } : new() { Fixed = time }).Build();
    }
}
