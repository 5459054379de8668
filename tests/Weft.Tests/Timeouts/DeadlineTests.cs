using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Weft.Timeouts;

namespace Weft.Tests.Timeouts;

public sealed class DeadlineTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void None_never_ends()
    {
        Assert.True(Deadline.None.IsNone);
        Assert.False(Deadline.None.IsExpired);
        Assert.Equal(TimeSpan.MaxValue, Deadline.None.Remaining);
        Assert.Equal(Deadline.None, Deadline.Current);
        Assert.Equal(Ms(5), Deadline.None.Step(Ms(5), Ms(100)));
        Assert.Equal("none", Deadline.None.ToString());
    }

    [Fact]
    public void Ends_after_its_time_and_stays_over()
    {
        var deadline = Deadline.After(Ms(100), _time);
        Assert.Equal((false, Ms(100)), (deadline.IsExpired, deadline.Remaining));
        _time.Advance(Ms(99));
        Assert.Equal((false, Ms(1)), (deadline.IsExpired, deadline.Remaining));
        _time.Advance(Ms(1));
        Assert.Equal((true, TimeSpan.Zero), (deadline.IsExpired, deadline.Remaining));
        _time.Advance(TimeSpan.FromDays(400));
        Assert.Equal((true, TimeSpan.Zero), (deadline.IsExpired, deadline.Remaining));
    }

    [Fact]
    public void Does_not_follow_the_date()
    {
        var time = new Dated();
        var deadline = Deadline.After(Ms(100), time);
        time.Date += TimeSpan.FromHours(3);
        Assert.Equal(Ms(100), deadline.Remaining);
    }

    public static TheoryData<TimeSpan> Spent => [TimeSpan.Zero, Ms(-1), System.Threading.Timeout.InfiniteTimeSpan, TimeSpan.FromTicks(-1), TimeSpan.MinValue];

    [Theory]
    [MemberData(nameof(Spent))]
    public async Task Nothing_left_is_refused_at_once_and_is_never_taken_for_no_limit(TimeSpan total)
    {
        var deadline = Deadline.After(total, _time);
        Assert.True(deadline.IsExpired);
        Assert.False(deadline.IsNone);
        var began = false;
        var error = await Assert.ThrowsAsync<DeadlineExceededException>(async () => await deadline.RunAsync("pay", _ =>
        {
            began = true;
            return ValueTask.CompletedTask;
        }));
        Assert.Equal((false, false, "pay", TimeSpan.Zero), (began, error.WasStarted, error.Step, error.Left));
        Assert.Contains("'pay' was not begun: 0 ms", error.Message, StringComparison.Ordinal);
        // Neither a cap nor a scope makes it more.
        Assert.Equal(TimeSpan.Zero, deadline.Step(Ms(100), TimeSpan.Zero));
        using var scope = deadline.Enter();
        using var inner = Deadline.Begin(TimeSpan.FromHours(1), _time);
        Assert.True(Deadline.Current.IsExpired);
    }

    [Fact]
    public void Far_away_is_not_an_overflow()
    {
        var deadline = Deadline.After(TimeSpan.MaxValue, TimeProvider.System);
        Assert.False(deadline.IsExpired);
        Assert.True(deadline.Remaining > TimeSpan.FromDays(365));
    }

    [Fact]
    public void The_sooner_of_two_wins_also_on_different_clocks()
    {
        var other = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        other.Advance(TimeSpan.FromDays(1));
        var (near, far) = (Deadline.After(Ms(10), _time), Deadline.After(Ms(20), other));
        Assert.Equal(near, near.Sooner(far));
        Assert.Equal(near, far.Sooner(near));
        Assert.Equal(near, Deadline.None.Sooner(near));
        Assert.Equal(near, near.Sooner(Deadline.None));
        Assert.True(near != far);
    }

    [Fact]
    public async Task The_current_one_flows_with_await_and_ends_with_its_scope()
    {
        using (Deadline.Begin(Ms(100), _time))
        {
            await Task.Yield();
            Assert.Equal(Ms(100), Deadline.Current.Remaining);
            using (Deadline.Begin(Ms(500), _time))
                Assert.Equal(Ms(100), Deadline.Current.Remaining);
            using (Deadline.Begin(Ms(30), _time))
            {
                await Task.Yield();
                Assert.Equal(Ms(30), Deadline.Current.Remaining);
            }
            Assert.Equal(Ms(100), Deadline.Current.Remaining);
        }
        Assert.True(Deadline.Current.IsNone);
    }

    [Fact]
    public async Task Detached_work_sheds_it()
    {
        using var scope = Deadline.Begin(Ms(100), _time);
        Task detached;
        using (Deadline.Shed())
        {
            Assert.True(Deadline.Current.IsNone);
            using var own = Deadline.Begin(TimeSpan.FromMinutes(5), _time);
            Assert.Equal(TimeSpan.FromMinutes(5), Deadline.Current.Remaining);
            detached = AfterAsync();
        }
        Assert.Equal(Ms(100), Deadline.Current.Remaining);
        await detached;

        static async Task AfterAsync()
        {
            await Task.Yield();
            Assert.True(Deadline.Current.Remaining > TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public void Scopes_may_end_in_any_order_and_twice()
    {
        var outer = Deadline.Begin(Ms(100), _time);
        var inner = Deadline.Begin(Ms(50), _time);
        outer.Dispose();
        Assert.Equal(Ms(50), Deadline.Current.Remaining);
        inner.Dispose();
        Assert.True(Deadline.Current.IsNone);
        inner.Dispose();
        outer.Dispose();
        Assert.True(Deadline.Current.IsNone);
    }

    [Fact]
    public void Inner_ones_never_exceed_outer_ones() => Gen.Select(Gen.Int[-50, 1000], Gen.Int[0, 300]).Array[1, 12].Sample(levels =>
    {
        var scopes = new Stack<DeadlineScope>();
        foreach (var (total, passes) in levels)
        {
            var outer = Deadline.Current.Remaining;
            scopes.Push(Deadline.Begin(Ms(total), _time));
            Assert.True(Deadline.Current.Remaining <= outer);
            Assert.True(Deadline.Current.Remaining <= Ms(Math.Max(0, total)));
            Assert.Equal(scopes.Peek().Deadline, Deadline.Current);
            _time.Advance(Ms(passes));
        }
        while (scopes.TryPop(out var scope))
        {
            Assert.Equal(scope.Deadline, Deadline.Current);
            scope.Dispose();
        }
        Assert.True(Deadline.Current.IsNone);
    }, threads: 1);

    [Fact]
    public void A_step_gets_its_cap_or_what_is_left_without_the_reserve() => Gen.Select(Gen.Int[-10, 1000], Gen.Int[0, 1500], Gen.Int[0, 1500]).Sample((total, cap, reserve) =>
        Assert.Equal(Ms(Math.Max(0, Math.Min(cap, Math.Max(0, total) - reserve))), Deadline.After(Ms(total), _time).Step(Ms(cap), Ms(reserve))));

    [Fact]
    public async Task A_step_is_cancelled_when_its_time_is_over()
    {
        var deadline = Deadline.After(Ms(1000), _time);
        Deadline inside = default;
        var run = deadline.RunAsync("search", async token =>
        {
            inside = Deadline.Current;
            await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, _time, token);
            return 1;
        }, cap: Ms(300));
        Assert.Equal(Ms(300), inside.Remaining);
        _time.Advance(Ms(299));
        Assert.False(run.IsCompleted);
        _time.Advance(Ms(1));
        var error = await Assert.ThrowsAsync<DeadlineExceededException>(async () => await run);
        Assert.Equal(("search", true, Ms(700)), (error.Step, error.WasStarted, error.Left));
        Assert.Equal("'search' was ended after 300 ms; 700 ms of the deadline were left. Give it more time, or make it faster.", error.Message);
        Assert.True(Deadline.Current.IsNone);
    }

    [Fact]
    public async Task The_callers_own_cancellation_is_not_a_deadline()
    {
        using var caller = new CancellationTokenSource();
        var deadline = Deadline.After(Ms(1000), _time);
        var run = deadline.RunAsync("search", async token => await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, _time, token), cancellation: caller.Token);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await run);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await deadline.RunAsync("search", _ => ValueTask.CompletedTask, cancellation: caller.Token));
    }

    [Fact]
    public async Task A_step_of_a_later_deadline_ends_with_the_current_one()
    {
        using var scope = Deadline.Begin(Ms(50), _time);
        var later = Deadline.After(Ms(1000), _time);
        var run = later.RunAsync("search", async token => await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, _time, token));
        _time.Advance(Ms(50));
        await Assert.ThrowsAsync<DeadlineExceededException>(async () => await run);
    }

    /// <summary>Stands still but for its date.</summary>
    private sealed class Dated : TimeProvider
    {
        public DateTimeOffset Date { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Date;

        public override long GetTimestamp() => 1000;
    }

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
