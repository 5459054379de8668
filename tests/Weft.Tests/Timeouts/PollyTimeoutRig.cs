using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Weft.Tests.Timeouts;

/// <summary>The timeout that Polly brings; what the caller has left goes to its generator, which is where a time that differs from call to call belongs.</summary>
internal sealed class PollyTimeoutRig : TimeoutRig
{
    private TimeSpan? _left;

    public override TimeSpan? AskForTimeLeft() => null;

    public override bool IsTimeout(Exception? exception) => exception is TimeoutRejectedException;

    public override TimeSpan? Allowed(Exception? exception) => (exception as TimeoutRejectedException)?.Timeout;

    protected override IDisposable? Enter(TimeSpan? left)
    {
        _left = left;
        return null;
    }

    protected override ResiliencePipeline Build(ResiliencePipelineBuilder builder, TimeoutSetup setup)
    {
        if (setup.Total is { } total)
            AddTimeout(builder, TimeSpan.FromSeconds(total));
        if (setup.Repeats > 0)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = setup.Repeats,
                Delay = TimeSpan.Zero,
                ShouldHandle = new PredicateBuilder().Handle<TimeoutRejectedException>(),
            });
        }
        AddTimeout(builder, double.IsPositiveInfinity(setup.Time) ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(setup.Time));
        return builder.Build();
    }

    private void AddTimeout(ResiliencePipelineBuilder builder, TimeSpan time) => builder.AddTimeout(new TimeoutStrategyOptions
    {
        Timeout = time,
        TimeoutGenerator = _ => new(_left is { } left && left < time ? left : time),
    });
}
