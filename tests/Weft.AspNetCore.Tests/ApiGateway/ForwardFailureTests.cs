using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Weft.AspNetCore.Tests.Rig;

namespace Weft.AspNetCore.Tests.ApiGateway;

public sealed class ForwardFailureTests
{
    [Fact]
    public async Task Refused_connection_is_502_without_any_address()
    {
        await using var gateway = await GatewayHost.ForwardAsync(Nobody());
        await ProblemAsync(await gateway.Client.GetAsync("/"), 502, "upstream-unreachable");
    }

    [Fact]
    public async Task Refused_connection_goes_to_another_instance()
    {
        await using var upstream = await Upstream.StartAsync(c => c.Request.Body.CopyToAsync(c.Response.Body));
        await using var gateway = await GatewayHost.ForwardAsync(Nobody(), upstream.Address, Nobody());
        for (var i = 0; i < 6; i++)
        {
            using var response = await gateway.Client.PostAsync("/", new StringContent("once"));
            Assert.Equal("once", await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Silence_is_504()
    {
        await using var upstream = await Upstream.StartAsync(c => Task.Delay(Timeout.Infinite, c.RequestAborted));
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Forward(new() { Timeout = TimeSpan.FromMilliseconds(200) }, upstream.Address));
        await ProblemAsync(await gateway.Client.GetAsync("/"), 504, "upstream-timeout");
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 2")]
    [InlineData("this is no http\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: abc\r\nTransfer-Encoding: nonsense")]
    public async Task Nonsense_and_early_ends_are_502(string answer)
    {
        using var upstream = new RawUpstream(answer);
        await using var gateway = await GatewayHost.ForwardAsync(upstream.Address);
        await ProblemAsync(await gateway.Client.GetAsync("/"), 502, "upstream-failed");
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly a part")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n")]
    public async Task Part_of_an_answer_never_looks_like_all_of_it(string answer)
    {
        using var upstream = new RawUpstream(answer);
        await using var gateway = await GatewayHost.ForwardAsync(upstream.Address);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => gateway.Client.GetStringAsync("/"));
        Assert.Equal(1, gateway.Services.Current.Find("up")!.Instances[0].Failures);
    }

    [Fact]
    public async Task Client_that_goes_away_ends_the_call_and_blames_nobody()
    {
        var started = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        await using var upstream = await Upstream.StartAsync(async c =>
        {
            c.RequestAborted.Register(ended.SetResult);
            started.SetResult();
            await Task.Delay(Timeout.Infinite, c.RequestAborted);
        });
        await using var gateway = await GatewayHost.ForwardAsync(upstream.Address);
        using var leave = new CancellationTokenSource();
        var call = gateway.Client.GetAsync("/", leave.Token);
        await started.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(20));
        var instance = gateway.Services.Current.Find("up")!.Instances[0];
        await Eventually.HoldsAsync(() => instance.InFlight == 0);
        Assert.Equal(0, instance.Failures);
        await Eventually.HoldsAsync(() => gateway.Log.Lines.Any(l => l.Category == "Weft.Access" && l.Line.Contains(" 499 ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Service_without_instances_is_503()
    {
        await using var gateway = await GatewayHost.ForwardAsync();
        await ProblemAsync(await gateway.Client.GetAsync("/"), 503, "no-instance");
    }

    [Theory]
    [InlineData("zz\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello\r\nFFFFFFFFFFFFFFFFF\r\n")]
    public async Task Malformed_chunks_are_the_fault_of_the_client(string chunks)
    {
        await using var upstream = await Upstream.StartAsync(async c => await c.Request.Body.CopyToAsync(Stream.Null));
        await using var gateway = await GatewayHost.ForwardAsync(upstream.Address);
        var answer = await gateway.RawAsync("POST / HTTP/1.1\r\nHost: gw\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Equal(0, gateway.Services.Current.Find("up")!.Instances[0].Failures);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_over_the_limit_is_413(bool lengthKnown)
    {
        await using var upstream = await Upstream.StartAsync(async c => await c.Request.Body.CopyToAsync(Stream.Null));
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Forward(new() { MaxBody = 1000 }, upstream.Address));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new ByteArrayContent(new byte[1001]), Headers = { TransferEncodingChunked = !lengthKnown } };
        await ProblemAsync(await gateway.Client.SendAsync(request), 413, "body-too-large");
        using var fits = await gateway.Client.PostAsync("/", new ByteArrayContent(new byte[1000]));
        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
    }

    internal static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, int status, string name)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal("urn:weft:problem:" + name, problem.GetProperty("type").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal(32, problem.GetProperty("traceId").GetString()!.Length);
        Assert.DoesNotContain("127.0.0.1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
        return problem;
    }

    private static Uri Nobody()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://{listener.LocalEndpoint}");
    }
}
