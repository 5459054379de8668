using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.Tests.Rig;

namespace Weft.AspNetCore.Tests.ApiGateway;

/// <summary>Probes on the wire: what two servers could read differently is refused, and ordinary requests are not.</summary>
public sealed class StrictHttpTests(StrictHttpTests.Served served) : IClassFixture<StrictHttpTests.Served>
{
    private const string Close = "Connection: close\r\n";

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n" + Close + "\r\n")]
    [InlineData("GET /a%2Fb?x#y HTTP/1.1\r\nHost: a\r\n" + Close + "\r\n", 400)]
    [InlineData("GET http://a/x HTTP/1.1\r\nHost: a\r\n" + Close + "\r\n")]
    [InlineData("GET http://u@a/x HTTP/1.1\r\nHost: a\r\n" + Close + "\r\n", 400)]
    [InlineData("GET https://a/x HTTP/1.1\r\nHost: a\r\n" + Close + "\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: \r\n" + Close + "\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\n" + Close + "\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n" + Close + "\r\n", 400)]
    [InlineData("GET /\tx HTTP/1.1\r\nHost: a\r\n" + Close + "\r\n", 400)]
    [InlineData("GET /\x01 HTTP/1.1\r\nHost: a\r\n" + Close + "\r\n", 400)]
    [InlineData("GET /\x7f HTTP/1.1\r\nHost: a\r\n" + Close + "\r\n", 400)]
    [InlineData("GET /\xe4 HTTP/1.1\r\nHost: a\r\n" + Close + "\r\n", 400)]
    [InlineData("GET /../x HTTP/1.1\r\nHost: a\r\n" + Close + "\r\n", 400)]
    [InlineData("GET /a/%2e%2E/x HTTP/1.1\r\nHost: a\r\n" + Close + "\r\n", 400)]
    [InlineData("GET /a/..%2Fx HTTP/1.1\r\nHost: a\r\n" + Close + "\r\n", 400)]
    [InlineData("GET /a/..%5cx HTTP/1.1\r\nHost: a\r\n" + Close + "\r\n", 400)]
    [InlineData("GET /a/..;p=1/x HTTP/1.1\r\nHost: a\r\n" + Close + "\r\n", 400)]
    public Task Targets(string request, int status = 200) => Expect(request, status);

    [Theory]
    [InlineData("X-A: b\r\n")]
    [InlineData("X-A: tab\there\r\n")]
    [InlineData("X-A: \xe4\xff\r\n")]
    [InlineData("Connection: keep-alive, TE, Upgrade\r\n")]
    [InlineData("Connection: X-Nominated\r\n")]
    [InlineData("Connection: keep-alive, X-Nominated\r\n", 400)]
    [InlineData("Connection: X-Nominated,Close\r\n", 400)]
    [InlineData("X-A: \x01\r\n", 400)]
    [InlineData("X-A: a\x7f\r\n", 400)]
    [InlineData("X-A: a\0\r\n", 400)]
    [InlineData("X-A : b\r\n", 400)]
    [InlineData("X(A: b\r\n", 400)]
    [InlineData("X\x01A: b\r\n", 400)]
    [InlineData("X-A: b\r\n folded\r\n", 400)]
    [InlineData("X-A: b\n", 400)]
    [InlineData("X-Content-Length: 4\r\n", 400)]
    [InlineData("x-content-length: 4\r\n", 400)]
    public Task Fields(string field, int status = 200) => Expect("GET / HTTP/1.1\r\nHost: a\r\n" + field + Close + "\r\n", status);

    [Theory]
    [InlineData("Content-Length: 2\r\n", "hi")]
    [InlineData("content-length: 2\r\n", "hi")]
    [InlineData("Content-Length: +2\r\n", "hi", 400)]
    [InlineData("Content-Length: -0\r\n", "", 400)]
    [InlineData("Content-Length: 2, 2\r\n", "hi", 400)]
    [InlineData("Content-Length: 2\r\nContent-Length: 2\r\n", "hi", 400)]
    [InlineData("Content-Length: 0x2\r\n", "hi", 400)]
    [InlineData("Transfer-Encoding: chunked\r\n", "2\r\nhi\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: Chunked\r\n", "2;ext=1\r\nhi\r\n0\r\nX-T: 1\r\n\r\n")]
    [InlineData("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "2\r\nhi\r\n0\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", "2\r\nhi\r\n0\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding: identity, chunked\r\n", "2\r\nhi\r\n0\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding: gzip, chunked\r\n", "2\r\nhi\r\n0\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "2\r\nhi\r\n0\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding: xchunked\r\n", "2\r\nhi\r\n0\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding: chunked, identity\r\n", "2\r\nhi\r\n0\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding: \x0b" + "chunked\r\n", "2\r\nhi\r\n0\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding: chunked\r\n", "2\nhi\r\n0\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding: chunked\r\n", "2\r\nhix0\r\n\r\n", 400)]
    public Task Lengths(string fields, string body, int status = 200) =>
        Expect("POST / HTTP/1.1\r\nHost: a\r\n" + fields + Close + "\r\n" + body, status);

    [Fact]
    public Task Transfer_coding_on_an_old_version() => Expect("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", 400);

    [Fact]
    public async Task Nothing_that_was_refused_reached_the_service()
    {
        var before = served.Reached;
        await Expect("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", 400);
        Assert.Equal(before, served.Reached);
    }

    private async Task Expect(string request, int status)
    {
        var answer = await served.Gateway.RawAsync(request);
        Assert.StartsWith($"HTTP/1.1 {status}", answer, StringComparison.Ordinal);
        Assert.Equal(1, answer.Split("HTTP/1.1 ").Length - 1);
    }

    public sealed class Served : IAsyncLifetime
    {
        private Upstream _upstream = null!;
        private int _reached;

        internal GatewayHost Gateway { get; private set; } = null!;

        internal int Reached => Volatile.Read(ref _reached);

        public async ValueTask InitializeAsync()
        {
            _upstream = await Upstream.StartAsync(async c =>
            {
                Interlocked.Increment(ref _reached);
                await c.Request.Body.CopyToAsync(Stream.Null);
                c.Response.StatusCode = StatusCodes.Status200OK;
            });
            Gateway = await GatewayHost.ForwardAsync(_upstream.Address);
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await _upstream.DisposeAsync();
        }
    }
}
