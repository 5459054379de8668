using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.Endpoints;

namespace Weft.AspNetCore.Tests.Endpoints;

public sealed class ProbesTests
{
    [Fact]
    public async Task Live_as_long_as_it_answers_and_ready_between_start_and_stop()
    {
        await using var rig = await AdminRig.StartAsync(start: false);
        Assert.Equal((503, "starting"), await ReadyAsync(rig));
        Assert.Equal(200, (await AskAsync(rig, "/health/live")).Status);

        await rig.Runtime.StartAsync(default);
        Assert.Equal((200, "ready"), await ReadyAsync(rig));

        await rig.Runtime.StopAsync(default);
        Assert.Equal((503, "stopping"), await ReadyAsync(rig));
        Assert.Equal(200, (await AskAsync(rig, "/health/live")).Status);
    }

    [Fact]
    public async Task A_refused_configuration_shows_and_does_not_take_readiness_away()
    {
        await using var rig = await AdminRig.StartAsync();
        rig.Runtime.Reject("1 error");
        var (status, body) = await AskAsync(rig, "/health/ready");
        Assert.Equal(200, status);
        Assert.Equal("1 error", body.GetProperty("pendingError").GetString());
    }

    [Fact]
    public async Task A_store_that_is_gone_makes_it_unready_and_is_named()
    {
        await using var rig = await AdminRig.StartAsync();
        await rig.Bus.Topics["orders"].Store.DisposeAsync();
        var (status, body) = await AskAsync(rig, "/health/ready");
        Assert.Equal(503, status);
        var store = body.GetProperty("parts").EnumerateArray().Single(p => p.GetProperty("name").GetString() == "connections.main");
        Assert.False(store.GetProperty("ready").GetBoolean());
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/api/config")]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/health/ready/")]
    [InlineData("POST", "/health/ready")]
    public async Task Nothing_else_is_answered(string method, string path)
    {
        await using var rig = await AdminRig.StartAsync();
        Assert.Equal(404, (await AskAsync(rig, path, method)).Status);
    }

    private static async Task<(int Status, string? Text)> ReadyAsync(AdminRig rig)
    {
        var (status, body) = await AskAsync(rig, "/health/ready");
        return (status, body.GetProperty("status").GetString());
    }

    private static async Task<(int Status, JsonElement Body)> AskAsync(AdminRig rig, string path, string method = "GET")
    {
        var context = new DefaultHttpContext { RequestServices = rig.Services };
        var answer = new MemoryStream();
        (context.Request.Method, context.Request.Path, context.Response.Body) = (method, path, answer);
        await Probes.Build(rig.Services, rig.Health, metrics: null)(context);
        await context.Response.CompleteAsync();
        return (context.Response.StatusCode, JsonDocument.Parse(answer.ToArray()).RootElement.Clone());
    }
}
