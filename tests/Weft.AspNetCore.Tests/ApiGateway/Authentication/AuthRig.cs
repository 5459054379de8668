using System.Net;
using Microsoft.Extensions.Time.Testing;
using Weft.AspNetCore.Tests.Rig;
using Weft.Options;

namespace Weft.AspNetCore.Tests.ApiGateway.Authentication;

/// <summary>A gateway with one route that an issuer's tokens open, on a clock of its own.</summary>
internal sealed class AuthRig : IAsyncDisposable
{
    private AuthRig(TestIssuer issuer, FakeTimeProvider time, GatewayHost gateway) => (Issuer, Time, Gateway) = (issuer, time, gateway);

    public TestIssuer Issuer { get; }

    public FakeTimeProvider Time { get; }

    public GatewayHost Gateway { get; }

    public DateTimeOffset Now => Time.GetUtcNow();

    public static async Task<AuthRig> StartAsync(Func<JwtOptions, JwtOptions>? jwt = null, RouteAuthOptions? auth = null, Action<TestIssuer>? before = null, AuthOptions? other = null)
    {
        var issuer = await TestIssuer.StartAsync();
        before?.Invoke(issuer);
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(57));
        return new(issuer, time, await GatewayHost.StartAsync(Options(issuer, jwt, auth, other), time));
    }

    public static WeftOptions Options(TestIssuer issuer, Func<JwtOptions, JwtOptions>? jwt = null, RouteAuthOptions? auth = null, AuthOptions? other = null)
    {
        var options = new JwtOptions { Issuer = issuer.Address, Audience = ["shop"] };
        return new()
        {
            Auth = OptionsMap.Create<AuthOptions>([new("staff", new() { Jwt = jwt?.Invoke(options) ?? options }), new("other", other ?? new() { ApiKey = new() { Keys = "secret://partners" } })]),
            Routes = OptionsMap.Create<RouteOptions>(
            [
                new("hook", new() { Match = new() { Path = "/hook" }, Auth = auth ?? "staff", Publish = new() { Topic = "payments", Type = "t.{claims.sub}" } }),
            ]),
            Topics = OptionsMap.Create<TopicOptions>([new("payments", new())]),
        };
    }

    public async Task<HttpResponseMessage> SendAsync(string? token, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hook");
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await Gateway.Client.SendAsync(request);
    }

    public async Task<HttpStatusCode> StatusAsync(string token)
    {
        using var response = await SendAsync(token);
        return response.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Issuer.DisposeAsync();
    }
}
