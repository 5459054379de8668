using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Weft.EventBus;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;
using Weft.Testing;

namespace Weft.Tests.Testing;

public sealed class HarnessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Message Event(string id, string? key = null) => Message.Create("made", "/test", new { }, id: id, partitionKey: key);

    [Fact]
    public async Task What_a_handler_publishes_is_handled_before_it_is_idle()
    {
        await using var weft = await WeftHarness.StartAsync(w => w
            .Topic("orders").Topic("invoices")
            .Subscribe("billing", "orders", async (order, delivery, token) =>
                await delivery.Services.GetRequiredService<IPublisher>().PublishAsync("invoices", Event($"invoice of {order.Id}"), token))
            .Subscribe("mail", "invoices", async (_, _, _) => await Task.Yield()));
        for (int i = 0; i < 50; i++)
            await weft.PublishAsync("orders", Event($"{i}"), Cancellation);
        await weft.IdleAsync(Cancellation);
        Assert.Equal(50, weft.Published("invoices").Count);
        Assert.Equal(weft.Published("invoices").Select(m => m.Id).Order(), weft.Handled("mail").Select(m => m.Id).Order());
        Assert.Equal(50, weft.Handled("billing").Count);
    }

    [Fact]
    public async Task A_failed_event_comes_again_at_its_time_and_dies_with_a_reason()
    {
        await using var weft = await WeftHarness.StartAsync(w => w
            .Topic("orders")
            .Subscription("billing", new() { From = "orders", Handler = "bill", Retry = new() { Now = 0, Base = TimeSpan.FromSeconds(10), For = TimeSpan.FromMinutes(1) } })
            .Handler("bill", (_, _, _) => throw new InvalidOperationException("no")));
        await weft.PublishAsync("orders", Event("a"), Cancellation);
        await weft.IdleAsync(Cancellation);
        Assert.Equal(1, Assert.Single(weft.Waiting("billing")).Attempts);

        await weft.AdvanceAsync(TimeSpan.FromSeconds(9.9), Cancellation);
        Assert.Single(weft.Tries("billing"));
        await weft.AdvanceAsync(TimeSpan.FromDays(1), Cancellation);
        var dead = Assert.Single(weft.DeadLetters("billing"));
        Assert.Equal("retries-exhausted", dead.Reason);
        var tries = weft.Tries("billing");
        Assert.Equal([1, 2, 3], tries.Select(t => t.Attempt));
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.InRange(tries[1].At - start, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(12));
        Assert.Equal(tries[2].At, dead.LastAt);
        Assert.Empty(weft.Handled("billing"));
    }

    [Fact]
    public async Task A_scheduled_event_is_published_at_its_time_also_over_a_restart()
    {
        await using var weft = await WeftHarness.StartAsync(w => w.Topic("orders").Subscribe("billing", "orders", (_, _, _) => default));
        await weft.Publisher.ScheduleAsync("orders", Event("a"), weft.Time.GetUtcNow().AddHours(3), cancellation: Cancellation);
        await weft.AdvanceAsync(TimeSpan.FromHours(2), Cancellation);
        Assert.Empty(weft.Published("orders"));
        await weft.RestartAsync(Cancellation);
        await weft.AdvanceAsync(TimeSpan.FromHours(2), Cancellation);
        var handled = Assert.Single(weft.Tries("billing"));
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 3, 0, 0, TimeSpan.Zero), handled.At);
    }

    [Fact]
    public async Task A_crash_cuts_off_what_runs_and_it_comes_again()
    {
        int begun = 0;
        await using var weft = await WeftHarness.StartAsync(w => w
            .Topic("orders")
            .Subscribe("billing", "orders", async (_, _, token) =>
            {
                if (Interlocked.Increment(ref begun) == 1)
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            }));
        await weft.PublishAsync("orders", Event("a"), Cancellation);
        while (Volatile.Read(ref begun) == 0)
            await Task.Yield();
        await weft.CrashAndRestartAsync(cancellation: Cancellation);
        await weft.IdleAsync(Cancellation);
        Assert.Equal(2, begun);
        Assert.Equal("a", Assert.Single(weft.Handled("billing")).Id);
        await weft.CrashAndRestartAsync(cancellation: Cancellation);
        await weft.IdleAsync(Cancellation);
        Assert.Single(weft.Handled("billing"));
    }

    [Fact]
    public async Task A_loss_of_power_brings_back_what_was_settled_since_the_last_publish()
    {
        await using var weft = await WeftHarness.StartAsync(w => w.Topic("orders").Subscribe("billing", "orders", (_, _, _) => default));
        await weft.PublishAsync("orders", Event("a", "k"), Cancellation);
        await weft.PublishAsync("orders", Event("b", "k"), Cancellation);
        await weft.IdleAsync(Cancellation);
        await weft.CrashAndRestartAsync(powerFails: true, Cancellation);
        await weft.IdleAsync(Cancellation);
        var ids = weft.Handled("billing").Select(m => m.Id).ToArray();
        Assert.Equal("b", ids[^1]);
        Assert.InRange(ids.Length, 3, 4);
        Assert.Equal(["a", "b"], weft.Published("orders").Select(m => m.Id));
    }

    [Fact]
    public async Task A_push_goes_to_the_fake_and_waits_while_it_is_down()
    {
        var answer = HttpStatusCode.NotFound;
        var asked = new List<string>();
        await using var weft = await WeftHarness.StartAsync(Pushing);
        weft.Service("billing", request =>
        {
            asked.Add($"{request.Method} {request.RequestUri!.AbsolutePath} {request.Headers.GetValues("Idempotency-Key").Single()}");
            return new(answer);
        });
        await weft.PublishAsync("orders", Event("a"), Cancellation);
        await weft.IdleAsync(Cancellation);
        Assert.Equal(["POST /invoices a"], asked);
        Assert.Equal(OutcomeKind.Unavailable, Assert.Single(weft.Tries("invoice")).Outcome.Kind);

        await weft.AdvanceAsync(TimeSpan.FromMinutes(2), Cancellation);
        Assert.InRange(asked.Count, 5, 8);
        answer = HttpStatusCode.NoContent;
        await weft.AdvanceAsync(TimeSpan.FromMinutes(1), Cancellation);
        Assert.Equal("a", Assert.Single(weft.Handled("invoice")).Id);
    }

    [Fact]
    public async Task A_service_that_nobody_answers_for_is_an_error()
    {
        await using var weft = await WeftHarness.StartAsync(Pushing);
        await weft.PublishAsync("orders", Event("a"), Cancellation);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => weft.IdleAsync(Cancellation));
        Assert.Contains("Service(\"billing\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_waits_for_the_clock_does_not_hold_up_the_test()
    {
        await using var weft = await WeftHarness.StartAsync(w => w
            .Topic("orders")
            .Subscribe("billing", "orders", async (_, delivery, token) =>
                await Task.Delay(TimeSpan.FromMinutes(5), delivery.Services.GetRequiredService<TimeProvider>(), token)));
        await weft.PublishAsync("orders", Event("a"), Cancellation);
        await weft.IdleAsync(Cancellation);
        Assert.Empty(weft.Handled("billing"));
        await weft.AdvanceAsync(TimeSpan.FromMinutes(5), Cancellation);
        Assert.Single(weft.Handled("billing"));
    }

    [Fact]
    public async Task A_handler_that_never_ends_is_named()
    {
        await using var weft = await WeftHarness.StartAsync(w => w
            .Topic("orders")
            .Subscribe("billing", "orders", async (_, _, token) => await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token)));
        weft.Patience = TimeSpan.FromMilliseconds(100);
        await weft.PublishAsync("orders", Event("a"), Cancellation);
        var error = await Assert.ThrowsAsync<TimeoutException>(() => weft.IdleAsync(Cancellation));
        Assert.Contains("subscription 'billing' at position 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_stop_what_was_recorded_can_be_read()
    {
        await using var weft = await WeftHarness.StartAsync(w => w.Topic("orders").Subscribe("billing", "orders", (_, _, _) => throw new DeadLetterException("no")));
        await weft.PublishAsync("orders", Event("a"), Cancellation);
        await weft.IdleAsync(Cancellation);
        await weft.StopAsync(Cancellation);
        Assert.Single(weft.Published("orders"));
        Assert.Equal("rejected", Assert.Single(weft.DeadLetters("billing")).Reason);
        Assert.Contains("billing", Assert.Throws<ArgumentException>(() => weft.Tries("biling")).Message, StringComparison.Ordinal);
        Assert.Throws<UnknownTopicException>(() => weft.Published("order"));
        await weft.IdleAsync(Cancellation);
    }

    [Fact]
    public async Task A_key_that_a_dead_letter_holds_does_not_keep_it_from_being_idle()
    {
        await using var weft = await WeftHarness.StartAsync(w => w
            .Topic("orders")
            .Subscription("billing", new() { From = "orders", Handler = "bill", Dead = new() { Order = DeadLetterOrder.Hold } })
            .Handler("bill", (_, _, _) => throw new DeadLetterException("no")));
        await weft.PublishAsync("orders", Event("a", "k"), Cancellation);
        await weft.PublishAsync("orders", Event("b", "k"), Cancellation);
        await weft.IdleAsync(Cancellation);
        Assert.Single(weft.DeadLetters("billing"));
    }

    private static void Pushing(WeftBuilder weft) => weft
        .Topic("orders")
        .Service("billing", new() { Endpoints = [new() { Url = "http://billing:8080" }] })
        .Subscription("invoice", new() { From = "orders", Push = new() { Service = "billing", Path = "/invoices" } });
}
