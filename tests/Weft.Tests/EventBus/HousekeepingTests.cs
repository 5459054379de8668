using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weft.EventBus;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;
using Weft.Testing;

namespace Weft.Tests.EventBus;

/// <summary>What is dropped from a topic, and what is kept for a subscription that does not run here.</summary>
public sealed class HousekeepingTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly InMemoryMessageLog _log;
    private readonly ServiceProvider _services;
    private readonly WeftRuntime _runtime;
    private int _handled;

    public HousekeepingTests()
    {
        _log = new(_time);
        _services = OneLog.Build(_log, _time, weft => weft
                .Topic("orders", new TopicOptions { Keep = TimeSpan.FromDays(1) })
                .Subscribe("slow", "orders", (_, _, _) =>
                {
                    Interlocked.Increment(ref _handled);
                    return default;
                }));
        _runtime = _services.GetRequiredService<WeftRuntime>();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_subscription_that_is_switched_off_has_not_read_is_kept()
    {
        await _runtime.StartAsync(Cancellation);
        await SwitchAsync(options => options with { Enabled = false });
        await PublishAsync(3);

        _time.Advance(TimeSpan.FromDays(2));
        await TidyAsync();
        Assert.Equal(3, await StoredAsync());
    }

    [Fact]
    public async Task What_a_subscription_that_nobody_names_has_not_read_is_dropped_after_its_time()
    {
        await _runtime.StartAsync(Cancellation);
        Assert.True(await _runtime.ReloadAsync(_runtime.Options with { Subscriptions = [] }, Cancellation));
        await PublishAsync(3);

        _time.Advance(TimeSpan.FromHours(12));
        await TidyAsync();
        Assert.Equal(3, await StoredAsync());

        _time.Advance(TimeSpan.FromDays(2));
        await TidyAsync();
        Assert.Equal(0, await StoredAsync());
    }

    [Fact]
    public async Task What_a_subscription_has_not_read_is_dropped_when_the_topic_says_so_and_it_goes_on_behind_it()
    {
        await _runtime.StartAsync(Cancellation);
        var keep = new KeepOptions { For = TimeSpan.FromDays(1), Behind = KeepBehind.Drop };
        Assert.True(await _runtime.ReloadAsync(_runtime.Options with { Topics = [KeyValuePair.Create("orders", new TopicOptions { Keep = keep })] }, Cancellation));
        await SwitchAsync(options => options with { Enabled = false });
        await PublishAsync(3);
        _time.Advance(TimeSpan.FromDays(2));
        await PublishAsync(1);
        await TidyAsync();
        Assert.Equal(1, await StoredAsync());

        await SwitchAsync(options => options with { Enabled = true });
        SubscriptionInfo info;
        while ((info = (await _log.ListSubscriptionsAsync(Cancellation)).Single()).Low < 4)
            await Task.Yield();
        Assert.Equal((4, 4), (info.Low, info.Head));
        Assert.Equal(1, _handled);
    }

    [Fact]
    public async Task A_pause_is_in_the_store_and_a_reload_or_another_process_ends_it_no_more()
    {
        await _runtime.StartAsync(Cancellation);
        var (admin, bus) = (_services.GetRequiredService<BusAdmin>(), _services.GetRequiredService<Weft.EventBus.EventBus>());
        Assert.False(await admin.PauseAsync("nobody", Cancellation));
        Assert.True(await admin.PauseAsync("slow", Cancellation));
        // Made anew, since its options are others.
        await SwitchAsync(options => options with { Concurrency = 2 });
        Assert.True(bus.Subscriptions["slow"].IsPaused);

        // What another process that shares the store does.
        await Pauses.SetAsync(_log, "slow", isPaused: false, Cancellation);
        await UntilAsync(() => !bus.Subscriptions["slow"].IsPaused);
        await Pauses.SetAsync(_log, "slow", isPaused: true, Cancellation);
        await UntilAsync(() => bus.Subscriptions["slow"].IsPaused);
        Assert.Equal(SubscriptionState.Paused, (await admin.ListAsync(Cancellation)).Single().State);
        Assert.True(await admin.ResumeAsync("slow", Cancellation));
        Assert.Equal(SubscriptionState.Running, (await admin.ListAsync(Cancellation)).Single().State);

        async Task UntilAsync(Func<bool> condition)
        {
            while (!condition())
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _runtime.StopAsync(Cancellation);
        await _services.DisposeAsync();
    }

    private async Task SwitchAsync(Func<SubscriptionOptions, SubscriptionOptions> change) => Assert.True(await _runtime.ReloadAsync(
        _runtime.Options with { Subscriptions = [.. _runtime.Options.Subscriptions.Select(s => KeyValuePair.Create(s.Key, change(s.Value)))] }, Cancellation));

    private async Task PublishAsync(int count)
    {
        for (int i = 0; i < count; i++)
            await _services.GetRequiredService<IPublisher>().PublishAsync("orders", Message.Create("made", "/test", new { }), Cancellation);
    }

    private async Task TidyAsync()
    {
        await using var housekeeping = new Housekeeping(_services.GetRequiredService<Weft.EventBus.EventBus>(), _time, NullLogger.Instance);
        await housekeeping.TidyAsync(Cancellation);
    }

    private async Task<int> StoredAsync()
    {
        var topic = await _log.OpenTopicAsync("orders", Cancellation);
        return await topic.ReadAsync(0, new LogEntry[16], Cancellation);
    }
}
