using System.Net;
using Microsoft.Extensions.Time.Testing;
using Weft.AspNetCore.Tests.Rig;
using Weft.Options;

namespace Weft.AspNetCore.Tests.ApiGateway.Limits;

public sealed class LimitTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task What_is_one_too_many_is_429_and_says_when_to_come_again()
    {
        await using var gateway = await StartAsync(new() { Rate = 0.5, Burst = 2 });
        using (var first = await gateway.Client.GetAsync("/a"))
        {
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            Assert.Equal("\"l\";q=2;w=4", Assert.Single(first.Headers.GetValues("RateLimit-Policy")));
            Assert.Equal("\"l\";r=1;t=2", Assert.Single(first.Headers.GetValues("RateLimit")));
        }
        await gateway.Client.GetAsync("/a");
        using (var refused = await gateway.Client.GetAsync("/a"))
        {
            Assert.Equal("2", Assert.Single(refused.Headers.GetValues("Retry-After")));
            await ForwardFailureTests.ProblemAsync(refused, 429, "rate-limited");
        }
        // A reload keeps what was counted.
        await gateway.ApplyAsync(Options(new() { Rate = 0.5, Burst = 2 }, "another"));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await gateway.Client.GetAsync("/a")).StatusCode);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("another", await gateway.Client.GetStringAsync("/a"));
    }

    [Theory]
    [InlineData("headers['x-api-key']", "X-Api-Key: one", "x-API-KEY: one", false)]
    [InlineData("headers['x-api-key']", "X-Api-Key: one", "X-Api-Key: two", true)]
    [InlineData("headers['x-api-key']", "X-Other: one", "X-Other: two", false)]
    [InlineData("query.user", "?user=a", "?user=b", true)]
    [InlineData("query.user", "?user=a", "?user=a&user=b", false)]
    [InlineData("query.user", "?user=a", "?%75ser=%61", false)]
    [InlineData("query.user + request.method", "?user=a", "?user=a", false)]
    [InlineData("request.clientAddress", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-For: 5.6.7.8", false)]
    public async Task Each_value_of_the_key_has_a_count_and_no_other_spelling_has_another(string key, string one, string other, bool apart)
    {
        await using var gateway = await StartAsync(new() { Rate = 0.01, Burst = 1, Key = key });
        Assert.Equal(HttpStatusCode.OK, await SendAsync(gateway, one));
        Assert.Equal(apart ? HttpStatusCode.OK : HttpStatusCode.TooManyRequests, await SendAsync(gateway, other));
        Assert.Equal(HttpStatusCode.TooManyRequests, await SendAsync(gateway, one));
    }

    [Theory]
    [InlineData("1.2.3.4", "5.6.7.8", true)]
    [InlineData("1.2.3.4", "9.9.9.9, 1.2.3.4", false)]
    [InlineData("1.2.3.4", "1.2.3.4, 127.0.0.1", false)]
    [InlineData("1.2.3.4", "nonsense, 1.2.3.4:4711", false)]
    [InlineData("::1", "[::1]:80", false)]
    public async Task Behind_a_trusted_proxy_the_client_is_the_last_that_is_no_proxy(string one, string other, bool apart)
    {
        var options = Options(new() { Rate = 0.01, Burst = 1, Key = "request.clientAddress" }, "ok") with { Server = new() { TrustedProxies = ["127.0.0.0/8"] } };
        await using var gateway = await GatewayHost.StartAsync(options, _time);
        Assert.Equal(HttpStatusCode.OK, await SendAsync(gateway, $"X-Forwarded-For: {one}"));
        Assert.Equal(apart ? HttpStatusCode.OK : HttpStatusCode.TooManyRequests, await SendAsync(gateway, $"X-Forwarded-For: {other}"));
    }

    [Fact]
    public async Task Requests_at_once_end_when_their_answer_does_however_it_ends()
    {
        var options = Options(new() { Algorithm = LimitAlgorithm.Concurrency, Max = 1 }, "ok");
        var slow = options.Services["s"] with { Stub = [KeyValuePair.Create("GET /{**any}", new StubOptions { Delay = TimeSpan.FromMilliseconds(500) })] };
        await using var gateway = await GatewayHost.StartAsync(options with { Services = [KeyValuePair.Create("s", slow)] }, _time);
        var service = gateway.Services.Current.Find("s")!;
        for (int i = 0; i < 3; i++)
        {
            using var gone = new CancellationTokenSource();
            var running = gateway.Client.GetAsync("/", gone.Token);
            await Eventually.HoldsAsync(() => service.Instances[0].InFlight == 1);
            Assert.Equal(HttpStatusCode.TooManyRequests, (await gateway.Client.GetAsync("/")).StatusCode);
            if (i == 0)
                await gone.CancelAsync();
            else
                _time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(running);
            await Eventually.TrueAsync(IsFreeAsync);
        }

        async Task<bool> IsFreeAsync()
        {
            var answer = await gateway.Limits.TakeAsync("l", new() { Algorithm = LimitAlgorithm.Concurrency, Max = 1 }, "", default);
            if (answer.IsAdmitted)
                gateway.Limits.Release("l", "");
            return answer.IsAdmitted;
        }
    }

    private Task<GatewayHost> StartAsync(LimitOptions limit) => GatewayHost.StartAsync(Options(limit, "ok"), _time);

    private static async Task<HttpStatusCode> SendAsync(GatewayHost gateway, string with)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, with.StartsWith('?') ? "/a" + with : "/a");
        if (with.Split(": ") is [var name, var value])
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await gateway.Client.SendAsync(request);
        return response.StatusCode;
    }

    private static WeftOptions Options(LimitOptions limit, string answer) => new()
    {
        Defaults = new() { Auth = "none" },
        Limits = [KeyValuePair.Create("l", limit)],
        Services = [KeyValuePair.Create("s", new ServiceOptions { Stub = [KeyValuePair.Create("GET /{**any}", new StubOptions { Body = $"'{answer}'" })] })],
        Routes = [KeyValuePair.Create("r", new RouteOptions { Match = new() { Path = "/{**any}" }, Forward = new() { Service = "s" }, Limit = new() { AfterAuth = "l" } })],
    };
}
