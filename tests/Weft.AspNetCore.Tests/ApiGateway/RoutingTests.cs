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

    [Theory]
    [InlineData("/p", "", "plain")]
    [InlineData("/p", "x-tenant: acme", "tenant")]
    [InlineData("/p", "x-tenant: other", "plain")]
    [InlineData("/p", "x-tenant: acme\nx-tenant: acme", "plain")]
    [InlineData("/p?beta=anything", "", "query")]
    [InlineData("/p?beta=1", "x-tenant: acme", "both")]
    [InlineData("/p", "x-agent: curl/8", "prefix")]
    [InlineData("/p?n=42", "", "when")]
    [InlineData("/p?n=x", "", "plain")]
    [InlineData("/first?beta=1", "x-tenant: acme", "first")]
    public async Task Headers_query_conditions_and_priority_choose_among_routes_of_one_path(string path, string headers, string expected)
    {
        var options = Options(
            ("plain", new() { Path = "/p" }),
            ("tenant", new() { Path = "/p", Headers = One("X-Tenant", "acme"), Query = One("beta", "") }),
            ("query", new() { Path = "/p", Query = One("beta", "*") }),
            ("both", new() { Path = "/p", Headers = One("x-tenant", "acme"), Query = One("beta", "*") }),
            ("prefix", new() { Path = "/p", Headers = One("x-agent", "curl/*") }),
            ("when", new() { Path = "/p", When = "int(query.n) > 40" }),
            ("first", new() { Path = "/{**rest}" }));
        // The path says least, the number most.
        options = options with
        {
            Routes = [.. options.Routes.Select(r => KeyValuePair.Create(r.Key, r.Key switch
        {
            "tenant" => r.Value with { Match = r.Value.Match with { Query = [] } },
            "first" => r.Value with { Match = new() { Path = "/{**rest}", When = "path.rest.startsWith('first')" }, Priority = 5 },
            "query" or "prefix" => r.Value with { Priority = 0 },
            // Whether it and another condition hold at once cannot be known.
            "when" => r.Value with { Priority = 1 },
            _ => r.Value,
        }))]
        };
        options = options with
        {
            Routes = [.. options.Routes.Select(r => KeyValuePair.Create(r.Key, r.Key switch
        {
            "tenant" => r.Value with { Priority = 2 },
            "both" => r.Value with { Priority = 3 },
            "prefix" => r.Value with { Priority = 4 },
            _ => r.Value,
        }))]
        };
        await using var gateway = await GatewayHost.StartAsync(options);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var line in headers.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            request.Headers.Add(line.Split(": ")[0], line.Split(": ")[1]);
        using var response = await gateway.Client.SendAsync(request);
        Assert.Equal(expected, await response.Content.ReadAsStringAsync());

        static OptionsMap<string> One(string name, string value) => [KeyValuePair.Create(name, value)];
    }

    [Fact]
    public async Task Routes_that_exclude_each_other_share_a_path_and_others_of_as_many_conditions_do_not()
    {
        static MatchOptions With(string name, string value) => new() { Path = "/p", Headers = [KeyValuePair.Create(name, value)] };
        await using var gateway = await GatewayHost.StartAsync(Options(("one", With("a", "1")), ("other", With("A", "2*")), ("third", With("a", "3")), ("any", new() { Path = "/p" })));
        await Assert.ThrowsAsync<WeftConfigurationException>(() => gateway.ApplyAsync(Options(("one", With("a", "1")), ("other", With("b", "2")))));
        await Assert.ThrowsAsync<WeftConfigurationException>(() => gateway.ApplyAsync(Options(("one", With("a", "12*")), ("other", With("a", "1*")))));
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
