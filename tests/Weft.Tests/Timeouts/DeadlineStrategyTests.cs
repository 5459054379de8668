using Microsoft.Extensions.Time.Testing;
using Polly;
using Weft.Options;
using Weft.Timeouts;

namespace Weft.Tests.Timeouts;

public sealed class DeadlineStrategyTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Everything_inside_has_one_deadline()
    {
        var later = new TaskCompletionSource();
        var run = Pipeline(300).ExecuteAsync(async token =>
        {
            Assert.Equal(300, Deadline.Current.Remaining.TotalMilliseconds);
            await Task.Delay(TimeSpan.FromMilliseconds(100), _time, token);
            Assert.Equal(200, Deadline.Current.Remaining.TotalMilliseconds);
            later.SetResult();
            await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, _time, token);
        }).AsTask();
        Assert.True(Deadline.Current.IsNone);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        await later.Task;
        _time.Advance(TimeSpan.FromMilliseconds(200));
        var error = await Assert.ThrowsAsync<DeadlineExceededException>(() => run);
        Assert.Equal(("call", true, TimeSpan.Zero), (error.Step, error.WasStarted, error.Left));
    }

    [Fact]
    public async Task It_ends_a_margin_before_that_of_its_caller()
    {
        using var scope = Deadline.Begin(TimeSpan.FromMilliseconds(100), _time);
        var left = await Pipeline(300).ExecuteAsync(_ => ValueTask.FromResult(Deadline.Current.Remaining.TotalMilliseconds));
        Assert.Equal(95, left);
        Assert.Equal(100, Deadline.Current.Remaining.TotalMilliseconds);
        left = await Pipeline(50).ExecuteAsync(_ => ValueTask.FromResult(Deadline.Current.Remaining.TotalMilliseconds));
        Assert.Equal(50, left);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(0)]
    [InlineData(-3)]
    public void With_no_more_left_than_the_margin_nothing_is_begun(int left)
    {
        using var scope = Deadline.Begin(TimeSpan.FromMilliseconds(left), _time);
        var began = false;
        var error = Assert.Throws<DeadlineExceededException>(() => Pipeline(300).Execute(() => began = true));
        Assert.Equal((false, false), (began, error.WasStarted));
    }

    [Fact]
    public async Task A_caller_that_gives_up_gets_its_own_cancellation()
    {
        using var caller = new CancellationTokenSource();
        var run = Pipeline(300).ExecuteAsync(async token => await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, _time, token), caller.Token).AsTask();
        await caller.CancelAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => run);
    }

    [Fact]
    public void Synchronous_callers_keep_their_deadline()
    {
        Pipeline(300).Execute(() => Assert.Equal(300, Deadline.Current.Remaining.TotalMilliseconds));
        Assert.True(Deadline.Current.IsNone);
        Assert.Throws<InvalidOperationException>(() => Pipeline(300).Execute(() => throw new InvalidOperationException()));
        Assert.True(Deadline.Current.IsNone);
    }

    [Fact]
    public void Pipelines_of_one_type_take_it_too() =>
        Assert.Equal(3, new ResiliencePipelineBuilder<int> { TimeProvider = _time }.AddWeftDeadline().AddWeftTimeout().Build().Execute(() => 3));

    [Fact]
    public void Says_what_is_wrong()
    {
        var error = Assert.Throws<WeftConfigurationException>(() => new ResiliencePipelineBuilder().AddWeftDeadline(new() { Total = TimeSpan.Zero }));
        Assert.Contains("DeadlineOptions.total is 0s; allowed 1ms to 1h (default 10s).", error.Message, StringComparison.Ordinal);
    }

    private ResiliencePipeline Pipeline(int milliseconds) =>
        new ResiliencePipelineBuilder { TimeProvider = _time }.AddWeftDeadline(new DeadlineOptions { Total = TimeSpan.FromMilliseconds(milliseconds) }).Build();
}
