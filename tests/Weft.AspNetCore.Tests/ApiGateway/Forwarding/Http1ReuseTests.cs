using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Weft.AspNetCore.Tests.Rig;

namespace Weft.AspNetCore.Tests.ApiGateway.Forwarding;

/// <summary>When the gateway's own connections to a service are used again, and when never.</summary>
public sealed class Http1ReuseTests
{
    private const string Hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n")]
    public async Task A_whole_answer_leaves_the_connection_for_the_next(string answer)
    {
        using var upstream = new SocketUpstream(_ => SocketAnswer.Of(answer));
        await using var gateway = await GatewayHost.StartAsync(TwoPaths.Options(upstream.Address));
        for (var i = 0; i < 5; i++)
            using (await gateway.Client.GetAsync("/"))
            {
            }
        Assert.Equal(1, upstream.Connections);
    }

    [Theory]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloX")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad")]
    [InlineData("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n")]
    public async Task Anything_else_does_not(string answer)
    {
        using var upstream = new SocketUpstream(_ => SocketAnswer.Of(answer));
        await using var gateway = await GatewayHost.StartAsync(TwoPaths.Options(upstream.Address));
        for (var i = 1; i <= 5; i++)
        {
            using var response = await gateway.Client.GetAsync("/");
            Assert.DoesNotContain("bad", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal(i, upstream.Connections);
        }
        await Eventually.HoldsAsync(() => upstream.Open == 0);
    }

    [Fact]
    public async Task What_comes_on_an_idle_connection_is_no_answer()
    {
        using var upstream = new SocketUpstream(_ => SocketAnswer.Of(Hello, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad") with { Pause = TimeSpan.FromMilliseconds(50) });
        await using var gateway = await GatewayHost.StartAsync(TwoPaths.Options(upstream.Address));
        var pool = gateway.Services.Current.Find("up")!.Instances[0].Connections!;
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal("hello", await gateway.Client.GetStringAsync("/"));
            await Eventually.HoldsAsync(() => pool.Idle == 1);
            await Task.Delay(200, TestContext.Current.CancellationToken);
            Assert.Equal(i, upstream.Connections);
        }
    }

    [Theory]
    [InlineData("GET", true)]
    [InlineData("PUT", true)]
    [InlineData("POST", false)]
    public async Task A_connection_that_ends_without_an_answer_is_replaced_once_where_that_is_safe(string method, bool repeats)
    {
        var first = new ConcurrentDictionary<int, bool>();
        SocketUpstream? upstream = null;
        // Each connection serves one request, and closes upon the second without a word.
        using (upstream = new SocketUpstream(_ => first.TryAdd(upstream!.Connections, true) ? SocketAnswer.Of(Hello) : new([], Closes: true)))
        {
            await using var gateway = await GatewayHost.StartAsync(GatewayHost.Forward(new(), upstream.Address));
            var instance = gateway.Services.Current.Find("up")!.Instances[0];
            Assert.Equal("hello", await gateway.Client.GetStringAsync("/"));
            using var request = new HttpRequestMessage(new HttpMethod(method), "/") { Content = method == "GET" ? null : new StringContent("body") };
            using var response = await gateway.Client.SendAsync(request);
            Assert.Equal(repeats ? HttpStatusCode.OK : HttpStatusCode.BadGateway, response.StatusCode);
            Assert.Equal(repeats ? 0 : 1, instance.Failures);
            Assert.Equal(2, instance.Attempts);
            Assert.Equal(repeats ? ["body", "body"] : ["body"], method == "GET" ? repeats ? ["body", "body"] : ["body"] : upstream.Requests.Skip(1).Select(r => Encoding.ASCII.GetString(r.Body)));
        }
    }

    [Fact]
    public async Task A_connection_that_the_service_has_closed_is_not_used()
    {
        using var upstream = new SocketUpstream(_ => SocketAnswer.Of(Hello) with { Closes = true });
        await using var gateway = await GatewayHost.StartAsync(TwoPaths.Options(upstream.Address));
        for (var i = 1; i <= 3; i++)
        {
            using var response = await gateway.Client.PostAsync("/", new StringContent("body"));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await Eventually.HoldsAsync(() => upstream.Open == 0);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        Assert.Equal(3, upstream.Requests.Count);
    }

    [Fact]
    public async Task Idle_connections_end_after_a_while_and_when_their_instance_leaves()
    {
        var time = new FakeTimeProvider();
        using var upstream = new SocketUpstream(_ => SocketAnswer.Of(Hello));
        await using var gateway = await GatewayHost.StartAsync(TwoPaths.Options(upstream.Address), time);
        Assert.Equal("hello", await gateway.Client.GetStringAsync("/"));
        Assert.Equal(1, upstream.Open);
        time.Advance(TimeSpan.FromSeconds(61));
        await Eventually.HoldsAsync(() => upstream.Open == 0);

        Assert.Equal("hello", await gateway.Client.GetStringAsync("/"));
        Assert.Equal(1, upstream.Open);
        await gateway.ApplyAsync(TwoPaths.Options(new Uri("http://127.0.0.1:9")));
        await Eventually.HoldsAsync(() => upstream.Open == 0);
    }

    [Fact]
    public async Task An_answer_before_the_request_is_whole_reaches_the_client_and_ends_the_connection()
    {
        using var upstream = new SocketUpstream(_ => SocketAnswer.Of("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig") with { ReadsBody = false });
        await using var gateway = await GatewayHost.StartAsync(TwoPaths.Options(upstream.Address));
        for (var i = 1; i <= 2; i++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(gateway.Address.Host, gateway.Address.Port, TestContext.Current.CancellationToken);
            var stream = client.GetStream();
            await stream.WriteAsync("POST / HTTP/1.1\r\nHost: gw\r\nContent-Length: 1000000\r\n\r\nthe first bytes"u8.ToArray(), TestContext.Current.CancellationToken);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            Assert.StartsWith("HTTP/1.1 413", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            await Eventually.HoldsAsync(() => upstream.Connections == i && upstream.Open == 0);
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n", true)]
    [InlineData("", true)]
    [InlineData("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", false)]
    public async Task A_body_that_is_asked_for_waits_for_the_answer(string first, bool isSent)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var gateway = await GatewayHost.StartAsync(TwoPaths.Options(new Uri($"http://{listener.LocalEndpoint}")));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent("body"), Headers = { ExpectContinue = true } };
        var sent = gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        var head = new StringBuilder();
        var buffer = new byte[4096];
        while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
            head.Append(Encoding.Latin1.GetString(buffer, 0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken)));
        Assert.EndsWith("\r\n\r\n", head.ToString(), StringComparison.Ordinal);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(first), TestContext.Current.CancellationToken);
        var rest = await stream.ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(isSent ? "body" : "", Encoding.ASCII.GetString(buffer, 0, rest));
        if (isSent)
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        using var response = await sent;
        Assert.Equal(isSent ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task A_slow_answer_is_whole_and_one_that_falls_silent_is_cut()
    {
        using var upstream = new SocketUpstream(head => head.Contains("/slow", StringComparison.Ordinal)
            ? SocketAnswer.Of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "h", "e", "l", "l", "o") with { Pause = TimeSpan.FromMilliseconds(150) }
            : SocketAnswer.Of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "h"));
        var options = TwoPaths.Options(upstream.Address);
        options = options with
        {
            Policies = Weft.Options.OptionsMap.Create<Weft.Options.PolicyOptions>([new("brief", new() { Deadline = new() { Idle = TimeSpan.FromMilliseconds(500), Total = TimeSpan.FromMilliseconds(400) } })]),
            Services = options.Services.With("up", options.Services["up"] with { Policy = "brief" }),
        };
        await using var gateway = await GatewayHost.StartAsync(options);
        Assert.Equal("hello", await gateway.Client.GetStringAsync("/slow"));
        await Assert.ThrowsAsync<HttpRequestException>(() => gateway.Client.GetStringAsync("/silent"));
        await Eventually.HoldsAsync(() => gateway.Services.Current.Find("up")!.Instances[0].InFlight == 0);
    }

    [Fact]
    public async Task No_byte_of_one_answer_is_in_another()
    {
        using var upstream = new SocketUpstream(Answer);
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Forward(new(), upstream.Address) with
        {
            Policies = Weft.Options.OptionsMap.Create<Weft.Options.PolicyOptions>([new("standard", new() { Breaker = Weft.Options.CircuitBreakerOptions.Off })]),
        });
        var seen = 0;
        await Task.WhenAll(Enumerable.Range(0, 24).Select(async worker =>
        {
            var chance = new Random(worker);
            for (var i = 0; i < 60; i++)
            {
                var id = chance.Next(1, 1_000_000);
                using var leave = new CancellationTokenSource();
                if (chance.Next(10) == 0)
                    leave.CancelAfter(chance.Next(4));
                try
                {
                    using var response = await gateway.Client.GetAsync($"/{id}", leave.Token);
                    var body = await response.Content.ReadAsStringAsync(leave.Token);
                    if (response.StatusCode != HttpStatusCode.OK)
                        continue;
                    Assert.Equal(Body(id), body);
                    Assert.Equal(id.ToString(CultureInfo.InvariantCulture), response.Headers.GetValues("X-Id").Single());
                    Interlocked.Increment(ref seen);
                }
                catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
                {
                    // Broken off by one side or the other.
                }
            }
        }));
        Assert.InRange(seen, 600, int.MaxValue);

        // Lengths, framings, splits, early ends and extra bytes by the id.
        static SocketAnswer Answer(string head)
        {
            var id = int.Parse(head.AsSpan(5, head.IndexOf(' ', 5) - 5), CultureInfo.InvariantCulture);
            var chance = new Random(id);
            var body = Body(id);
            var whole = chance.Next(3) switch
            {
                0 => $"HTTP/1.1 200 OK\r\nX-Id: {id}\r\nContent-Length: {body.Length}\r\n\r\n{body}",
                _ => $"HTTP/1.1 200 OK\r\nX-Id: {id}\r\nTransfer-Encoding: chunked\r\n\r\n{string.Concat(body.Chunk(chance.Next(200, 4000)).Select(c => $"{c.Length:x}\r\n{new string(c)}\r\n"))}0\r\n\r\n",
            };
            whole = chance.Next(12) switch
            {
                0 => whole[..chance.Next(whole.Length)],
                1 => whole + Hello,
                _ => whole,
            };
            var at = chance.Next(whole.Length + 1);
            return SocketAnswer.Of(whole[..at], whole[at..]) with { Closes = chance.Next(8) == 0 || !whole.Contains(body, StringComparison.Ordinal) };
        }

        static string Body(int id) => string.Concat(Enumerable.Repeat($"<{id}>", new Random(id).Next(1, 3000)));
    }
}
