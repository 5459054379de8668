using System.Net;
using Microsoft.Extensions.Time.Testing;
using Weft.AspNetCore.ApiGateway.Authentication;
using Weft.AspNetCore.Tests.Rig;
using Weft.Options;

namespace Weft.AspNetCore.Tests.ApiGateway.Authentication;

/// <summary>With a real OpenID provider.</summary>
public sealed class OidcProviderTests
{
    [Fact]
    public async Task Tokens_of_a_real_provider_open_a_route_over_changes_of_its_keys()
    {
        using var provider = await OidcProvider.StartAsync();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var gateway = await GatewayHost.StartAsync(new()
        {
            Auth = OptionsMap.Create<AuthOptions>([new("staff", new() { Jwt = new() { Issuer = provider.Issuer, Audience = ["shop"], Types = ["at+jwt"] } })]),
            Routes = OptionsMap.Create<RouteOptions>(
            [
                new("hook", new() { Match = new() { Path = "/hook" }, Auth = new() { AnyOf = ["staff"], Scopes = ["orders:read"] }, Publish = new() { Topic = "t", Type = "by.{claims.client_id}" } }),
            ]),
            Topics = OptionsMap.Create<TopicOptions>([new("t", new())]),
        }, time);

        var first = await provider.TokenAsync("orders:read");
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(gateway, first));
        Assert.Equal("by.caller", Assert.Single(gateway.Publisher.Published).Message.Type);
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(gateway, await provider.TokenAsync("orders:write")));

        await provider.RotateAsync(keepOld: true);
        time.Advance(KeySource.MinInterval);
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(gateway, await provider.TokenAsync("orders:read")));
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(gateway, first));

        await provider.RotateAsync(keepOld: false);
        time.Advance(KeySource.MinInterval);
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(gateway, await provider.TokenAsync("orders:read")));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(gateway, first));
    }

    private static async Task<HttpStatusCode> SendAsync(GatewayHost gateway, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hook") { Headers = { { "Authorization", "Bearer " + token } } };
        using var response = await gateway.Client.SendAsync(request);
        return response.StatusCode;
    }
}
