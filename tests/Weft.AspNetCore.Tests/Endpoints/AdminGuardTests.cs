using Weft.AspNetCore.Dashboard;
using Weft.AspNetCore.Endpoints;
using Weft.Options;

namespace Weft.AspNetCore.Tests.Endpoints;

public sealed class AdminGuardTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("wrong-token-0123456789")]
    [InlineData(AdminRig.ReadToken + "x")]
    public async Task Without_a_known_token_nothing_is_answered(string? token)
    {
        await using var rig = await AdminRig.StartAsync();
        foreach (string path in (string[])["/api/config", "/api/health", "/api/nothing", "/api", "/nothing"])
            Assert.Equal(401, (await rig.GetAsync(path, token)).Status);
    }

    [Fact]
    public async Task The_page_that_asks_for_the_token_needs_none_and_says_nothing_of_the_process()
    {
        await using var rig = await AdminRig.StartAsync();
        var page = new MemoryStream();
        await rig.StreamAsync("/", page, CancellationToken.None, token: null);
        Assert.Equal(DashboardFiles.Built.Find("/")!.Bytes.ToArray(), page.ToArray());
    }

    [Theory]
    [InlineData("GET", "/api/subscriptions", AdminRig.ReadToken, 200)]
    [InlineData("POST", "/api/subscriptions/invoice/pause", AdminRig.ReadToken, 403)]
    [InlineData("POST", "/api/dead/discard", AdminRig.ReadToken, 403)]
    [InlineData("DELETE", "/api/subscriptions/gone", AdminRig.ReadToken, 403)]
    [InlineData("GET", "/api/subscriptions", AdminRig.OperateToken, 200)]
    [InlineData("POST", "/api/subscriptions/invoice/pause", AdminRig.OperateToken, 200)]
    [InlineData("DELETE", "/api/subscriptions/gone", AdminRig.OperateToken, 403)]
    [InlineData("POST", "/api/subscriptions/invoice/pause", AdminRig.AdminToken, 200)]
    [InlineData("DELETE", "/api/subscriptions/gone", AdminRig.AdminToken, 404)]
    public async Task Rights_decide(string method, string path, string token, int status)
    {
        await using var rig = await AdminRig.StartAsync();
        Assert.Equal(status, (await rig.SendAsync(method, path, token)).Status);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1:9090", 200)]
    [InlineData("127.0.0.1", "localhost:9090", 200)]
    [InlineData("127.0.0.1", "[::1]:9090", 200)]
    [InlineData("127.0.0.1", "evil.example:9090", 421)]
    [InlineData("127.0.0.1", "127.0.0.1.evil.example", 421)]
    [InlineData("127.0.0.1", "10.0.0.7:9090", 421)]
    [InlineData("127.0.0.1", "", 421)]
    [InlineData("10.0.0.7", "10.0.0.7:9090", 200)]
    [InlineData("0.0.0.0", "10.0.0.7:9090", 200)]
    [InlineData("0.0.0.0", "evil.example", 421)]
    public async Task Only_our_hosts_are_answered(string listen, string host, int status)
    {
        await using var rig = await AdminRig.StartAsync(listen);
        Assert.Equal(status, (await rig.SendAsync("GET", "/api/config", AdminRig.AdminToken, host: host)).Status);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9090", 200)]
    [InlineData("http://127.0.0.1:8080", 403)]
    [InlineData("https://127.0.0.1:9090", 403)]
    [InlineData("https://evil.example", 403)]
    [InlineData("null", 403)]
    public async Task Pages_of_other_origins_are_refused(string origin, int status)
    {
        await using var rig = await AdminRig.StartAsync();
        Assert.Equal(status, (await rig.SendAsync("GET", "/api/config", AdminRig.AdminToken, origin: origin)).Status);
    }

    [Fact]
    public async Task Changes_and_refusals_are_written_down_and_reads_are_not()
    {
        await using var rig = await AdminRig.StartAsync();
        await rig.GetAsync("/api/subscriptions");
        Assert.Empty(rig.Audit);
        await rig.PostAsync("/api/subscriptions/invoice/pause", null);
        await rig.PostAsync("/api/subscriptions/nobody/pause", null);
        await rig.PostAsync("/api/subscriptions/invoice/pause", null, token: "wrong");

        Assert.Equal(3, rig.Audit.Count);
        Assert.Matches(@"^operator \([0-9a-f]{8}\): pause subscription invoice: paused$", rig.Audit[0]);
        Assert.Contains("failed", rig.Audit[1], StringComparison.Ordinal);
        Assert.StartsWith("Refused", rig.Audit[2], StringComparison.Ordinal);
        Assert.DoesNotContain(rig.Audit, line => line.Contains(AdminRig.OperateToken, StringComparison.Ordinal) || line.Contains("wrong", StringComparison.Ordinal));
    }

    [Fact]
    public void Short_tokens_are_refused() =>
        Assert.Throws<WeftConfigurationException>(() => new AdminTokens([("short", "0123456789abcde", AdminRights.Read)]));
}
