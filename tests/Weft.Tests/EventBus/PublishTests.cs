using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Weft.EventBus;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;
using Weft.Testing;

namespace Weft.Tests.EventBus;

/// <summary>What a publisher can say: when, and by what an event is known again.</summary>
public sealed class PublishTests : IAsyncDisposable
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(s_start);
    private readonly InMemoryMessageLog _log;
    private readonly ServiceProvider _services;
    private readonly WeftRuntime _runtime;

    public PublishTests()
    {
        _log = new(_time);
        _services = OneLog.Build(_log, _time, weft => weft
                .Topic("orders", new TopicOptions { Dedupe = TimeSpan.FromMinutes(10) })
                .Topic("plain"));
        _runtime = _services.GetRequiredService<WeftRuntime>();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IPublisher Publisher => _services.GetRequiredService<IPublisher>();

    public async ValueTask DisposeAsync()
    {
        await _runtime.StopAsync(Cancellation);
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task A_topic_that_remembers_stores_an_event_once()
    {
        await _runtime.StartAsync(Cancellation);
        Assert.Equal(1, await Publisher.PublishAsync("orders", Event("a"), Cancellation));
        Assert.Equal(1, await Publisher.PublishAsync("orders", Event("a"), Cancellation));
        Assert.Equal(2, await Publisher.PublishAsync("orders", Event("a", source: "/other"), Cancellation));
        await Publisher.PublishAsync("orders", new[] { Event("b"), Event("a"), Event("b") }, Cancellation);
        Assert.Equal(["a", "a", "b"], await StoredAsync("orders"));

        Assert.Equal(4, await Publisher.PublishAsync("orders", Event("c"), new() { DedupeId = "order 7" }, Cancellation));
        Assert.Equal(4, await Publisher.PublishAsync("orders", Event("d"), new() { DedupeId = "order 7" }, Cancellation));
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(5, await Publisher.PublishAsync("orders", Event("a"), Cancellation));
    }

    [Fact]
    public async Task A_topic_that_does_not_remember_says_so_to_one_who_asks_for_it()
    {
        await _runtime.StartAsync(Cancellation);
        Assert.Equal(1, await Publisher.PublishAsync("plain", Event("a"), Cancellation));
        Assert.Equal(2, await Publisher.PublishAsync("plain", Event("a"), Cancellation));
        var error = await Assert.ThrowsAsync<ArgumentException>(() => Publisher.PublishAsync("plain", Event("a"), new() { DedupeId = "x" }, Cancellation).AsTask());
        Assert.Contains("topics.plain.dedupe", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_publisher_can_give_the_key()
    {
        await _runtime.StartAsync(Cancellation);
        await Publisher.PublishAsync("plain", Event("a"), new() { Key = "customer 7" }, Cancellation);
        var page = new LogEntry[1];
        await (await _log.OpenTopicAsync("plain", Cancellation)).ReadAsync(0, page, Cancellation);
        Assert.Equal("customer 7"u8, page[0].Key.Span);
    }

    [Fact]
    public async Task A_scheduled_event_is_published_when_its_time_has_come_and_not_before()
    {
        await _runtime.StartAsync(Cancellation);
        await Publisher.ScheduleAsync("plain", Event("late"), s_start.AddHours(2), cancellation: Cancellation);
        await Publisher.ScheduleAsync("plain", Event("soon"), _time.GetUtcNow().AddSeconds(3), cancellation: Cancellation);
        await Publisher.ScheduleAsync("plain", Event("past"), _time.GetUtcNow().AddDays(-1), cancellation: Cancellation);
        await UntilAsync(1);

        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Equal(["past"], await StoredAsync("plain"));
        await PassUntilAsync(3);
        Assert.Equal(["past", "soon", "late"], await StoredAsync("plain"));
        Assert.True(await AppendedAtAsync(3) >= s_start.AddHours(2));
        Assert.Empty(await _log.ReadScheduledAsync(new(), Cancellation));
    }

    [Fact]
    public async Task A_scheduled_event_can_be_replaced_and_taken_back()
    {
        await _runtime.StartAsync(Cancellation);
        await Publisher.ScheduleAsync("plain", Event("a"), _time.GetUtcNow().AddSeconds(3), "reminder 7", Cancellation);
        await Publisher.ScheduleAsync("plain", Event("b"), _time.GetUtcNow().AddSeconds(4), "reminder 7", Cancellation);
        string token = await Publisher.ScheduleAsync("plain", Event("c"), _time.GetUtcNow().AddSeconds(3), cancellation: Cancellation);
        Assert.True(await Publisher.UnscheduleAsync("plain", token, Cancellation));
        Assert.False(await Publisher.UnscheduleAsync("plain", token, Cancellation));
        await PassUntilAsync(1);
        Assert.Equal(["b"], await StoredAsync("plain"));
        Assert.Contains("0 characters", (await Assert.ThrowsAsync<ArgumentException>(() => Publisher.ScheduleAsync("plain", Event("a"), default, "", Cancellation).AsTask())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_became_due_while_nothing_ran_is_published_at_the_start_in_the_order_of_its_times()
    {
        await _runtime.StartAsync(Cancellation);
        for (int i = 600; i >= 1; i--)
            await Publisher.ScheduleAsync("plain", Event($"{i}"), _time.GetUtcNow().AddMinutes(i), cancellation: Cancellation);
        await _runtime.StopAsync(Cancellation);
        _time.Advance(TimeSpan.FromDays(1));

        await using var again = OneLog.Build(_log.CrashAndReopen(), _time, weft => weft.Topic("plain"));
        var runtime = again.GetRequiredService<WeftRuntime>();
        await runtime.StartAsync(Cancellation);
        var topic = again.GetRequiredService<Weft.EventBus.EventBus>().Topics["plain"].Log;
        await topic.WaitAsync(599, Cancellation);
        var page = new LogEntry[600];
        await topic.ReadAsync(0, page, Cancellation);
        Assert.Equal(Enumerable.Range(1, 600).Select(i => $"{i}"), page.Select(e => e.Message.Id));
        await runtime.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Nothing_that_is_due_is_published_and_nothing_dropped_while_an_operator_looks()
    {
        await _runtime.StartAsync(Cancellation);
        await Publisher.PublishAsync("plain", Event("old"), Cancellation);
        await Publisher.ScheduleAsync("plain", Event("due"), _time.GetUtcNow().AddHours(1), cancellation: Cancellation);
        await _runtime.StopAsync(Cancellation);

        var log = _log.CrashAndReopen();
        await using var looking = OneLog.Build(log, _time, weft => weft.Topic("plain"), new BusUse(OnlyLooks: true));
        await looking.GetRequiredService<WeftRuntime>().StartAsync(Cancellation);
        for (int i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromDays(1));
            await Task.Yield();
        }
        Assert.Single(await log.ReadScheduledAsync(new(), Cancellation));
        var topic = await log.OpenTopicAsync("plain", Cancellation);
        Assert.Equal((1, 1), (topic.Head, await topic.ReadAsync(0, new LogEntry[2], Cancellation)));
        await looking.GetRequiredService<WeftRuntime>().StopAsync(Cancellation);
    }

    private async Task<DateTimeOffset> AppendedAtAsync(long position)
    {
        var page = new LogEntry[1];
        await (await _log.OpenTopicAsync("plain", Cancellation)).ReadAsync(position - 1, page, Cancellation);
        return page[0].AppendedAt;
    }

    private static Message Event(string id, string source = "/test") => Message.Create("made", source, new { }, id: id);

    /// <summary>Waits for events that need no time.</summary>
    private async Task UntilAsync(long head) => await (await _log.OpenTopicAsync("plain", Cancellation)).WaitAsync(head - 1, Cancellation);

    /// <summary>Lets time pass until there are as many events. In steps, for the timer may be set after a step.</summary>
    private async Task PassUntilAsync(long head)
    {
        var topic = await _log.OpenTopicAsync("plain", Cancellation);
        while (topic.Head < head)
        {
            Cancellation.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    private async Task<string[]> StoredAsync(string topic)
    {
        var page = new LogEntry[100];
        int count = await (await _log.OpenTopicAsync(topic, Cancellation)).ReadAsync(0, page, Cancellation);
        return [.. page[..count].Select(e => e.Message.Id)];
    }
}
