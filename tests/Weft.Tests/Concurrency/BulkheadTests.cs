using Microsoft.Extensions.Time.Testing;
using Weft.Concurrency;
using Weft.Options;

namespace Weft.Tests.Concurrency;

public sealed class BulkheadTests
{
    private readonly FakeTimeProvider _time = new();

    private Bulkhead Of(int max, int queue = 0) => new(new() { Max = max, Queue = queue }, _time);

    private static Task<BulkheadEntry> Enter(Bulkhead bulkhead, TimeSpan? remaining = null, CancellationToken cancellation = default) =>
        bulkhead.EnterAsync(remaining, cancellation).AsTask();

    [Fact]
    public async Task So_many_run_and_the_next_is_turned_away()
    {
        var bulkhead = Of(2);
        Assert.True(bulkhead.TryEnter());
        Assert.Equal(BulkheadEntry.Entered, await Enter(bulkhead));
        Assert.False(bulkhead.TryEnter());
        Assert.Equal(BulkheadEntry.Full, await Enter(bulkhead));
        Assert.Equal((2, 0, 1L), (bulkhead.Running, bulkhead.Queued, bulkhead.Rejected));
        bulkhead.Exit();
        Assert.True(bulkhead.TryEnter());
    }

    [Fact]
    public void Without_a_limit_all_run()
    {
        var bulkhead = Of(0);
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.True(bulkhead.TryEnter()));
        Assert.Equal(1000, bulkhead.Running);
    }

    [Fact]
    public async Task Those_who_wait_come_in_by_their_order_and_nobody_overtakes()
    {
        var bulkhead = Of(1, queue: 2);
        bulkhead.TryEnter();
        var (first, second) = (Enter(bulkhead), Enter(bulkhead));
        Assert.Equal(BulkheadEntry.Full, await Enter(bulkhead));
        Assert.Equal(2, bulkhead.Queued);
        bulkhead.Exit();
        Assert.Equal(BulkheadEntry.Entered, await first);
        Assert.False(second.IsCompleted || bulkhead.TryEnter());
        bulkhead.Exit();
        Assert.Equal(BulkheadEntry.Entered, await second);
        bulkhead.Exit();
        Assert.Equal((0, 0), (bulkhead.Running, bulkhead.Queued));
    }

    [Fact]
    public async Task A_wait_ends_with_its_deadline_or_its_caller_and_leaves_no_gap()
    {
        using var gone = new CancellationTokenSource();
        var bulkhead = Of(1, queue: 3);
        bulkhead.TryEnter();
        var expiring = Enter(bulkhead, TimeSpan.FromMilliseconds(50));
        var leaving = Enter(bulkhead, null, gone.Token);
        var patient = Enter(bulkhead, TimeSpan.FromHours(1));
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(BulkheadEntry.Expired, await expiring);
        await gone.CancelAsync();
        Assert.Equal(BulkheadEntry.Cancelled, await leaving);
        Assert.Equal((1, 1L), (bulkhead.Queued, bulkhead.Rejected)); // Who went away was not rejected.
        bulkhead.Exit();
        Assert.Equal(BulkheadEntry.Entered, await patient);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(1, bulkhead.Running);
    }

    [Fact]
    public async Task Without_time_or_caller_nobody_waits()
    {
        var bulkhead = Of(1, queue: 3);
        Assert.Equal(BulkheadEntry.Cancelled, await Enter(bulkhead, null, new CancellationToken(true)));
        Assert.Equal(0, bulkhead.Running);
        Assert.Equal(BulkheadEntry.Entered, await Enter(bulkhead, TimeSpan.Zero)); // A place that is free costs no time.
        Assert.Equal(BulkheadEntry.Expired, await Enter(bulkhead, TimeSpan.Zero));
        Assert.Equal(BulkheadEntry.Expired, await Enter(bulkhead, TimeSpan.FromSeconds(-1)));
        Assert.Equal(0, bulkhead.Queued);
    }

    [Fact]
    public async Task New_options_keep_who_is_in_and_who_waits()
    {
        var bulkhead = Of(2, queue: 2);
        bulkhead.TryEnter();
        bulkhead.TryEnter();
        var (first, second) = (Enter(bulkhead), Enter(bulkhead));
        bulkhead.Apply(new() { Max = 1, Queue = 0 });
        Assert.Equal((2, 2), (bulkhead.Running, bulkhead.Queued));
        bulkhead.Exit();
        Assert.False(first.IsCompleted);
        bulkhead.Exit();
        Assert.Equal(BulkheadEntry.Entered, await first);
        bulkhead.Apply(new() { Max = 5 });
        Assert.Equal(BulkheadEntry.Entered, await second);
        Assert.Equal((2, 5), (bulkhead.Running, bulkhead.Limit));
        bulkhead.Apply(BulkheadOptions.Off);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(bulkhead.TryEnter()));
    }

    [Fact]
    public void The_limit_follows_and_what_is_over_it_is_shed_at_once()
    {
        var bulkhead = new Bulkhead(new() { Max = 100, Min = 2, Adaptive = AdaptiveLimitMode.Aimd }, _time);
        Assert.Equal((20, true), (bulkhead.Limit, bulkhead.IsAdaptive));
        for (var i = 0; i < 20; i++)
            Assert.True(bulkhead.TryEnter());
        Assert.False(bulkhead.TryEnter());
        bulkhead.Exit(0, 1, LimitSample.Timeout);
        Assert.Equal((18, 19), (bulkhead.Limit, bulkhead.Running));
        Assert.False(bulkhead.TryEnter());
        bulkhead.Exit();
        Assert.False(bulkhead.TryEnter());
        bulkhead.Exit();
        Assert.True(bulkhead.TryEnter());
    }

    [Fact]
    public void A_limit_that_follows_is_kept_by_new_bounds_and_begins_where_the_fixed_one_was()
    {
        var options = new BulkheadOptions { Max = 30, Min = 2 };
        var bulkhead = new Bulkhead(options, _time);
        bulkhead.Apply(options with { Adaptive = AdaptiveLimitMode.Aimd });
        Assert.Equal(30, bulkhead.Limit);
        bulkhead.TryEnter();
        bulkhead.Exit(0, 1, LimitSample.Failure);
        Assert.Equal(27, bulkhead.Limit);
        bulkhead.Apply(options with { Adaptive = AdaptiveLimitMode.Aimd, Max = 50 });
        Assert.Equal(27, bulkhead.Limit);
        bulkhead.Apply(options with { Adaptive = AdaptiveLimitMode.Gradient, Max = 10 });
        Assert.Equal(10, bulkhead.Limit);
        bulkhead.Apply(options);
        Assert.Equal(30, bulkhead.Limit);
    }

    [Fact]
    public async Task Entering_and_leaving_allocates_nothing()
    {
        var bulkhead = new Bulkhead(new() { Max = 10, Min = 2, Adaptive = AdaptiveLimitMode.Gradient }, _time);
        var before = 0L;
        for (var i = 0; i < 2000; i++)
        {
            if (i == 1000)
                before = GC.GetAllocatedBytesForCurrentThread();
            bulkhead.TryEnter();
            bulkhead.Exit(i, i + 10, LimitSample.Success);
            if (await bulkhead.EnterAsync(null, default) == BulkheadEntry.Entered)
                bulkhead.Exit();
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(0, bulkhead.Running);
    }
}
