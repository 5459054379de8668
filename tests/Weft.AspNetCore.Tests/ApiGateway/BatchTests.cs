using System.Net;
using System.Text;
using System.Text.Json;
using Weft.AspNetCore.Tests.Rig;
using Weft.Options;

namespace Weft.AspNetCore.Tests.ApiGateway;

public sealed class BatchTests
{
    [Fact]
    public async Task Operations_run_as_if_each_had_come_by_itself_and_come_back_in_their_order()
    {
        await using var gateway = await StartAsync();
        var results = await SendAsync(gateway, """
            { "operations": [
              { "id": "slow", "path": "/slow" },
              { "id": 2, "path": "/echo/7?q=%41", "headers": { "x-tenant": "acme" } },
              { "id": "post", "method": "POST", "path": "/body", "body": { "n": 1.10, "list": [null, "ä"] } },
              { "id": "none", "path": "/nothing/here" },
              { "id": "method", "method": "DELETE", "path": "/body" },
              { "id": "closed", "path": "/closed" },
              { "id": "open", "path": "/closed", "headers": { "X-Api-Key": "let-me-in" } },
              { "id": "text", "path": "/text" } ] }
            """);
        Assert.Equal(["\"slow\"", "2", "\"post\"", "\"none\"", "\"method\"", "\"closed\"", "\"open\"", "\"text\""], results.Select(r => r.GetProperty("id").GetRawText()));
        Assert.Equal([200, 200, 200, 404, 405, 401, 200, 200], results.Select(Status));
        Assert.Equal("""{"id":"7","q":"A","tenant":"acme"}""", results[1].GetProperty("data").GetRawText());
        // Numbers keep their digits.
        Assert.Equal("""{"n":1.10,"list":[null,"\u00E4"]}""", results[2].GetProperty("data").GetRawText());
        Assert.Equal("urn:weft:problem:no-route", results[3].GetProperty("problem").GetProperty("type").GetString());
        Assert.Equal("urn:weft:problem:method-not-allowed", results[4].GetProperty("problem").GetProperty("type").GetString());
        Assert.Contains("ApiKey", results[5].GetProperty("headers").GetProperty("WWW-Authenticate").GetString(), StringComparison.Ordinal);
        Assert.Equal("plain", results[7].GetProperty("data").GetString());
    }

    [Fact]
    public async Task Headers_of_the_batch_hold_for_all_and_limits_count_each()
    {
        await using var gateway = await StartAsync(limit: new() { Rate = 0.01, Burst = 2 });
        var results = await SendAsync(gateway, Operations(("a", "/echo/1"), ("b", "/echo/2"), ("c", "/echo/3")), ("x-tenant", "all"));
        Assert.Equal([200, 200, 429], results.Select(Status).Order());
        Assert.All(results.Where(r => Status(r) == 200), r => Assert.Equal("all", r.GetProperty("data").GetProperty("tenant").GetString()));
        Assert.All(results.Where(r => Status(r) == 429), r => Assert.True(r.GetProperty("headers").TryGetProperty("Retry-After", out _)));
    }

    [Fact]
    public async Task What_breaks_off_or_is_no_JSON_or_too_large_or_takes_too_long_is_a_problem_of_its_own()
    {
        using var broken = new RawUpstream("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{\"a\":");
        using var garbage = new RawUpstream("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{\"a\":]}}");
        using var large = new RawUpstream($"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5000\r\n\r\n{new string('x', 5000)}");
        var options = Options() with { Server = new() { Batch = new() { MaxAnswer = 1000, Timeout = TimeSpan.FromMilliseconds(300) } } };
        foreach (var (name, upstream) in ((string, RawUpstream)[])[("broken", broken), ("garbage", garbage), ("large", large)])
        {
            options = options with
            {
                Services = [.. options.Services, KeyValuePair.Create(name, new ServiceOptions { Endpoints = [new() { Url = upstream.Address.ToString() }], Policy = "none" })],
                Routes = [.. options.Routes, KeyValuePair.Create(name, new RouteOptions { Match = new() { Path = "/" + name }, Forward = new() { Service = name } })],
            };
        }
        await using var gateway = await GatewayHost.StartAsync(options);
        var results = await SendAsync(gateway, Operations(("broken", "/broken"), ("garbage", "/garbage"), ("large", "/large"), ("late", "/late"), ("good", "/echo/1")));
        Assert.Equal([502, 502, 502, 502, 200], results.Select(Status));
        Assert.All(results[..4], r => Assert.False(r.TryGetProperty("data", out _)));
    }

    [Theory]
    [InlineData("""{ "id": 1, "path": "/batch" }""")]
    [InlineData("""{ "id": 1, "path": "/BATCH/?x" }""")]
    [InlineData("""{ "id": 1, "path": "//evil/echo/1" }""")]
    [InlineData("""{ "id": 1, "path": "http://evil/echo/1" }""")]
    [InlineData("""{ "id": 1, "path": "/echo/../closed" }""")]
    [InlineData("""{ "id": 1, "path": "/echo/%2e%2e/closed" }""")]
    [InlineData("""{ "id": 1, "path": "/echo/1 HTTP/1.1\r\nx: y" }""")]
    [InlineData("""{ "id": 1, "path": "/echo/1#x" }""")]
    [InlineData("""{ "id": 1, "path": "/echo/1", "headers": { "x-a": "1\r\nx-b: 2" } }""")]
    [InlineData("""{ "id": 1, "path": "/echo/1", "headers": { "x a": "1" } }""")]
    [InlineData("""{ "id": 1, "path": "/echo/1", "method": "GET /x" }""")]
    [InlineData("""{ "id": 1, "path": "/echo/1", "methd": "GET" }""")]
    [InlineData("""{ "id": 1 }""")]
    public async Task What_is_wrong_with_one_is_said_of_it_alone(string operation)
    {
        await using var gateway = await StartAsync();
        var results = await SendAsync(gateway, $$"""{ "operations": [ {{operation}}, { "id": 2, "path": "/echo/1" } ] }""");
        Assert.Equal([400, 200], results.Select(Status));
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("[]", 400)]
    [InlineData("""{ "operations": [] }""", 400)]
    [InlineData("""{ "operations": [ { "path": "/x" } ] }""", 400)]
    [InlineData("""{ "operations": [ { "id": 1, "path": "/x" }, { "id": 1, "path": "/x" } ] }""", 400)]
    [InlineData("many", 400)]
    [InlineData("large", 413)]
    public async Task What_is_no_batch_is_refused_whole(string body, int status)
    {
        await using var gateway = await StartAsync();
        body = body switch { "many" => Operations([.. Enumerable.Range(0, 21).Select(i => ($"{i}", "/x"))]), "large" => "\"" + new string('x', 70_000) + "\"", _ => body };
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await gateway.Client.PostAsync("/batch", content);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(415, (int)(await gateway.Client.PostAsync("/batch", new StringContent("{}"))).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await gateway.Client.GetAsync("/batch")).StatusCode);
    }

    private static Task<GatewayHost> StartAsync(LimitOptions? limit = null) => GatewayHost.StartAsync(Options(limit));

    private static WeftOptions Options(LimitOptions? limit = null) => new()
    {
        Defaults = new() { Auth = "none" },
        Server = new() { Batch = new(), MaxBody = 64 << 10 },
        Limits = limit is null ? [] : [KeyValuePair.Create("l", limit)],
        Auth = [KeyValuePair.Create("keys", new AuthOptions { ApiKey = new() { Keys = "secret://partners" } })],
        Services = [KeyValuePair.Create("s", new ServiceOptions { Stub =
        [
            KeyValuePair.Create("GET /echo/{id}", new StubOptions { Body = Map(("id", "path.id"), ("q", "query[?'q'].orValue('')"), ("tenant", "headers[?'x-tenant'].orValue('')")) }),
            KeyValuePair.Create("POST /body", new StubOptions { Body = "body" }),
            KeyValuePair.Create("GET /slow", new StubOptions { Body = "1", Delay = TimeSpan.FromMilliseconds(100) }),
            KeyValuePair.Create("GET /late", new StubOptions { Body = "1", Delay = TimeSpan.FromSeconds(20) }),
            KeyValuePair.Create("GET /closed", new StubOptions { Body = "true" }),
            KeyValuePair.Create("GET /text", new StubOptions { Body = "'plain'" }),
        ] })],
        Routes =
        [
            KeyValuePair.Create("echo", new RouteOptions { Match = new() { Path = "/echo/{id}" }, Forward = new() { Service = "s" }, Limit = limit is null ? null : new() { AfterAuth = "l" } }),
            Open("body", "POST"), Open("slow", "GET"), Open("late", "GET"), Open("text", "GET"),
            KeyValuePair.Create("closed", new RouteOptions { Match = new() { Path = "/closed" }, Auth = "keys", Forward = new() { Service = "s" } }),
        ],
    };

    private static KeyValuePair<string, RouteOptions> Open(string path, string method) =>
        KeyValuePair.Create(path, new RouteOptions { Match = new() { Path = "/" + path, Methods = [method] }, Forward = new() { Service = "s" } });

    private static Weft.Expressions.CelTree Map(params (string Key, string Value)[] entries) =>
        Weft.Expressions.CelTree.Map([.. entries.Select(e => KeyValuePair.Create(e.Key, Weft.Expressions.CelTree.Expression(e.Value)))]);

    private static string Operations(params (string Id, string Path)[] operations) =>
        JsonSerializer.Serialize(new { operations = operations.Select(o => new { id = o.Id, path = o.Path }) });

    private static int Status(JsonElement result) => result.GetProperty("status").GetInt32();

    private static async Task<JsonElement[]> SendAsync(GatewayHost gateway, string batch, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/batch") { Content = new StringContent(batch, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var answer = await gateway.Client.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return [.. JsonDocument.Parse(text).RootElement.GetProperty("results").EnumerateArray()];
    }
}
