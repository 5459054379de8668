using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Weft.AspNetCore.Tests.Rig;
using Weft.EventBus;
using Weft.Messages;

namespace Weft.AspNetCore.Tests.Endpoints;

public sealed class MessageApiTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Fact]
    public async Task Messages_are_found_forwards_and_backwards_a_page_at_a_time()
    {
        await using var rig = await AdminRig.StartAsync(more: weft => weft.Topic("log"));
        for (int i = 1; i <= 600; i++)
            await rig.Bus.PublishAsync("log", Message.Create("made", "/t", new { number = i }, id: string.Create(CultureInfo.InvariantCulture, $"m{i}")));

        Assert.Equal(["m1", "m2", "m3"], (await PagesAsync(rig, "&limit=3", pages: 1)).Single());
        Assert.Equal([3, 3, 3, 3], (await PagesAsync(rig, "&limit=3&from=10&to=21")).Where(p => p.Count > 0).Select(p => p.Count));
        Assert.Equal(["m600", "m599"], (await PagesAsync(rig, "&limit=2&newest=true", pages: 1)).Single());
        var backwards = (await PagesAsync(rig, "&limit=100&newest=true")).SelectMany(p => p).ToArray();
        Assert.Equal(Enumerable.Range(1, 600).Reverse().Select(i => string.Create(CultureInfo.InvariantCulture, $"m{i}")), backwards);
        Assert.Equal(["m550", "m500", "m450"], (await PagesAsync(rig, "&newest=true&limit=10&to=599&from=450&where=" + Uri.EscapeDataString("event.data.number % 50 == 0"))).SelectMany(p => p));
        Assert.Equal(["m400"], (await PagesAsync(rig, "&where=" + Uri.EscapeDataString("event.data.number == 400"))).SelectMany(p => p));

        var at = (await rig.GetAsync("/api/messages/log/300")).Body.GetProperty("appendedAt").GetDateTimeOffset();
        var (_, fromTime) = await rig.GetAsync($"/api/messages?topic=log&limit=1&from={Uri.EscapeDataString(at.ToString("O"))}");
        Assert.True(long.Parse(fromTime.GetProperty("items")[0].GetProperty("position").GetString()!, CultureInfo.InvariantCulture) is > 200 and <= 300);
        var (_, upToTime) = await rig.GetAsync($"/api/messages?topic=log&limit=1&newest=true&to={Uri.EscapeDataString(at.ToString("O"))}");
        Assert.True(long.Parse(upToTime.GetProperty("items")[0].GetProperty("position").GetString()!, CultureInfo.InvariantCulture) is >= 300 and < 400);
    }

    [Theory]
    [InlineData("/api/messages", 400, "topic")]
    [InlineData("/api/messages?topic=order", 404, "Did you mean 'orders'?")]
    [InlineData("/api/messages?topic=orders&limit=0", 400, "limit")]
    [InlineData("/api/messages?topic=orders&from=yesterday", 400, "from")]
    [InlineData("/api/messages?topic=orders&newest=1", 400, "newest")]
    [InlineData("/api/messages?topic=orders&where=event.type", 400, "true or false")]
    [InlineData("/api/messages/orders/7", 404, "position 7")]
    [InlineData("/api/messages/orders/x", 400, "position")]
    public async Task What_is_wrong_is_named(string path, int expected, string text)
    {
        await using var rig = await AdminRig.StartAsync();
        var (status, problem) = path.EndsWith("event.type", StringComparison.Ordinal) ? await rig.GetAsync(path + Uri.EscapeDataString(" + 'a'")) : await rig.GetAsync(path);
        Assert.Equal(expected, status);
        Assert.Contains(text, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trace_goes_from_the_request_to_all_that_was_published()
    {
        await using var rig = await AdminRig.StartAsync(more: weft => weft
            .Topic("invoices").Topic("mails")
            .Subscribe("bill", "orders", async (message, context, cancellation) =>
            {
                await Task.Yield();
                await context.Services.GetRequiredService<IPublisher>().PublishAsync("invoices", Message.Create("invoiced", "/bill", 1, id: "i-" + message.Id), cancellation);
            })
            .Subscribe("mail", "invoices", async (message, context, cancellation) =>
                await context.Services.GetRequiredService<IPublisher>().PublishAsync("mails", (Message[])[Message.Create("mailed", "/mail", 1, id: "m-" + message.Id)], cancellation)));
        await rig.Bus.PublishAsync("orders", Traced("before", "1111111111111111"));
        await rig.Bus.PublishAsync("orders", Traced("a", "00f067aa0ba902b7"));
        // Published by the same request, and by nothing that has to do with it.
        await rig.Bus.PublishAsync("mails", Traced("sibling", "00f067aa0ba902b7"));
        await rig.Bus.PublishAsync("mails", Traced("by-trace", "2222222222222222"));
        await rig.Bus.PublishAsync("mails", Message.Create("x", "/t", 1, id: "stranger"));
        await rig.AreDeadAsync(2);
        await Eventually.TrueAsync(async () => (await rig.GetAsync("/api/messages/mails/1")).Status == 200 && rig.Bus.Topics["mails"].Log.Head == 5);
        await Eventually.TrueAsync(async () => Outcomes((await rig.GetAsync("/api/messages/orders/2/trace")).Body) == "bill acknowledged, invoice dead");

        var (_, trace) = await rig.GetAsync("/api/messages/orders/2/trace");
        Assert.Equal(Trace, trace.GetProperty("request").GetProperty("traceId").GetString());
        Assert.Equal("00f067aa0ba902b7", trace.GetProperty("request").GetProperty("spanId").GetString());
        Assert.Equal("rejected", trace.GetProperty("deliveries")[1].GetProperty("reason").GetString());
        Assert.StartsWith("handler", trace.GetProperty("deliveries")[1].GetProperty("target").GetString(), StringComparison.Ordinal);
        var caused = trace.GetProperty("caused").EnumerateArray().Select(c => $"{c.GetProperty("message").GetProperty("id").GetString()} {c.GetProperty("by").GetString()}").Order(StringComparer.Ordinal);
        Assert.Equal(["by-trace trace", "i-a causationid", "m-i-a causationid"], caused);
        Assert.True(trace.GetProperty("complete").GetBoolean());

        var invoices = (await rig.GetAsync("/api/messages?topic=invoices")).Body.GetProperty("items").EnumerateArray().Single(i => i.GetProperty("id").GetString() == "i-a");
        Assert.Equal("a", invoices.GetProperty("causationId").GetString());
        Assert.Equal(Trace, invoices.GetProperty("traceId").GetString());
        var (_, up) = await rig.GetAsync($"/api/messages/invoices/{invoices.GetProperty("position").GetString()}/trace");
        Assert.Equal("a", up.GetProperty("cause").GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_trace_tells_skipped_from_taken_and_from_waiting()
    {
        var go = new TaskCompletionSource();
        await using var rig = await AdminRig.StartAsync(
            invoice: async (_, _, _) => await go.Task,
            more: weft => weft.Handler("none", (_, _, _) => default).Subscription("big", new() { From = "orders", Handler = "none", When = "event.data > 10" }));
        await rig.Bus.PublishAsync("orders", Message.Create("x", "/t", 1, subject: "k"));
        await rig.Bus.PublishAsync("orders", Message.Create("x", "/t", 11, subject: "k"));
        await Eventually.TrueAsync(async () => Outcomes((await rig.GetAsync("/api/messages/orders/1/trace")).Body) == "big skipped, invoice waiting");
        await Eventually.TrueAsync(async () => Outcomes((await rig.GetAsync("/api/messages/orders/2/trace")).Body) == "big acknowledged, invoice waiting");
        go.SetResult();
        await Eventually.TrueAsync(async () => Outcomes((await rig.GetAsync("/api/messages/orders/2/trace")).Body) == "big acknowledged, invoice acknowledged");
    }

    [Fact]
    public async Task Live_sends_the_subscriptions_at_once_and_again_when_something_changed()
    {
        await using var rig = await AdminRig.StartAsync();
        var pipe = new Pipe();
        using var end = new CancellationTokenSource();
        var stream = rig.StreamAsync("/api/live", pipe.Writer.AsStream(), end.Token);
        using var reader = new StreamReader(pipe.Reader.AsStream());
        Assert.Equal(0, (await NextAsync(reader))[0].GetProperty("dead").GetInt64());
        await rig.DieAsync(Message.Create("x", "/t", 1));
        JsonElement last;
        do
            last = await NextAsync(reader);
        while (last[0].GetProperty("dead").GetInt64() != 1);
        await end.CancelAsync();
        await stream;
    }

    private static Message Traced(string id, string span)
    {
        var builder = new MessageBuilder();
        return builder.Set("id", id).Set("source", "/t").Set("type", "x").Set("traceparent", $"00-{Trace}-{span}-01").Build();
    }

    private static async Task<JsonElement> NextAsync(StreamReader reader)
    {
        Assert.Equal("event: subscriptions", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        string? data = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.Equal("", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        return JsonDocument.Parse(data!["data: ".Length..]).RootElement;
    }

    private static string Outcomes(JsonElement trace) =>
        string.Join(", ", trace.GetProperty("deliveries").EnumerateArray().Select(d => $"{d.GetProperty("subscription").GetString()} {d.GetProperty("outcome").GetString()}"));

    private static async Task<List<List<string>>> PagesAsync(AdminRig rig, string query, int pages = int.MaxValue)
    {
        var all = new List<List<string>>();
        string after = "";
        do
        {
            var (status, page) = await rig.GetAsync($"/api/messages?topic=log{query}{after}");
            Assert.Equal(200, status);
            all.Add([.. page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!)]);
            after = page.TryGetProperty("next", out var next) ? $"&after={next.GetString()}" : "";
        }
        while (after.Length > 0 && all.Count < pages);
        return all;
    }
}
