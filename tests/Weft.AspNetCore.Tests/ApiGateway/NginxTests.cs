using System.Net;
using Weft.AspNetCore.Tests.Rig;

namespace Weft.AspNetCore.Tests.ApiGateway;

public sealed class NginxTests(Nginx nginx) : IClassFixture<Nginx>
{
    [Theory]
    [InlineData("/a%2Fb/%20c?x=%2F&y=1")]
    [InlineData("//double///slashes")]
    [InlineData("/%E2%82%AC/plain~_-.!$&'()*+,;=:@")]
    public async Task Path_bytes_and_fields_arrive(string target)
    {
        await using var gateway = await GatewayHost.ForwardAsync(nginx.Address);
        var answer = await gateway.RawAsync($"GET {target} HTTP/1.1\r\nHost: gw\r\nConnection: close\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n");
        Assert.Contains($"GET {target} HTTP/1.1 host={nginx.Address.Authority} trace=00-", answer, StringComparison.Ordinal);
        Assert.Contains(" for=127.0.0.1 connection=", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("connection=close", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_with_ranges_conditions_and_compression()
    {
        await File.WriteAllTextAsync(Path.Combine(nginx.Root, "files", "a.txt"), new string('a', 5000));
        await using var gateway = await GatewayHost.ForwardAsync(nginx.Address);

        using var whole = await gateway.Client.GetAsync("/files/a.txt");
        Assert.Equal(5000, whole.Content.Headers.ContentLength);
        using var head = await gateway.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/files/a.txt"));
        Assert.Equal(5000, head.Content.Headers.ContentLength);
        using var range = await gateway.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/files/a.txt") { Headers = { Range = new(10, 19) } });
        Assert.Equal(HttpStatusCode.PartialContent, range.StatusCode);
        Assert.Equal("aaaaaaaaaa", await range.Content.ReadAsStringAsync());
        using var unchanged = await gateway.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/files/a.txt") { Headers = { IfNoneMatch = { whole.Headers.ETag! } } });
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);

        // Compressed on the fly, so chunked; the gateway leaves it packed.
        using var packed = await gateway.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/files/a.txt") { Headers = { AcceptEncoding = { new("gzip") } } });
        Assert.Equal("gzip", packed.Content.Headers.ContentEncoding.Single());
        using var unpack = new StreamReader(new System.IO.Compression.GZipStream(await packed.Content.ReadAsStreamAsync(), System.IO.Compression.CompressionMode.Decompress));
        Assert.Equal(5000, (await unpack.ReadToEndAsync()).Length);
    }

    [Fact]
    public async Task Redirects_and_empty_answers_pass()
    {
        await using var gateway = await GatewayHost.ForwardAsync(nginx.Address);
        using var moved = await gateway.Client.GetAsync("/moved");
        Assert.Equal(HttpStatusCode.Found, moved.StatusCode);
        using var empty = await gateway.Client.GetAsync("/empty");
        Assert.Equal(HttpStatusCode.NoContent, empty.StatusCode);
        await File.WriteAllTextAsync(Path.Combine(nginx.Root, "files", "a.txt"), new string('a', 5000));
        using var refused = await gateway.Client.PostAsync("/files/a.txt", new StringContent("x"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_body_of_known_length_is_whole_while_the_connection_stays_open()
    {
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Forward(new() { MaxBody = 10 << 20 }, nginx.Address));
        foreach (int size in new[] { 1, 4095, 4096, 4097, 65_537, 3_000_000 })
        {
            using var put = await gateway.Client.PutAsync("/dav/sized", new StreamContent(new GeneratedStream(size)), TestContext.Current.CancellationToken);
            Assert.True(put.IsSuccessStatusCode);
            using var get = await gateway.Client.GetAsync("/dav/sized", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            Assert.Equal(size, await GeneratedStream.CheckAsync(await get.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)));
        }
    }

    [Fact(Timeout = 300_000)]
    public async Task Hundred_megabytes_up_and_down()
    {
        const long size = 100L << 20;
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Forward(new() { MaxBody = 2 * size, Timeout = TimeSpan.FromMinutes(2) }, nginx.Address));
        using var put = await gateway.Client.PutAsync("/dav/large", new StreamContent(new GeneratedStream(size)), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        using var get = await gateway.Client.GetAsync("/dav/large", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(size, await GeneratedStream.CheckAsync(await get.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)));
    }
}
