using Microsoft.Extensions.Logging.Abstractions;
using Weft.Flows;

namespace Weft.Tests.Flows;

/// <summary>Moments at which a flow could lose its way: each was found wrong once.</summary>
public sealed class FlowFaultTests
{
    [Fact]
    public async Task More_retries_than_a_page_that_are_due_together_all_come()
    {
        const int Count = 600;
        await using var rig = await FlowRig.StartAsync();
        for (int i = 0; i < Count; i++)
            await rig.AppendAsync($"key-{i}", i);
        for (int i = 0; i < Count; i++)
            (await rig.NextAsync()).Answer(Outcome.Retry("status-500"));
        await UntilAsync(async () => (await rig.InfoAsync()).Retrying == Count);

        rig.Time.Advance(TimeSpan.FromSeconds(2));
        var again = new HashSet<int>();
        for (int i = 0; i < Count; i++)
        {
            var call = await rig.NextAsync();
            Assert.True(again.Add(call.Number));
            call.Answer(Outcome.Acknowledged);
        }
    }

    [Fact]
    public async Task A_row_that_was_settled_while_it_was_read_does_not_come_again()
    {
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var rig = new FlowRig
        {
            Between = log => new ParkedReadHook(log, (query, rows) =>
            {
                if (query.State != ParkedState.Retry || rows.Count < 2)
                    return Task.CompletedTask;
                read.TrySetResult();
                return goOn.Task;
            }),
        };
        await rig.OpenAsync();
        await rig.AppendAsync("a", 1);
        (await rig.NextAsync()).Answer(Outcome.Retry("status-500"));
        await UntilAsync(async () => (await rig.InfoAsync()).Retrying == 1);
        rig.Time.Advance(TimeSpan.FromSeconds(2));
        var first = await rig.NextAsync();
        await rig.AppendAsync("b", 2);
        (await rig.NextAsync()).Answer(Outcome.Retry("status-500"));
        await UntilAsync(async () => (await rig.InfoAsync()).Retrying == 2);
        rig.Time.Advance(TimeSpan.FromSeconds(2));
        await read.Task;

        first.Answer(Outcome.Acknowledged);
        await UntilAsync(async () => (await rig.InfoAsync()).Retrying == 1);
        goOn.SetResult();
        await rig.AcknowledgeAsync(2);
        await rig.AppendAsync("a", 3);
        await rig.AcknowledgeAsync(3);
    }

    [Fact]
    public async Task A_subscription_whose_unread_messages_were_all_trimmed_goes_on_at_the_end()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.CloseAsync();
        await rig.AppendAsync("a", 1, 2, 3);
        rig.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(3, await rig.Topic.TrimAsync(rig.Time.GetUtcNow(), new HashSet<string> { "s" }, TestContext.Current.CancellationToken));
        await rig.OpenAsync();
        await UntilAsync(async () => (await rig.InfoAsync()).Low == 3);
        await rig.AppendAsync("a", 4);
        await rig.AcknowledgeAsync(4);
    }

    [Fact]
    public async Task A_flow_that_starts_anew_does_not_wait_for_the_lane_that_probed_before()
    {
        await using var rig = await FlowRig.StartAsync(new() { Lanes = 16 });
        await rig.AppendAsync("a", 1);
        (await rig.NextAsync()).Answer(Outcome.Unavailable("refused"));
        await UntilAsync(() => Task.FromResult(rig.Gate.Reason is not null));
        await rig.CloseAsync();
        Assert.Null(rig.Gate.Reason);
        Assert.True(await rig.Log.SeekAsync("s", SubscriptionStart.New, TestContext.Current.CancellationToken));
        await rig.OpenAsync();
        await rig.AppendAsync("b", 2);
        await rig.AcknowledgeAsync(2);
    }

    [Fact]
    public async Task A_store_that_fails_in_a_way_that_no_retry_mends_ends_the_flow()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("a", 1);
        var call = await rig.NextAsync();
        rig.Log.BeforeCommit = _ => throw new InvalidOperationException("a bug in the store");
        call.Answer(Outcome.Acknowledged);
        await Assert.ThrowsAsync<InvalidOperationException>(() => rig.Running);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await rig.Source.FlushAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_flow_over_a_log_that_was_closed_ends()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.Log.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => rig.Running);
    }

    [Fact]
    public async Task Waiting_for_verdicts_to_be_stored_ends_with_the_source()
    {
        await using var rig = await FlowRig.StartAsync();
        rig.Log.BeforeCommit = _ => throw new LogException(new(3007), "disk full");
        rig.Source.Discard(new() { Position = 9, State = ParkedState.Dead, Message = FlowRig.Numbered(9) });
        var flushed = rig.Source.FlushAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(flushed.IsCompleted);
        await rig.CloseAsync();

        // The store's own error when closing tried once more, otherwise that the source is closed.
        var error = await Assert.ThrowsAnyAsync<Exception>(() => flushed);
        Assert.True(error is LogException or ObjectDisposedException, error.ToString());
    }

    [Fact]
    public async Task Stopping_can_run_the_flow_and_its_owner_to_the_end_on_the_same_thread()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var target = new Down();
        using var flow = new FlowRunner<int>(
            new OneThenNothing(), target, new() { Lanes = 1 }, new FlowGate(new FlowSettings().Probe), time, seed: 1, new FlowTelemetry("test", NullLogger.Instance));
        var owner = RunAsync();
        await target.Called.Task;
        flow.Stop(TimeSpan.Zero);
        await owner;

        async Task RunAsync()
        {
            await flow.RunAsync();
            flow.Dispose();
        }
    }

    // Waits for what the flow does on its own threads: looks again whenever others had a chance to run.
    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class OneThenNothing : ISource<int>
    {
        private bool _given;

        public SourceCapabilities Capabilities { get; } = new(Settling.Each, Order: true, Delay: true, DeadLetters: true, Replay: false);

        public async ValueTask<int> ReadAsync(Memory<Delivery<int>> into, CancellationToken cancellation)
        {
            if (_given)
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
            _given = true;
            into.Span[0] = new(1, 1, default, Attempt: 1);
            return 1;
        }

        public void Settle(in Delivery<int> delivery, in Outcome outcome, CommitScope? scope) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => default;
    }

    private sealed class Down : ITarget<int>
    {
        public TaskCompletionSource Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CommitScope? Begin() => null;

        public ValueTask WriteAsync(ReadOnlyMemory<Delivery<int>> batch, Memory<Outcome> outcomes, CommitScope? scope, CancellationToken cancellation)
        {
            outcomes.Span[0] = Outcome.Unavailable("refused");
            Called.TrySetResult();
            return default;
        }
    }
}
