using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weft.AspNetCore.ApiGateway;
using Weft.AspNetCore.Tests.Rig;
using Weft.Calls;
using Weft.Expressions;
using Weft.Options;
using Weft.Options.Schema;
using Weft.Timeouts;

namespace Weft.AspNetCore.Tests.ApiGateway;

/// <summary>What a route changes on requests and answers, over sockets.</summary>
public sealed class TransformTests
{
    [Theory]
    [InlineData("/v1/orders/7", "/orders/7")]
    [InlineData("/v1/orders/", "/orders/")]
    [InlineData("/v1/orders", "/orders/")]
    [InlineData("/v1/orders/a/b/", "/orders/a/b/")]
    [InlineData("/v1/orders/a%2Fb/c", "/orders/a%2Fb/c")]
    [InlineData("/v1/orders/a%252Fb", "/orders/a%252Fb")]
    [InlineData("/v1/orders/a%20b;v=1,2:@!$&'()*+=~", "/orders/a%20b;v=1,2:@!$&'()*+=~")]
    [InlineData("/v1/orders/%C3%BC", "/orders/%C3%BC")]
    [InlineData("/v1/orders/7?q=a%2Fb&x", "/orders/7?q=a%2Fb&x")]
    public async Task The_rest_of_a_path_keeps_its_bytes(string sent, string got) =>
        Assert.Equal(got, (await AskAsync(new() { Path = "/orders/{path.rest}" }, "/v1/orders/{**rest}", sent)).Target);

    [Theory]
    [InlineData("/items/a%2Fb", "/i/a%2Fb/a%2Fb")]
    [InlineData("/items/a%252Fb", "/i/a%252Fb/a%252Fb")]
    [InlineData("/items/a%3Fb", "/i/a%3Fb/a%3Fb")]
    [InlineData("/items/..a", "/i/..a/..a")]
    [InlineData("/items/a;b", "/i/a%3Bb/a%3Bb")]
    public async Task A_value_stays_within_its_segment(string sent, string got) =>
        Assert.Equal(got, (await AskAsync(new() { Path = "/i/{path.sku}/{path.sku}" }, "/items/{sku}", sent)).Target);

    [Theory]
    [InlineData("/v1/orders//x", null)]
    [InlineData("/v1/orders/x?to=..", "/i/{query.to}/y")]
    [InlineData("/v1/orders/x?to=", "/i/{query.to}/y")]
    [InlineData("/v1/orders/x", "/i/{query.to}")]
    public async Task A_path_that_cannot_be_made_is_refused(string sent, string? path)
    {
        var asked = await AskAsync(new() { Path = path ?? "/orders/{path.rest}" }, "/v1/orders/{**rest}", sent);
        Assert.Equal(400, asked.Status);
        Assert.Null(asked.Target);
        Assert.Contains("path for the service", asked.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/x", "/x?region=eu%26x%3D1")]
    [InlineData("/x?a=1&debug=1&b=%2F", "/x?a=1&b=%2F&region=eu%26x%3D1")]
    [InlineData("/x?region=us&%64ebug=1&REGION=x", "/x?region=eu%26x%3D1")]
    [InlineData("/x?&&a", "/x?a&region=eu%26x%3D1")]
    public async Task Names_in_the_query_are_set_and_taken_out_and_the_others_keep_their_bytes(string sent, string got) =>
        Assert.Equal(got, (await AskAsync(new() { Query = OptionsMap.Create<string>([new("region", "{vars.region}"), new("debug", ""), new("none", "{headers['x-none']}")]) }, "/{**rest}", sent)).Target);

    [Fact]
    public async Task Headers_are_set_and_taken_out_and_a_caller_cannot_put_its_own_in_their_place()
    {
        var forward = new ForwardOptions
        {
            Method = "PUT",
            Headers = OptionsMap.Create<string>([new("x-region", "{vars.region}"), new("x-user", "{claims.sub}"), new("x-debug", ""), new("x-path", "{request.method} {'ü'} {path.rest}")]),
        };
        var asked = await AskAsync(forward, "/{**rest}", "/a", ("X-Region", "mine"), ("X-User", "root"), ("X-Debug", "1"), ("X-Other", "kept"));
        Assert.Equal("PUT", asked.Method);
        Assert.Equal("eu&x=1", asked.Headers["x-region"]);
        Assert.Equal("GET %C3%BC a", asked.Headers["x-path"]);
        Assert.Equal("kept", asked.Headers["x-other"]);
        Assert.False(asked.Headers.ContainsKey("x-user"));
        Assert.False(asked.Headers.ContainsKey("x-debug"));
    }

    [Fact]
    public async Task No_value_breaks_out_of_a_header()
    {
        var asked = await AskAsync(new() { Headers = OptionsMap.Create<string>([new("x-q", "{query.q}")]) }, "/{**rest}", "/a?q=1%0d%0aX-Evil:%201");
        Assert.Equal(200, asked.Status);
        Assert.False(asked.Headers.ContainsKey("x-q"));
        Assert.False(asked.Headers.ContainsKey("x-evil"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_is_made_anew_and_numbers_keep_their_digits(bool isChunked)
    {
        var forward = new ForwardOptions { Body = CelTree.Map([new("id", "body.order.id"), new("total", "body.order.total"), new("from", "vars.region"), new("items", "body.order.items.map(i, i.sku)")]) };
        using var content = new StringContent("""{"order":{"id":"7","total":1.10000,"items":[{"sku":"a"},{"sku":"b"}]}}""", Encoding.UTF8, "application/json");
        var asked = await AskAsync(forward, "/{**rest}", "/a", content, isChunked);
        Assert.Equal("""{"id":"7","total":1.10000,"from":"eu&x=1","items":["a","b"]}""", asked.SentBody);
        Assert.Equal("application/json", asked.Headers["content-type"]);
        Assert.Equal($"{asked.SentBody!.Length}", asked.Headers["content-length"]);
    }

    [Theory]
    [InlineData("{\"order\":", "application/json", 400)]
    [InlineData("{}", "application/json", 400)]
    [InlineData("a=1", "application/x-www-form-urlencoded", 415)]
    [InlineData(null, "application/json", 413)]
    public async Task A_body_that_cannot_be_made_is_refused(string? body, string type, int status)
    {
        using var content = new StringContent(body ?? $"\"{new string('x', 2000)}\"", Encoding.UTF8, type);
        var asked = await AskAsync(new() { Body = "{'id': body.order.id}" }, "/{**rest}", "/a", content, maxBody: 1000);
        Assert.Equal(status, asked.Status);
        Assert.Null(asked.Target);
    }

    [Fact]
    public async Task A_body_that_was_made_is_sent_again()
    {
        var bodies = new List<string>();
        await using var upstream = await Upstream.StartAsync(async c =>
        {
            using var reader = new StreamReader(c.Request.Body);
            bodies.Add(await reader.ReadToEndAsync());
            c.Response.StatusCode = bodies.Count < 3 ? 503 : 200;
        });
        var options = With(new() { Method = "PUT", Body = "{'n': body.n}" }, "/{**rest}", upstream.Address);
        options = options with { Policies = OptionsMap.Create<PolicyOptions>([new(PolicyOptions.StandardName, new() { Retry = new() { Base = TimeSpan.Zero, Cap = TimeSpan.Zero, Budget = new() { Floor = 1000 } } })]) };
        await using var gateway = await GatewayHost.StartAsync(options);
        using var response = await gateway.Client.PostAsync("/x", new StringContent("""{"n":1}""", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["""{"n":1}""", """{"n":1}""", """{"n":1}"""], bodies);
    }

    [Fact]
    public async Task An_answer_is_made_anew()
    {
        var forward = new ForwardOptions
        {
            Response = new()
            {
                Headers = OptionsMap.Create<string>([new("x-was", "{response.status} {response.headers['x-secret']}"), new("x-secret", ""), new("server", "weft")]),
                Body = CelTree.Map([new("name", "response.body.user.name"), new("age", "response.body.user.age"), new("asked", "path.rest")]),
            },
        };
        var (status, headers, body, sent) = await AnswerAsync(forward, c =>
        {
            c.Response.Headers["X-Secret"] = "s";
            c.Response.Headers.ETag = "\"1\"";
            return c.Response.WriteAsJsonAsync(new { user = new { name = "Ann", age = 1.50m, password = "x" } });
        });
        Assert.True(status == 200, body);
        Assert.Equal("""200 {"name":"Ann","age":1.50,"asked":"x"}""", $"{status} {body}");
        Assert.Equal("200 s", headers["x-was"]);
        Assert.False(headers.ContainsKey("x-secret") || headers.ContainsKey("etag"));
        Assert.Equal($"{body.Length}", headers["content-length"]);
        // It has to come whole and as it is.
        Assert.False(sent.ContainsKey("accept-encoding") || sent.ContainsKey("range") || sent.ContainsKey("if-none-match"));
    }

    [Theory]
    [InlineData("no json", "text/plain", 502)]
    [InlineData("{\"user\":", "application/json", 502)]
    [InlineData("{\"user\":1}", "application/json", 502)]
    [InlineData("[]", "application/vnd.x+json", 502)]
    [InlineData(null, "application/json", 502)]
    public async Task An_answer_that_cannot_be_changed_is_502_and_nothing_of_it_is_shown(string? answer, string type, int expected)
    {
        var forward = new ForwardOptions { Response = new() { Body = "{'name': response.body.user.name}", MaxBody = 1000 } };
        var (status, headers, body, _) = await AnswerAsync(forward, async c =>
        {
            c.Response.ContentType = type;
            c.Response.Headers.SetCookie = "a=secret";
            await c.Response.WriteAsync(answer ?? $"{{\"user\":{{\"name\":\"{new string('x', 200_000)}\"}}}}");
        });
        Assert.Equal((expected, "application/problem+json"), (status, headers["content-type"]));
        Assert.False(headers.ContainsKey("set-cookie"));
        Assert.Contains("cannot be changed", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_while_it_is_read_is_502()
    {
        var forward = new ForwardOptions { Response = new() { Body = "response.body" } };
        var (status, _, body, _) = await AnswerAsync(forward, async c =>
        {
            c.Response.ContentType = "application/json";
            c.Response.ContentLength = 100;
            await c.Response.WriteAsync("{\"half\":");
            await c.Response.Body.FlushAsync();
            c.Abort();
        });
        Assert.Equal(502, status);
        Assert.DoesNotContain("half", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, "no such user")]
    [InlineData(204, "")]
    public async Task Other_answers_come_as_they_are(int status, string text)
    {
        var forward = new ForwardOptions { Response = new() { Body = "{'name': response.body.user.name}", Headers = OptionsMap.Create<string>([new("x-was", "{response.status}")]) } };
        var (got, headers, body, _) = await AnswerAsync(forward, c =>
        {
            c.Response.StatusCode = status;
            return text.Length == 0 ? Task.CompletedTask : c.Response.WriteAsync(text);
        });
        Assert.Equal((status, text, $"{status}"), (got, body, headers["x-was"]));
    }

    [Fact]
    public async Task HEAD_has_the_head_only()
    {
        await using var upstream = await Upstream.StartAsync(c => c.Response.WriteAsJsonAsync(new { a = 1 }));
        await using var gateway = await GatewayHost.StartAsync(With(new() { Response = new() { Body = "response.body" } }, "/{**rest}", upstream.Address));
        using var response = await gateway.Client.SendAsync(new(HttpMethod.Head, "/x"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public void What_the_gateway_writes_itself_cannot_be_named() =>
        Assert.All([CallHeaders.Attempt, DeadlineHeaders.Weft, TraceContext.CorrelationHeader], name => Assert.True(TransformRules.Request.Contains(name), name));

    private static WeftOptions With(ForwardOptions forward, string match, Uri upstream, long? maxBody = null)
    {
        var options = GatewayHost.Forward(new(), upstream);
        return options with
        {
            Vars = OptionsMap.Create<string>([new("region", "eu&x=1")]),
            Routes = OptionsMap.Create<RouteOptions>([new("all", new() { Match = new() { Path = match }, Forward = forward with { Service = "up" }, MaxBody = maxBody })]),
        };
    }

    private static Task<Asked> AskAsync(ForwardOptions forward, string match, string target, params (string Name, string Value)[] headers) => AskAsync(forward, match, target, null, headers: headers);

    private static async Task<Asked> AskAsync(
        ForwardOptions forward, string match, string target, HttpContent? content, bool isChunked = false, long? maxBody = null, params (string Name, string Value)[] headers)
    {
        Asked? asked = null;
        await using var upstream = await Upstream.StartAsync(async c =>
        {
            using var reader = new StreamReader(c.Request.Body);
            asked = new(0, c.Request.Method, c.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, "", await reader.ReadToEndAsync(),
                c.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()));
        });
        await using var gateway = await GatewayHost.StartAsync(With(forward, match, upstream.Address, maxBody));
        using var request = new HttpRequestMessage(content is null ? HttpMethod.Get : HttpMethod.Post, new Uri(gateway.Address.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })) { Content = content };
        request.Headers.TransferEncodingChunked = isChunked;
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await gateway.Client.SendAsync(request);
        return (asked ?? new(0, null, null, "", null, [])) with { Status = (int)response.StatusCode, Body = await response.Content.ReadAsStringAsync() };
    }

    private static async Task<(int Status, Dictionary<string, string> Headers, string Body, Dictionary<string, string> Sent)> AnswerAsync(ForwardOptions forward, RequestDelegate answer)
    {
        Dictionary<string, string> sent = [];
        await using var upstream = await Upstream.StartAsync(c =>
        {
            sent = c.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString());
            return answer(c);
        });
        var options = With(forward, "/{**rest}", upstream.Address) with { Policies = OptionsMap.Create<PolicyOptions>([new(PolicyOptions.StandardName, new() { Retry = new() { Max = 0 } })]) };
        await using var gateway = await GatewayHost.StartAsync(options);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/x");
        request.Headers.AcceptEncoding.Add(new("gzip"));
        request.Headers.Range = new RangeHeaderValue(0, 5);
        request.Headers.TryAddWithoutValidation("If-None-Match", "\"1\"");
        using var response = await gateway.Client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key.ToLowerInvariant(), h => string.Join(", ", h.Value)), body, sent);
    }

    private sealed record Asked(int Status, string? Method, string? Target, string Body, string? SentBody, Dictionary<string, string> Headers);
}
