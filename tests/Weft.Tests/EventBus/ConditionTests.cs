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
        await using var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(time)
            .AddSingleton<ILogFactory>(new OneLog(new InMemoryMessageLog(time)))
            .AddWeft(weft => weft
                .Connection("main", new ConnectionOptions { Sqlite = "unused.db" })
                .Topic("orders")
                .Handler("count", (message, _, _) =>
                {
                    delivered.Add(message.Id);
                    if (message.Type == "last")
                        all.SetResult();
                    return default;
                })
                .Subscription("big", new SubscriptionOptions { From = "orders", Handler = "count", Concurrency = 1, When = "event.type == 'last' || event.data.total > 1000" }))
            .BuildServiceProvider();
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
}
