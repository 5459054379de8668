using System.Net;
using System.Text;
using System.Text.Json;
using Weft.AspNetCore.Tests.Rig;
using Weft.Diagnostics;
using Weft.Flows;
using Weft.Options;

namespace Weft.AspNetCore.Tests.ApiGateway;

public sealed class PublishTests
{
    private static readonly WeftOptions s_options = new()
    {
        Name = "shop",
        Defaults = new() { Auth = "none" },
        Auth = OptionsMap.Create<AuthOptions>([new("partners", new() { ApiKey = new() { Keys = "secret://partners" } })]),
        Routes = OptionsMap.Create<RouteOptions>(
        [
            new("hook", new() { Match = new() { Path = "/hook", Methods = ["POST"] }, Publish = new() { Topic = "payments", Type = "payment.received" } }),
            new("events", new() { Match = new() { Path = "/events" }, Publish = new() { Topic = "orders" }, MaxBody = 1000 }),
        ]),
        Topics = OptionsMap.Create<TopicOptions>(
        [
            new("orders", new() { Accept = new() { MaxBody = 2000 } }),
            new("guarded", new() { Accept = new() { Auth = "partners" } }),
            new("closed", new()),
        ]),
    };

    [Fact]
    public async Task Body_becomes_the_data_of_an_event_of_the_route()
    {
        await using var gateway = await GatewayHost.StartAsync(s_options);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hook") { Content = new StringContent("{\"a\":1}", Encoding.UTF8, "application/json"), Headers = { { "Idempotency-Key", "k-1" } } };

        using var response = await gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("{\"id\":\"k-1\"}", await response.Content.ReadAsStringAsync());
        var (topic, message) = Assert.Single(gateway.Publisher.Published);
        Assert.Equal(("payments", "k-1", "payment.received", "/shop/routes/hook"), (topic, message.Id, message.Type, message.Source));
        Assert.Equal("application/json; charset=utf-8", message.DataContentType);
        Assert.Equal("{\"a\":1}", Encoding.UTF8.GetString(message.Data.Span));
        Assert.True(message.TryGet("traceparent"u8, out var trace) && trace.Length == 55);
        Assert.NotNull(message.Time);
    }

    [Fact]
    public async Task Empty_body_is_no_data_and_a_missing_key_makes_an_id()
    {
        await using var gateway = await GatewayHost.StartAsync(s_options);
        using var response = await gateway.Client.PostAsync("/hook", null);
        var id = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString();
        var message = Assert.Single(gateway.Publisher.Published).Message;
        Assert.Equal(7, Guid.Parse(id!).Version);
        Assert.False(message.HasData);
    }

    [Theory]
    [InlineData("/events")]
    [InlineData("/topics/orders")]
    public async Task Events_are_published_as_they_are_in_all_modes(string path)
    {
        await using var gateway = await GatewayHost.StartAsync(s_options);
        const string one = """{"specversion":"1.0","id":"2","source":"/s","type":"t","data":1.50}""";
        using var binary = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("x", Encoding.UTF8, "text/plain") };
        foreach (var (name, value) in new[] { ("specversion", "1.0"), ("id", "1"), ("source", "/s"), ("type", "t") })
            binary.Headers.Add("ce-" + name, value);

        Assert.Equal("{\"id\":\"1\"}", await TextAsync(await gateway.Client.SendAsync(binary), 202));
        Assert.Equal("{\"id\":\"2\"}", await TextAsync(await gateway.Client.PostAsync(path, Json(one, "cloudevents")), 202));
        Assert.Equal("{\"ids\":[\"2\",\"2\"]}", await TextAsync(await gateway.Client.PostAsync(path, Json($"[{one},{one}]", "cloudevents-batch")), 202));
        Assert.Equal("{\"ids\":[]}", await TextAsync(await gateway.Client.PostAsync(path, Json("[]", "cloudevents-batch")), 202));

        Assert.Equal(["1", "2", "2", "2"], gateway.Publisher.Published.Select(p => p.Message.Id));
        Assert.All(gateway.Publisher.Published, p => Assert.Equal("orders", p.Topic));
    }

    [Fact]
    public async Task An_event_without_a_trace_gets_that_of_its_request_and_one_with_a_trace_keeps_it()
    {
        await using var gateway = await GatewayHost.StartAsync(s_options);
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736", own = "00-11111111111111111111111111111111-2222222222222222-01";
        using var without = new HttpRequestMessage(HttpMethod.Post, "/topics/orders") { Content = Json("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data":1.50}""", "cloudevents") };
        without.Headers.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
        await TextAsync(await gateway.Client.SendAsync(without), 202);
        await TextAsync(await gateway.Client.PostAsync("/topics/orders", Json($$"""{"specversion":"1.0","id":"2","source":"/s","type":"t","traceparent":"{{own}}"}""", "cloudevents")), 202);

        var (first, second) = (gateway.Publisher.Published.First().Message, gateway.Publisher.Published.Last().Message);
        Assert.True(first.TryGet("traceparent"u8, out var given));
        Assert.StartsWith($"00-{trace}-", Encoding.UTF8.GetString(given), StringComparison.Ordinal);
        Assert.Equal("1.50", Encoding.UTF8.GetString(first.Data.Span));
        Assert.True(second.TryGet("traceparent"u8, out given));
        Assert.Equal(own, Encoding.UTF8.GetString(given));
    }

    [Theory]
    [InlineData("{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"t\"}", "cloudevents", 400, "bad-event", "source")]
    [InlineData("{\"specversion\":\"1.0\"", "cloudevents", 400, "bad-event", null)]
    [InlineData("[{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"},{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\"}]", "cloudevents-batch", 400, "bad-event", "type")]
    [InlineData("{}", "json", 415, "unsupported-media-type", null)]
    [InlineData("<x/>", "cloudevents+xml", 415, "unsupported-media-type", null)]
    public async Task What_is_no_event_is_refused_whole(string body, string type, int status, string name, string? attribute)
    {
        await using var gateway = await GatewayHost.StartAsync(s_options);
        using var content = type == "json" ? new StringContent(body, Encoding.UTF8, "application/json") : Json(body, type);
        using var response = await gateway.Client.PostAsync("/topics/orders", content);
        var problem = await ForwardFailureTests.ProblemAsync(response, status, name);
        Assert.Equal(attribute, problem.TryGetProperty("attribute", out var a) ? a.GetString() : null);
        Assert.Empty(gateway.Publisher.Published);
    }

    [Fact]
    public async Task Headers_without_specversion_are_a_bad_event()
    {
        await using var gateway = await GatewayHost.StartAsync(s_options);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/events") { Headers = { { "ce-id", "1" } } };
        var problem = await ForwardFailureTests.ProblemAsync(await gateway.Client.SendAsync(request), 400, "bad-event");
        Assert.Equal("specversion", problem.GetProperty("attribute").GetString());
    }

    [Fact]
    public async Task Nothing_is_answered_before_the_event_is_durable()
    {
        await using var gateway = await GatewayHost.StartAsync(s_options);
        var durable = new TaskCompletionSource();
        gateway.Publisher.Durable = durable.Task;
        var call = gateway.Client.PostAsync("/hook", null);
        await Task.WhenAny(call, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System));
        Assert.False(call.IsCompleted);
        durable.SetResult();
        Assert.Equal(HttpStatusCode.Accepted, (await call).StatusCode);
    }

    [Fact]
    public async Task Store_that_fails_is_503_with_a_time_to_come_back()
    {
        await using var gateway = await GatewayHost.StartAsync(s_options);
        gateway.Publisher.Failure = new LogException(new EventCode(3001), "disk full at /secret/place");
        using var response = await gateway.Client.PostAsync("/hook", null);
        Assert.NotNull(response.Headers.RetryAfter);
        var problem = await ForwardFailureTests.ProblemAsync(response, 503, "store-unavailable");
        Assert.DoesNotContain("secret", problem.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/topics/closed", 404, "no-route")]
    [InlineData("/topics/unknown", 404, "no-route")]
    [InlineData("/topics/guarded", 401, "unauthenticated")]
    public async Task Topics_that_are_not_open_stay_shut(string path, int status, string name)
    {
        await using var gateway = await GatewayHost.StartAsync(s_options);
        await ForwardFailureTests.ProblemAsync(await gateway.Client.PostAsync(path, null), status, name);
    }

    [Theory]
    [InlineData("let-me-in", true)]
    [InlineData("other-key", true)]
    [InlineData("other-keY", false)]
    [InlineData("", false)]
    public async Task Keys_open_and_are_named_in_the_log(string key, bool opens)
    {
        await using var gateway = await GatewayHost.StartAsync(s_options with { Server = new() { Log = new() { Access = true } } });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/topics/guarded") { Content = Json("[]", "cloudevents-batch") };
        request.Headers.TryAddWithoutValidation("X-Api-Key", key);
        using var response = await gateway.Client.SendAsync(request);
        Assert.Equal(opens ? HttpStatusCode.Accepted : HttpStatusCode.Unauthorized, response.StatusCode);
        await Eventually.HoldsAsync(() => gateway.Log.Lines.Any(l => l.Category == "Weft.Access"));
        var line = gateway.Log.Lines.Single(l => l.Category == "Weft.Access").Line;
        Assert.Equal(opens, line.Contains(key == "let-me-in" ? "caller acme" : "caller globex", StringComparison.Ordinal));
        Assert.DoesNotContain("let-me-in", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_over_the_limit_is_413(bool lengthKnown)
    {
        await using var gateway = await GatewayHost.StartAsync(s_options);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/topics/orders") { Content = Json(new string(' ', 2001), "cloudevents"), Headers = { TransferEncodingChunked = !lengthKnown } };
        await ForwardFailureTests.ProblemAsync(await gateway.Client.SendAsync(request), 413, "body-too-large");
    }

    private static StringContent Json(string body, string type) => new(body, Encoding.UTF8, type.Contains('+', StringComparison.Ordinal) ? "application/" + type : $"application/{type}+json");

    private static async Task<string> TextAsync(HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, text);
        return text;
    }
}
