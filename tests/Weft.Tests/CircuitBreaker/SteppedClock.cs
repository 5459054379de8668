using Microsoft.Extensions.Time.Testing;

namespace Weft.Tests.CircuitBreaker;

/// <summary>A clock whose wall time can be set back or forward, as on a machine whose clock is corrected; its timestamps and timers do not notice.</summary>
internal sealed class SteppedClock : FakeTimeProvider
{
    public TimeSpan Step { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Step;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
