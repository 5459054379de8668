using Microsoft.Extensions.Time.Testing;
using Weft.Timeouts;

namespace Weft.Tests.Timeouts;

public sealed class TimeoutSourceTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-5)]
    public void Nothing_left_fires_at_once(int milliseconds)
    {
        using var source = TimeoutSources.Of(_time).Rent(TimeSpan.FromMilliseconds(milliseconds), default);
        Assert.Equal((true, true), (source.Token.IsCancellationRequested, source.IsTimeOver));
    }

    [Fact]
    public void A_part_of_a_millisecond_is_not_cut_off()
    {
        using var source = TimeoutSources.Of(_time).Rent(TimeSpan.FromMilliseconds(1.5), default);
        _time.Advance(TimeSpan.FromMilliseconds(1.5));
        Assert.False(source.IsTimeOver);
        _time.Advance(TimeSpan.FromMilliseconds(0.5));
        Assert.True(source.IsTimeOver);
    }

    [Fact]
    public void The_longest_time_is_none_and_very_long_ones_are_no_error()
    {
        Assert.Equal(System.Threading.Timeout.InfiniteTimeSpan, TimeoutSources.Due(TimeSpan.MaxValue));
        using var source = TimeoutSources.Of(_time).Rent(TimeSpan.FromDays(1000), default);
        source.Extend(TimeSpan.MaxValue - TimeSpan.FromTicks(1));
        _time.Advance(TimeSpan.FromDays(30));
        Assert.False(source.IsTimeOver);
        source.Extend(TimeSpan.FromMilliseconds(-1));
        Assert.True(source.IsTimeOver);
    }

    [Fact]
    public async Task A_caller_that_goes_away_is_told_from_the_time()
    {
        using var caller = new CancellationTokenSource();
        using var source = TimeoutSources.Of(_time).Rent(TimeSpan.FromMinutes(1), caller.Token);
        await caller.CancelAsync();
        Assert.Equal((true, true, false), (source.Token.IsCancellationRequested, source.IsCallerGone, source.IsTimeOver));
    }

    [Fact]
    public void One_that_fired_is_not_used_again()
    {
        var sources = new TimeoutSources(TimeProvider.System);
        var fired = sources.Rent(TimeSpan.Zero, default);
        fired.Dispose();
        var fresh = sources.Rent(TimeSpan.FromMinutes(1), default);
        Assert.NotSame(fired, fresh);
        Assert.False(fresh.Token.IsCancellationRequested);
        fresh.Dispose();
        Assert.Same(fresh, sources.Rent(TimeSpan.FromMinutes(1), default));
    }
}
