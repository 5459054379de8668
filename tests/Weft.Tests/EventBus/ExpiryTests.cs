using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Weft.EventBus;
using Weft.Flows;
using Weft.Messages;
using Weft.Testing;
using Weft.Timeouts;

namespace Weft.Tests.EventBus;

/// <summary>Events that are of use until a time.</summary>
public sealed class ExpiryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_expired_is_a_dead_letter_and_what_is_not_is_handled_within_its_time()
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var time = new FakeTimeProvider(start);
        var log = new InMemoryMessageLog(time);
        var handled = new List<(string Id, TimeSpan? Left)>();
        var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var services = OneLog.Build(log, time, weft => weft
                .Topic("orders")
                .Subscription("bill", new() { From = "orders", Handler = "bill", Concurrency = 1 })
                .Handler("bill", (message, _, _) =>
                {
                    handled.Add((message.Id, Deadline.Current.IsNone ? null : Deadline.Current.Remaining));
                    if (message.Id == "last")
                        last.SetResult();
                    return default;
                }));
        var runtime = services.GetRequiredService<WeftRuntime>();
        await runtime.StartAsync(Cancellation);
        var publisher = services.GetRequiredService<IPublisher>();
        foreach (var (id, expiry) in new[] { ("plain", null), ("late", "2025-12-31T23:59:59Z"), ("soon", "2026-01-01T00:01:00Z"), ("no time", "soon"), ("now", "2026-01-01T00:00:00Z"), ("last", null) })
            await publisher.PublishAsync("orders", new MessageBuilder().Set("id", id).Set("source", "/test").Set("type", "made").Set("expirytime", expiry).BuildJson("{}"u8.ToArray()), Cancellation);
        await last.Task.WaitAsync(Cancellation);
        await runtime.StopAsync(Cancellation);

        var again = log.CrashAndReopen();
        var subscription = Assert.Single(await again.ListSubscriptionsAsync(Cancellation));
        Assert.Equal((6L, 2L), (subscription.Low, subscription.Dead));
        var dead = await again.ReadParkedAsync("bill", new(ParkedState.Dead), Cancellation);
        Assert.Equal([("late", "expired"), ("now", "expired")], dead.Select(d => (d.Message.Id, d.Reason!)));
        Assert.Equal([("plain", null), ("soon", TimeSpan.FromMinutes(1)), ("no time", null), ("last", null)], handled);
    }
}
