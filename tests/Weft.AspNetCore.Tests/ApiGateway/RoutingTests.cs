using System.Net;
using Weft.AspNetCore.Tests.Rig;
using Weft.Options;

namespace Weft.AspNetCore.Tests.ApiGateway;

public sealed class RoutingTests
{
    [Theory]
    [InlineData("GET", "/v1/orders/7", "a", "one")]
    [InlineData("GET", "/v1/orders/7/lines", "a", "many")]
    [InlineData("GET", "/v1/orders", "a", "many")]
    [InlineData("GET", "/v1/orders/special", "a", "literal")]
    [InlineData("DELETE", "/v1/orders/7", "a", "many")]
    [InlineData("GET", "/v1/orders/7", "api.example.com:8080", "host")]
    [InlineData("GET", "/v1/orders/7", "x.example.org", "below")]
    public async Task The_most_special_route_wins(string method, string path, string host, string expected)
    {
        await using var gateway = await GatewayHost.StartAsync(Options(
            ("one", new() { Path = "/v1/orders/{id}", Methods = ["GET"] }),
            ("many", new() { Path = "/v1/orders/{**rest}" }),
            ("literal", new() { Path = "/v1/orders/special" }),
            ("host", new() { Path = "/v1/orders/{id}", Methods = ["GET"], Host = "api.example.com" }),
            ("below", new() { Path = "/v1/orders/{id}", Methods = ["GET"], Host = "*.example.org" })));
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { Host = host } };
        using var response = await gateway.Client.SendAsync(request);
        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_nobody_serves_is_404_and_405_names_what_is_allowed()
    {
        await using var gateway = await GatewayHost.StartAsync(Options(("a", new() { Path = "/a", Methods = ["GET", "PUT"] })));
        await ForwardFailureTests.ProblemAsync(await gateway.Client.GetAsync("/b"), 404, "no-route");
        using var wrong = await gateway.Client.DeleteAsync("/a");
        await ForwardFailureTests.ProblemAsync(wrong, 405, "method-not-allowed");
        Assert.Equal(["GET", "PUT"], wrong.Content.Headers.Allow);
    }

    [Fact]
    public async Task Other_options_replace_all_routes_at_once()
    {
        await using var gateway = await GatewayHost.StartAsync(Options(("a", new() { Path = "/a" })));
        var kept = gateway.Services.Current.Find("a");
        for (var i = 0; i < 3; i++)
        {
            await gateway.ApplyAsync(Options(("a", new() { Path = "/other" + i })));
            Assert.Equal(HttpStatusCode.NotFound, (await gateway.Client.GetAsync("/a")).StatusCode);
            Assert.Equal("a", await gateway.Client.GetStringAsync("/other" + i));
        }
        Assert.Same(kept, gateway.Services.Current.Find("a"));
    }

    [Theory]
    [InlineData("/x/{a}", "/x/{b}")]
    [InlineData("/x/{**a}", "/X/{**b}/")]
    public async Task Routes_that_match_the_same_are_refused_before_anything_changes(string one, string other)
    {
        await using var gateway = await GatewayHost.StartAsync(Options(("a", new() { Path = "/a" })));
        var error = await Assert.ThrowsAsync<WeftConfigurationException>(() => gateway.ApplyAsync(Options(("one", new() { Path = one }), ("other", new() { Path = other }))));
        Assert.Contains("one and other", error.Message, StringComparison.Ordinal);
        Assert.Equal("a", await gateway.Client.GetStringAsync("/a"));
    }

    [Fact]
    public async Task Route_without_any_word_on_auth_is_refused()
    {
        var options = Options(("a", new() { Path = "/a" })) with { Defaults = new() };
        await Assert.ThrowsAsync<WeftConfigurationException>(() => GatewayHost.StartAsync(options));
    }

    [Fact]
    public async Task Steps_say_what_they_do_in_their_order()
    {
        await using var gateway = await GatewayHost.StartAsync(Options(("a", new() { Path = "/a" })));
        Assert.Equal(["path", "body", "forward"], gateway.Gateway.Routes.Single().Steps.Select(s => s.Name));
        Assert.All(gateway.Gateway.Routes.Single().Steps, s => Assert.EndsWith(".", s.Sentence, StringComparison.Ordinal));
    }

    // Every route goes to a stub that answers with the route's name.
    private static WeftOptions Options(params (string Name, MatchOptions Match)[] routes) => new()
    {
        Defaults = new() { Auth = "none" },
        Services = OptionsMap.Create<ServiceOptions>([.. routes.Select(r => new KeyValuePair<string, ServiceOptions>(
            r.Name, new() { Stub = OptionsMap.Create<StubOptions>([new("* /{**any}", new() { Body = $"'{r.Name}'" })]) }))]),
        Routes = OptionsMap.Create<RouteOptions>([.. routes.Select(r => new KeyValuePair<string, RouteOptions>(
            r.Name, new() { Match = r.Match, Forward = new() { Service = r.Name } }))]),
    };
}
