using Weft.AspNetCore.Tests.Rig;
using Weft.Options;

namespace Weft.AspNetCore.Tests.ApiGateway;

public sealed class CorsTests
{
    private const string App = "https://app.example.com";

    [Theory]
    [InlineData(App, App)]
    [InlineData("https://evil.example.com", null)]
    [InlineData("https://app.example.com.evil.com", null)]
    [InlineData("HTTPS://APP.EXAMPLE.COM", null)]
    [InlineData("null", null)]
    public async Task A_preflight_is_answered_before_anybody_is_authenticated_and_names_only_origins_of_the_file(string origin, string? allowed)
    {
        var route = new RouteOptions { Auth = "keys", Match = new() { Methods = ["GET", "PUT"] }, Cors = new() { Origins = [App], Headers = ["x-api-key"], Credentials = true } };
        var options = VersionTests.Stubbed(route) with { Auth = [KeyValuePair.Create("keys", new AuthOptions { ApiKey = new() { Keys = "secret://partners" } })] };
        await using var gateway = await GatewayHost.StartAsync(options);
        using var answer = await PreflightAsync(gateway, origin, "PUT");
        Assert.Equal(204, (int)answer.StatusCode);
        Assert.Equal(allowed, Value(answer, "Access-Control-Allow-Origin"));
        Assert.Equal(allowed is null ? null : "GET, PUT", Value(answer, "Access-Control-Allow-Methods"));
        Assert.Equal(allowed is null ? null : "x-api-key", Value(answer, "Access-Control-Allow-Headers"));
        Assert.Equal(allowed is null ? null : "true", Value(answer, "Access-Control-Allow-Credentials"));
        Assert.Contains("Origin", answer.Headers.Vary);
        // Without the preflight's fields it is a request like any other.
        Assert.Equal(405, (int)(await gateway.Client.SendAsync(new(HttpMethod.Options, "/x"))).StatusCode);
    }

    [Fact]
    public async Task What_the_gateway_says_takes_the_place_of_what_the_service_says()
    {
        var stub = new StubOptions { Body = "'ok'", Headers = [KeyValuePair.Create("Access-Control-Allow-Origin", "*"), KeyValuePair.Create("Vary", "Accept")] };
        await using var gateway = await GatewayHost.StartAsync(VersionTests.Stubbed(new() { Cors = new() { Origins = [App], Expose = ["x-total"] } }, stub));
        using var good = await GetAsync(gateway, App);
        Assert.Equal((App, "x-total", "Accept, Origin"), (Value(good, "Access-Control-Allow-Origin"), Value(good, "Access-Control-Expose-Headers"), string.Join(", ", good.Headers.Vary)));
        using var other = await GetAsync(gateway, "https://evil.example.com");
        Assert.Equal((200, null), ((int)other.StatusCode, Value(other, "Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task Every_origin_is_a_star_and_is_never_mirrored()
    {
        await using var gateway = await GatewayHost.StartAsync(VersionTests.Stubbed(new() { Cors = new() { Origins = ["*"], Headers = ["*"] } }));
        using var answer = await PreflightAsync(gateway, "https://anybody.example", "POST");
        Assert.Equal(("*", "x-a, x-b"), (Value(answer, "Access-Control-Allow-Origin"), Value(answer, "Access-Control-Allow-Headers")));
        Assert.Empty(answer.Headers.Vary);
    }

    private static Task<HttpResponseMessage> PreflightAsync(GatewayHost gateway, string origin, string method)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, "/x");
        request.Headers.TryAddWithoutValidation("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", method);
        request.Headers.Add("Access-Control-Request-Headers", "x-a, x-b");
        return gateway.Client.SendAsync(request);
    }

    private static Task<HttpResponseMessage> GetAsync(GatewayHost gateway, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/x");
        request.Headers.Add("Origin", origin);
        return gateway.Client.SendAsync(request);
    }

    private static string? Value(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}
