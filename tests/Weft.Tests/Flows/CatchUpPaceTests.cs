using Microsoft.Extensions.Time.Testing;
using Weft.Flows;

namespace Weft.Tests.Flows;

public sealed class CatchUpPaceTests
{
    private static readonly TimeSpan s_window = TimeSpan.FromMilliseconds(60);

    private readonly BusyPool _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_holds_it_back_while_little_is_published()
    {
        var pace = new CatchUpPace(_time);
        for (long head = 10_000; head < 10_100; head += 10)
        {
            _time.Advance(s_window);
            await pace.WaitAsync(head, Cancellation);
            Assert.Equal(TimeSpan.Zero, pace.Pause);
        }
    }

    [Fact]
    public async Task It_leaves_pauses_while_publishers_keep_the_pool_busy_and_none_soon_after()
    {
        var pace = new CatchUpPace(_time);
        await LookAsync(pace, 10_000);
        _time.PoolDelay = TimeSpan.FromMilliseconds(1);
        await LookAsync(pace, 20_000);
        Assert.InRange(pace.Pause, TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(24));

        _time.PoolDelay = default;
        for (long head = 30_000; pace.Pause > TimeSpan.Zero; head += 10_000)
        {
            Assert.True(head < 500_000, $"still {pace.Pause} at {head}");
            await LookAsync(pace, head);
        }
    }

    [Fact]
    public async Task A_pause_ends_when_nothing_is_published_any_more()
    {
        var pace = new CatchUpPace(_time);
        await LookAsync(pace, 10_000);
        _time.PoolDelay = TimeSpan.FromMilliseconds(1);
        await LookAsync(pace, 20_000);
        await LookAsync(pace, 20_000);
        Assert.Equal(TimeSpan.Zero, pace.Pause);
    }

    private async Task LookAsync(CatchUpPace pace, long head)
    {
        _time.Advance(s_window);
        // Exactly as far as it waits, which is whole milliseconds: whatever the clock goes on while it asks the pool counts as busy.
        var wait = pace.Pause > TimeSpan.Zero ? pace.Pause : TimeSpan.FromMilliseconds(24);
        var looking = pace.WaitAsync(head, Cancellation).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(Math.Floor(wait.TotalMilliseconds)));
        await looking;
    }

    // A clock by which work waits so long for a thread.
    private sealed class BusyPool : FakeTimeProvider
    {
        public TimeSpan PoolDelay { get; set; }

        public override long GetTimestamp()
        {
            long now = base.GetTimestamp();
            if (PoolDelay > TimeSpan.Zero)
                Advance(PoolDelay);
            return now;
        }
    }
}
