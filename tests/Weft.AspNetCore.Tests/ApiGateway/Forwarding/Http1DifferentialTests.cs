using System.Globalization;
using Weft.AspNetCore.Tests.Rig;

namespace Weft.AspNetCore.Tests.ApiGateway.Forwarding;

/// <summary>The same answers, good and evil, over the gateway's own connections and over the framework's client: a client must see the same.</summary>
public sealed class Http1DifferentialTests
{
    private const string Length = "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 11\r\nContent-Type: text/plain\r\n\r\nhello world";
    private const string Chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 7\r\n\r\n";
    private const string UntilClose = "HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nhello world";
    private const string Interim = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world";

    /// <summary>Answers that both must take or refuse alike. Each is closed at its end.</summary>
    private static readonly string[] s_alike =
    [
        Length, Chunks, UntilClose, Interim,
        "", "garbage", "garbage\r\n\r\n", "\0\0\0\0\0\0", "HTTP/1.1\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1-200 OK\r\n\r\n", " HTTP/1.1 200 OK\r\n\r\n", "\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "ICY 200 OK\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\n\r\nhello world", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 299 Odd\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.1 599 X\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX Y: 1\r\n\r\n", "HTTP/1.1 200 OK\r\n: 1\r\n\r\n", "HTTP/1.1 200 OK\r\nNoColon\r\n\r\n", "HTTP/1.1 200 OK\r\nX(Y: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5  \r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-A: \xe4\r\nX-A: b\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nx-a: c\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nX-Empty:\r\nX-Tab:\ta\tb\t \r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nX-Kept: 1\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nX-Before : 1\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-Large: " + new string('x', 20_000) + "\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.1 200 OK\r\nX-Large: " + new string('x', 200_000) + "\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + new string('y', 100_000), "HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n" + new string('y', 100_000),
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\n\r\ngarbage",
    ];

    /// <summary>What the own path refuses though the framework's client makes something of it; the decision page says why.</summary>
    private static readonly string[] s_stricter =
    [
        "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\n\r\nhi",
        "HTTP/1.1 200 OK\r\nX-A: b\r\n folded\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nX-A: a\x01" + "b\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nX-A: a\rb\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;" + new string('x', 5000) + "\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX(: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\nhi",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhi",
        "HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\nhi",
        string.Concat(Enumerable.Repeat("HTTP/1.1 102 Processing\r\nX-Pad: " + new string('x', 1000) + "\r\n\r\n", 300)) + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Repeat("a:b\r\n", 1001)) + "Content-Length: 2\r\n\r\nhi",
    ];

    [Fact]
    public async Task Answers_are_taken_and_refused_alike()
    {
        using var upstream = new SocketUpstream(head => SocketAnswer.Of(s_alike[IndexOf(head)]) with { Closes = true });
        await using var paths = await TwoPaths.StartAsync(upstream.Address);
        var different = new List<string>();
        for (var i = 0; i < s_alike.Length; i++)
        {
            var (own, client) = (await SeeAsync(paths.Own, i), await SeeAsync(paths.Client, i));
            if (own != client)
                different.Add($"{i}: {Shown(s_alike[i])}\nown:    {Shown(own)}\nclient: {Shown(client)}");
        }
        Assert.True(different.Count == 0, string.Join('\n', different));
    }

    [Fact]
    public async Task What_can_be_read_in_two_ways_is_refused()
    {
        using var upstream = new SocketUpstream(head => SocketAnswer.Of(s_stricter[IndexOf(head)]) with { Closes = true });
        await using var gateway = await GatewayHost.StartAsync(TwoPaths.Options(upstream.Address));
        for (var i = 0; i < s_stricter.Length; i++)
        {
            var seen = await SeeAsync(gateway, i);
            Assert.True(seen is "cut" or ['5', '0', '2', ..], $"{i}: {Shown(s_stricter[i])}: {Shown(seen)}");
        }
    }

    [Theory]
    [InlineData(Length)]
    [InlineData(Chunks)]
    [InlineData(UntilClose)]
    [InlineData(Interim)]
    public async Task Closed_after_every_byte(string answer)
    {
        using var upstream = new SocketUpstream(head => SocketAnswer.Of(answer[..IndexOf(head)]) with { Closes = true });
        await using var paths = await TwoPaths.StartAsync(upstream.Address);
        for (var i = 0; i <= answer.Length; i++)
        {
            var (own, client) = (await SeeAsync(paths.Own, i), await SeeAsync(paths.Client, i));
            Assert.True(own == client, $"after {i} bytes\nown:    {Shown(own)}\nclient: {Shown(client)}");
            // Only the end of the connection ends this kind of answer, so a part of it cannot be told from all of it.
            if (answer != UntilClose && i < answer.Length)
                Assert.DoesNotContain("hello world", own, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Length)]
    [InlineData(Chunks)]
    [InlineData(Interim)]
    public async Task Reset_after_every_byte_never_looks_whole(string answer)
    {
        using var upstream = new SocketUpstream(head => SocketAnswer.Of(answer[..IndexOf(head)]) with { Resets = true });
        await using var gateway = await GatewayHost.StartAsync(TwoPaths.Options(upstream.Address));
        for (var i = 0; i < answer.Length; i++)
            Assert.True(await SeeAsync(gateway, i) is "cut" or ['5', '0', '2', ..], $"after {i} bytes");
    }

    [Theory]
    [InlineData(Length)]
    [InlineData(Chunks)]
    [InlineData(UntilClose)]
    [InlineData(Interim)]
    public async Task Split_at_every_byte(string answer)
    {
        using var upstream = new SocketUpstream(head => IndexOf(head) is var i && i < answer.Length
            ? SocketAnswer.Of(answer[..i], answer[i..]) with { Closes = answer == UntilClose, Pause = TimeSpan.FromMilliseconds(2) }
            : SocketAnswer.Of([.. answer.Select(c => c.ToString())]) with { Closes = answer == UntilClose });
        await using var gateway = await GatewayHost.StartAsync(TwoPaths.Options(upstream.Address));
        // The last one comes byte by byte.
        for (var i = 1; i <= answer.Length; i++)
            Assert.EndsWith("\nhello world", await SeeAsync(gateway, i), StringComparison.Ordinal);
        if (answer != UntilClose)
            Assert.Equal(1, upstream.Connections);
    }

    [Fact]
    public async Task Requests_have_the_same_fields()
    {
        using var upstream = new SocketUpstream(_ => SocketAnswer.Of("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
        await using var paths = await TwoPaths.StartAsync(new Uri(upstream.Address, "/base/"));
        string[] requests =
        [
            "GET /a%2Fb?x=%20y HTTP/1.1\r\nHost: gw\r\nConnection: close\r\nAccept: */*\r\nX-Empty:\r\nX-Latin: \xe4\xff\r\n\r\n",
            "GET / HTTP/1.0\r\nHost: gw.example\r\nConnection: X-Nominated\r\nX-Nominated: 1\r\nTE: trailers, gzip\r\nX-Forwarded-For: 6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\nUpgrade: h2c\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: gw\r\nConnection: close\r\nX-Two: a\r\nX-Two: b\r\nCookie: a=1\r\nCookie: b=2\r\ntracestate: a=b\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: gw\r\nConnection: close\r\nContent-Length: 5\r\nContent-Type: text/plain\r\nIdempotency-Key: 7\r\n\r\nhello",
            "POST / HTTP/1.1\r\nHost: gw\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: gw\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            "DELETE / HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n",
            "PURGE /x HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n",
            "HEAD / HTTP/1.1\r\nHost: gw\r\nConnection: close\r\nRange: bytes=0-1\r\nIf-None-Match: \"a\"\r\n\r\n",
        ];
        foreach (var request in requests)
        {
            foreach (var gateway in (GatewayHost[])[paths.Own, paths.Client])
                Assert.StartsWith("HTTP/1.1 200", await gateway.RawAsync(request), StringComparison.Ordinal);
            var seen = upstream.Requests.ToArray();
            Assert.Equal(Normal(seen[^1].Head), Normal(seen[^2].Head));
            Assert.Equal(seen[^1].Body, seen[^2].Body);
        }
    }

    // Fields in one order, and without what differs by chance.
    private static string Normal(string head)
    {
        var lines = head.TrimEnd().Split("\r\n");
        return string.Join('\n', [lines[0], .. lines.Skip(1).Select(l => l.ToLowerInvariant().TrimEnd()).Select(l => l switch
        {
            _ when l.StartsWith("traceparent: 00-0af7651916cd43dd8448eb211c80319c", StringComparison.Ordinal) => l[..48] + l[^3..],
            _ when l.StartsWith("traceparent", StringComparison.Ordinal) => l.Length + l[^3..],
            _ when l.StartsWith("x-correlation-id", StringComparison.Ordinal) && !l.Contains("0af7651916cd43dd8448eb211c80319c", StringComparison.Ordinal) => $"x-correlation-id {l.Length}",
            _ when l.StartsWith("weft-timeout-ms", StringComparison.Ordinal) => "weft-timeout-ms",
            _ => l,
        }).Order(StringComparer.Ordinal)]);
    }

    private static async Task<string> SeeAsync(GatewayHost gateway, int place)
    {
        try
        {
            using var response = await gateway.Client.GetAsync("/" + place.ToString(CultureInfo.InvariantCulture));
            var body = await response.Content.ReadAsStringAsync();
            if (response.StatusCode == System.Net.HttpStatusCode.BadGateway)
                return "502 upstream-failed";
            var fields = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).Where(f => f.Key is not ("Date" or "X-Correlation-Id"));
            return $"{(int)response.StatusCode} {string.Join("; ", fields.Select(f => $"{f.Key.ToLowerInvariant()}: {f.Value}").Order(StringComparer.Ordinal))}\n{body}";
        }
        catch (HttpRequestException)
        {
            return "cut";
        }
    }

    private static int IndexOf(string head) => int.Parse(head.AsSpan(5, head.IndexOf(' ', 5) - 5), CultureInfo.InvariantCulture);

    private static string Shown(string text) => (text.Length > 300 ? text[..300] + "…" : text).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
