using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weft.AspNetCore.Tests.Rig;

namespace Weft.AspNetCore.Tests.ApiGateway;

public sealed partial class ForwardHeadTests
{
    [Theory]
    [InlineData("/a/b?x=1&y=%20z")]
    [InlineData("/a%2Fb/%20c/%C3%A4")]
    [InlineData("/a//b///c")]
    [InlineData("/a+b;v=1/c,d/~e?")]
    [InlineData("/%7Euser/..a/.b/c..?q=../..")]
    [InlineData("/?")]
    [InlineData("/q?a[]=1|2&c=\"\\^`{}")]
    public async Task Path_and_query_keep_their_bytes(string target)
    {
        string? seen = null;
        await using var upstream = await Upstream.StartAsync(context =>
        {
            seen = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
            return Task.CompletedTask;
        });
        await using var gateway = await GatewayHost.ForwardAsync(upstream.Address);

        var answer = await gateway.RawAsync($"GET {target} HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Equal(target, seen);
    }

    [Fact]
    public async Task Base_path_of_the_instance_comes_first()
    {
        string? seen = null;
        await using var upstream = await Upstream.StartAsync(context =>
        {
            seen = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
            return Task.CompletedTask;
        });
        await using var gateway = await GatewayHost.ForwardAsync(new Uri(upstream.Address, "/base/"));
        await gateway.Client.GetAsync("/x?y=1");
        Assert.Equal("/base/x?y=1", seen);
    }

    [Fact]
    public async Task Fields_of_one_hop_and_claims_of_the_caller_stay_behind()
    {
        IHeaderDictionary seen = new HeaderDictionary();
        await using var upstream = await Upstream.StartAsync(context =>
        {
            foreach (var (name, value) in context.Request.Headers)
                seen[name] = value;
            context.Response.Headers.Connection = "x-secret-hop";
            context.Response.Headers["X-Secret-Hop"] = "1";
            context.Response.Headers["Keep-Alive"] = "timeout=5";
            context.Response.Headers["X-Kept"] = new(["1", "2"]);
            context.Response.Headers.Append("Set-Cookie", "a=1");
            context.Response.Headers.Append("Set-Cookie", "b=2");
            context.Response.Headers.Server = "upstream/1";
            return Task.CompletedTask;
        });
        await using var gateway = await GatewayHost.ForwardAsync(upstream.Address);

        var answer = await gateway.RawAsync(
            "GET / HTTP/1.0\r\nHost: gw.example\r\nConnection: X-Nominated\r\nX-Nominated: 1\r\nKeep-Alive: 1\r\nProxy-Connection: x\r\nTE: trailers, gzip\r\n"
            + "X-Forwarded-For: 6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-Forwarded-Proto: https\r\nUpgrade: h2c\r\nX-Latin: \xe4\r\nAccept: */*\r\n\r\n");

        Assert.Equal("127.0.0.1", seen["X-Forwarded-For"]);
        Assert.Equal("gw.example", seen["X-Forwarded-Host"]);
        Assert.Equal("http", seen["X-Forwarded-Proto"]);
        Assert.Equal(upstream.Address.Authority, seen.Host);
        Assert.Equal("trailers", seen["TE"]);
        Assert.Equal("*/*", seen.Accept);
        Assert.True(seen.ContainsKey("X-Latin"));
        foreach (var name in (string[])["X-Nominated", "Keep-Alive", "Proxy-Connection", "X_Forwarded_For", "Forwarded", "Upgrade", "Content-Length", "Transfer-Encoding"])
            Assert.False(seen.ContainsKey(name), name);

        Assert.Contains("X-Kept: 1", answer, StringComparison.Ordinal);
        Assert.Equal(2, Count(answer, "Set-Cookie:"));
        Assert.Equal(1, Count(answer, "Date:"));
        Assert.Contains("Server: upstream/1", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Keep-Alive", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Secret-Hop", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true)]
    [InlineData("not-a-trace", false)]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01", false)]
    [InlineData(null, false)]
    public async Task Trace_that_goes_upstream_is_always_valid(string? given, bool continues)
    {
        string? trace = null, correlation = null;
        await using var upstream = await Upstream.StartAsync(context =>
        {
            trace = context.Request.Headers.TraceParent;
            correlation = context.Request.Headers["X-Correlation-Id"];
            return Task.CompletedTask;
        });
        await using var gateway = await GatewayHost.ForwardAsync(upstream.Address);
        var answer = await gateway.RawAsync($"GET / HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n{(given is null ? "" : $"traceparent: {given}\r\n")}\r\n");

        Assert.Matches(Trace(), trace);
        Assert.Equal(continues, given?.Contains(trace![3..35], StringComparison.Ordinal) ?? false);
        Assert.NotEqual(given, trace);
        Assert.Equal(trace![3..35], correlation);
        Assert.Contains($"X-Correlation-Id: {correlation}\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("order-17", true)]
    [InlineData("bad id", false)]
    [InlineData("<script>", false)]
    public async Task Correlation_id_is_kept_when_it_is_harmless(string id, bool kept)
    {
        await using var upstream = await Upstream.StartAsync(c => c.Response.WriteAsync(c.Request.Headers["X-Correlation-Id"]!));
        await using var gateway = await GatewayHost.ForwardAsync(upstream.Address);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("X-Correlation-Id", id);
        using var response = await gateway.Client.SendAsync(request);
        Assert.Equal(kept, await response.Content.ReadAsStringAsync() == id);
        Assert.Equal(kept, response.Headers.GetValues("X-Correlation-Id").Single() == id);
    }

    [Fact]
    public async Task Large_fields_pass_both_ways()
    {
        var large = new string('x', 12_000);
        await using var upstream = await Upstream.StartAsync(c =>
        {
            c.Response.Headers["X-Back"] = c.Request.Headers["X-Large"];
            return Task.CompletedTask;
        });
        await using var gateway = await GatewayHost.ForwardAsync(upstream.Address);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "X-Large", large } } };
        using var response = await gateway.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(large, response.Headers.GetValues("X-Back").Single());
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    [GeneratedRegex("^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$")]
    private static partial Regex Trace();
}
