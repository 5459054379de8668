using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Weft.EventBus;
using Weft.Messages;
using Weft.Options;
using Weft.Testing;

namespace Weft.Tests.EventBus;

/// <summary>What keys and conditions make of events, and a subscription that has a condition.</summary>
public sealed class ConditionTests
{
    [Theory]
    [InlineData("event.data.id", "A-1")]
    [InlineData("event.data.number", "7.50")]
    [InlineData("event.data.flag", "true")]
    [InlineData("event.data.escaped", "a\"b")]
    [InlineData("event.data.id + '/' + string(event.data.number)", "A-1/7.5")]
    [InlineData("event.data.list.size()", "2")]
    [InlineData("event.type", "made")]
    [InlineData("vars.region", "eu")]
    [InlineData("event.data.none", "")]
    [InlineData("event.data.list", "")]
    [InlineData("event.data.nothing", "")]
    [InlineData("event.partitionkey", "")]
    public void A_key_is_the_text_of_a_value(string expression, string expected)
    {
        var message = Message.Create("made", "/test", new { id = "A-1", number = 7.50m, flag = true, escaped = "a\"b", list = new[] { 1, 2 }, nothing = (string?)null });
        var key = new TopicKey("orders", expression, new WeftOptions { Vars = [new("region", "eu")] }).Of(message);
        Assert.Equal(expected, System.Text.Encoding.UTF8.GetString(key.Span));
    }

    [Fact]
    public async Task Only_what_the_condition_lets_through_is_delivered_and_errors_are_counted()
    {
        var time = new FakeTimeProvider();
        var delivered = new List<string>();
        var all = new TaskCompletionSource();
        await using var services = OneLog.Build(new InMemoryMessageLog(time), time, weft => weft
                .Topic("orders")
                .Handler("count", (message, _, _) =>
                {
                    delivered.Add(message.Id);
                    if (message.Type == "last")
                        all.SetResult();
                    return default;
                })
                .Subscription("big", new SubscriptionOptions { From = "orders", Handler = "count", Concurrency = 1, When = "event.type == 'last' || event.data.total > 1000" }));
        var runtime = services.GetRequiredService<WeftRuntime>();
        await runtime.StartAsync(TestContext.Current.CancellationToken);
        var publisher = services.GetRequiredService<IPublisher>();
        await publisher.PublishAsync("orders", Message.Create("made", "/test", new { total = 2000 }, id: "big"), TestContext.Current.CancellationToken);
        await publisher.PublishAsync("orders", Message.Create("made", "/test", new { total = 10 }, id: "small"), TestContext.Current.CancellationToken);
        await publisher.PublishAsync("orders", Message.Create("made", "/test", new { }, id: "none"), TestContext.Current.CancellationToken);
        await publisher.PublishAsync("orders", Message.Create("last", "/test", new { }, id: "last"), TestContext.Current.CancellationToken);
        await all.Task.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["big", "last"], delivered);
        var status = Assert.Single(await services.GetRequiredService<BusAdmin>().ListAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, status.RuleErrors!.Count);
        Assert.Equal(("none", 3L), (status.RuleErrors.Last!.EventId, status.RuleErrors.Last.Position));
        Assert.Contains("total", status.RuleErrors.Last.Error, StringComparison.Ordinal);
        await runtime.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_event_is_read_once_for_all_subscriptions_of_its_topic()
    {
        const int Count = 200;
        var time = new FakeTimeProvider();
        var delivered = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var services = OneLog.Build(new InMemoryMessageLog(time), time, weft =>
        {
            weft.Topic("orders");
            foreach (var (name, when) in new[] { ("even", "event.data.n % 2 == 0"), ("third", "event.data.n % 3 == 0"), ("flawed", "event.data.none == 1") })
            {
                weft.Handler(name, (message, _, _) =>
                {
                    delivered.Enqueue($"{name} {message.Id}");
                    return default;
                }).Subscription(name, new() { From = "orders", Handler = name, When = when });
            }
        });
        var runtime = services.GetRequiredService<WeftRuntime>();
        await runtime.StartAsync(TestContext.Current.CancellationToken);
        var publisher = services.GetRequiredService<IPublisher>();
        for (int i = 0; i < Count; i++)
            await publisher.PublishAsync("orders", Message.Create("made", "/test", new { n = i }, id: $"{i}"), TestContext.Current.CancellationToken);
        var runners = services.GetRequiredService<Weft.EventBus.EventBus>().Subscriptions.Values.ToArray();
        while (runners.Any(r => r.Counts.Acknowledged < Count))
            await Task.Yield();

        var numbers = Enumerable.Range(0, Count).ToArray();
        Assert.Equal(
            numbers.Where(n => n % 2 == 0).Select(n => $"even {n}").Concat(numbers.Where(n => n % 3 == 0).Select(n => $"third {n}")).Order(),
            delivered.Order());
        var set = Assert.Single(runners.Select(r => r.Condition!.Set).Distinct());
        // Once for all, and once more by the one that has no value, to say why.
        Assert.Equal(2 * Count, set.Readings);
        Assert.Equal(Count, runners.Single(r => r.Name == "flawed").RuleErrors.Count);
        await runtime.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void What_an_operator_has_changed_is_read_anew()
    {
        Condition[] conditions = [.. new[] { "event.type == 'a'", "event.type == 'b'" }.Select((when, i) => new Condition($"{i}", when, new()))];
        Condition.Join(conditions);
        var before = new Weft.Flows.Delivery<Message>(Message.Create("a", "/test", new { }), 7, default, 1);
        Assert.Equal([true, false], conditions.Select(c => c.Evaluate(before).IsTrue));
        var after = before with { Item = Message.Create("b", "/test", new { }), Again = true };
        Assert.Equal([false, true], conditions.Select(c => c.Evaluate(after).IsTrue));
        Assert.Equal([true, false], conditions.Select(c => c.Evaluate(before).IsTrue));
    }
}
