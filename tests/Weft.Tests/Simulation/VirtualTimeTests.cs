using Weft.Simulation;

namespace Weft.Tests.Simulation;

public sealed class VirtualTimeTests
{
    private readonly VirtualTime _time = new();
    private readonly List<string> _seen = [];

    [Fact]
    public void Timers_fire_in_the_order_of_their_times_and_then_of_their_making()
    {
        using var late = Timer("late", 20);
        using var first = Timer("first", 10);
        using var second = Timer("second", 10);
        _time.Run();
        Assert.Equal(["first at 10", "second at 10", "late at 20"], _seen);
    }

    [Fact]
    public void A_timer_that_was_changed_or_disposed_does_not_fire_at_its_old_time()
    {
        using var changed = Timer("changed", 10);
        changed.Change(TimeSpan.FromMilliseconds(30), Timeout.InfiniteTimeSpan);
        Timer("disposed", 10).Dispose();
        _time.Run();
        Assert.Equal(["changed at 30"], _seen);
    }

    [Fact]
    public void A_run_ends_at_its_time_and_goes_on_from_there()
    {
        using var timer = _time.CreateTimer(_ => See("tick"), null, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10));
        _time.Run(TimeSpan.FromMilliseconds(25).Ticks);
        Assert.Equal(["tick at 10", "tick at 20"], _seen);
        _time.Run(TimeSpan.FromMilliseconds(30).Ticks);
        Assert.Equal(3, _seen.Count);
    }

    [Fact]
    public void Delays_and_cancellation_by_time_complete_on_the_clock()
    {
        _ = WaitAsync();
        _time.Run();
        Assert.Equal(["waited at 10", "cancelled at 40"], _seen);

        async Task WaitAsync()
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time, TestContext.Current.CancellationToken).ConfigureAwait(false);
            See("waited");
            var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(30), _time);
            source.Token.UnsafeRegister(_ => See("cancelled"), null);
        }
    }

    private ITimer Timer(string name, int after) => _time.CreateTimer(_ => See(name), null, TimeSpan.FromMilliseconds(after), Timeout.InfiniteTimeSpan);

    private void See(string what) => _seen.Add($"{what} at {_time.GetTimestamp() / TimeSpan.TicksPerMillisecond}");
}
