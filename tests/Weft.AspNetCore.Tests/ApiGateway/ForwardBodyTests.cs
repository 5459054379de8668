using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Weft.AspNetCore.Tests.Rig;

namespace Weft.AspNetCore.Tests.ApiGateway;

public sealed class ForwardBodyTests
{
    private const long Large = 100L << 20;

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(70_000, false)]
    [InlineData(1, true)]
    [InlineData(3_000_000, true)]
    public async Task Body_comes_back_as_it_was_sent(int length, bool chunked)
    {
        string? framing = null;
        await using var upstream = await Upstream.StartAsync(async c =>
        {
            framing = c.Request.ContentLength is { } l ? $"length {l}" : c.Request.Headers.TransferEncoding.ToString();
            c.Response.ContentType = c.Request.ContentType;
            await c.Request.Body.CopyToAsync(c.Response.Body);
        });
        await using var gateway = await GatewayHost.ForwardAsync(upstream.Address);
        using var content = new StreamContent(new GeneratedStream(length)) { Headers = { ContentType = new("application/x-weft") } };
        if (!chunked)
            content.Headers.ContentLength = length;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = content, Headers = { TransferEncodingChunked = chunked } };

        using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(length, await GeneratedStream.CheckAsync(await response.Content.ReadAsStreamAsync()));
        Assert.Equal(chunked ? "chunked" : $"length {length}", framing);
        Assert.Equal("application/x-weft", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Hundred_megabytes_each_way_are_never_kept()
    {
        long uploaded = 0, held = 0, before = 0;
        await using var upstream = await Upstream.StartAsync(async c =>
        {
            if (HttpMethods.IsPut(c.Request.Method))
                uploaded = await GeneratedStream.CheckAsync(c.Request.Body);
            else
                await new GeneratedStream(Large).CopyToAsync(c.Response.Body);
            // All has passed the gateway; were it kept, it would be on the heap now.
            held = GC.GetTotalMemory(forceFullCollection: true) - before;
        });
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Forward(new() { MaxBody = 2 * Large, Timeout = TimeSpan.FromMinutes(2) }, upstream.Address));

        before = GC.GetTotalMemory(forceFullCollection: true);
        using var put = await gateway.Client.PutAsync("/", new StreamContent(new GeneratedStream(Large)));
        Assert.Equal(Large, uploaded);
        Assert.InRange(held, long.MinValue, 16L << 20);

        using var get = await gateway.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(Large, await GeneratedStream.CheckAsync(await get.Content.ReadAsStreamAsync()));
        Assert.InRange(held, long.MinValue, 16L << 20);
    }

    [Fact]
    public async Task Events_of_a_stream_come_through_one_by_one()
    {
        var next = new SemaphoreSlim(0);
        await using var upstream = await Upstream.StartAsync(async c =>
        {
            c.Response.ContentType = "text/event-stream";
            await c.Response.Body.FlushAsync();
            for (var i = 0; i < 5; i++)
            {
                await next.WaitAsync(c.RequestAborted);
                await c.Response.WriteAsync($"data: {i}\n\n");
                await c.Response.Body.FlushAsync();
            }
        });
        await using var gateway = await GatewayHost.ForwardAsync(upstream.Address);
        using var response = await gateway.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        for (var i = 0; i < 5; i++)
        {
            // The next one is sent only after this one was read: buffering would hang here.
            next.Release();
            Assert.Equal($"data: {i}", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)));
            Assert.Equal("", await reader.ReadLineAsync());
        }
        Assert.Null(await reader.ReadLineAsync());
    }

    [Fact]
    public async Task Request_body_goes_up_as_it_comes()
    {
        var first = new TaskCompletionSource();
        await using var upstream = await Upstream.StartAsync(async c =>
        {
            var buffer = new byte[16];
            var read = await c.Request.Body.ReadAsync(buffer);
            first.SetResult();
            while (read > 0)
                read = await c.Request.Body.ReadAsync(buffer);
        });
        await using var gateway = await GatewayHost.ForwardAsync(upstream.Address);
        using var content = new PushContent();
        var sent = gateway.Client.PostAsync("/", content);
        await content.WriteAsync("one"u8.ToArray());
        await first.Task.WaitAsync(TimeSpan.FromSeconds(20));
        content.Complete();
        Assert.Equal(HttpStatusCode.OK, (await sent).StatusCode);
    }

    [Theory]
    [InlineData("HEAD", 200)]
    [InlineData("GET", 204)]
    [InlineData("GET", 304)]
    public async Task Answers_without_body_stay_so_and_the_connection_is_used_again(string method, int status)
    {
        await using var upstream = await Upstream.StartAsync(c =>
        {
            c.Response.StatusCode = status;
            if (status != 204)
                c.Response.ContentLength = 1234;
            c.Response.Headers.ETag = "\"1\"";
            return Task.CompletedTask;
        });
        await using var gateway = await GatewayHost.ForwardAsync(upstream.Address);
        var one = $"{method} / HTTP/1.1\r\nHost: gw\r\n\r\n";

        var answer = await gateway.RawAsync(one + one.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal));

        Assert.Equal(2, answer.Split($"HTTP/1.1 {status}").Length - 1);
        Assert.Equal(status != 204, answer.Contains("Content-Length: 1234", StringComparison.Ordinal));
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trailers_come_through_where_the_server_can_send_them()
    {
        using var upstream = new RawUpstream("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n4\r\nbody\r\n0\r\nX-Sum: 42\r\n\r\n");
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Forward(new(), upstream.Address), protocols: HttpProtocols.Http2);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await gateway.Client.SendAsync(request);
        Assert.Equal("body", await response.Content.ReadAsStringAsync());
        Assert.Equal("42", response.TrailingHeaders.GetValues("X-Sum").Single());
    }

    [Fact]
    public async Task Http2_clients_are_served_with_bodies_and_split_cookies()
    {
        string? cookies = null;
        await using var upstream = await Upstream.StartAsync(async c =>
        {
            cookies = c.Request.Headers.Cookie;
            await c.Request.Body.CopyToAsync(c.Response.Body);
        });
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Forward(new(), upstream.Address), protocols: HttpProtocols.Http2);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StreamContent(new GeneratedStream(3000)),
        };
        request.Headers.Add("Cookie", "a=1; b=2");
        using var response = await gateway.Client.SendAsync(request);
        Assert.Equal(3000, await GeneratedStream.CheckAsync(await response.Content.ReadAsStreamAsync()));
        Assert.Equal("a=1; b=2", cookies);
    }

    [Fact]
    public async Task Expect_continue_is_end_to_end()
    {
        var read = 0L;
        await using var upstream = await Upstream.StartAsync(async c =>
        {
            if (c.Request.Headers.ContainsKey("X-Refuse"))
            {
                c.Response.StatusCode = 403;
                return;
            }
            read = await GeneratedStream.CheckAsync(c.Request.Body);
        });
        await using var gateway = await GatewayHost.ForwardAsync(upstream.Address);
        foreach (var (refuse, expected) in new[] { (false, HttpStatusCode.OK), (true, HttpStatusCode.Forbidden) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StreamContent(new GeneratedStream(5000)), Headers = { ExpectContinue = true } };
            if (refuse)
                request.Headers.Add("X-Refuse", "1");
            using var response = await gateway.Client.SendAsync(request);
            Assert.Equal(expected, response.StatusCode);
        }
        Assert.Equal(5000, read);
    }

    [Fact]
    public async Task WebSockets_echo()
    {
        string? trace = null, target = null;
        await using var upstream = await Upstream.StartAsync(async c =>
        {
            trace = c.Request.Headers.TraceParent;
            target = c.Features.Get<IHttpRequestFeature>()!.RawTarget;
            using var socket = await c.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[1024];
            while (await socket.ReceiveAsync(buffer, default) is { MessageType: not WebSocketMessageType.Close } received)
                await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, default);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
        });
        await using var gateway = await GatewayHost.ForwardAsync(upstream.Address);
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://{gateway.Address.Authority}/ws%2F1?a=b"), default);
        await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, default);
        var answer = new byte[64];
        var result = await client.ReceiveAsync(answer, default);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);

        Assert.Equal("hello"u8, answer.AsSpan(0, result.Count));
        Assert.Equal("/ws%2F1?a=b", target);
        Assert.StartsWith("00-", trace, StringComparison.Ordinal);
    }

    private sealed class PushContent : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _stream = new();
        private readonly TaskCompletionSource _done = new();

        public async Task WriteAsync(byte[] bytes)
        {
            var stream = await _stream.Task;
            await stream.WriteAsync(bytes);
            await stream.FlushAsync();
        }

        public void Complete() => _done.SetResult();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            _stream.SetResult(stream);
            return _done.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
