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

    public HousekeepingTests()
    {
        _log = new(_time);
        _services = OneLog.Build(_log, _time, weft => weft
                .Topic("orders", new TopicOptions { Keep = TimeSpan.FromDays(1) })
                .Subscribe("slow", "orders", (_, _, _) => default));
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
