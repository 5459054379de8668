using Weft.Messages;

namespace Weft.AspNetCore.Tests.Endpoints;

public sealed class AdminApiTests
{
    private static readonly Message Json = Message.CreateBytes("order.placed", "/tests", """{"total": 1.50}"""u8, "application/json", id: "a", subject: "c1");
    private static readonly Message Binary = Message.CreateBytes("order.photo", "/tests", [0xff, 0x00, 0x80], "image/png", id: "b");

    [Fact]
    public async Task A_dead_letter_says_what_it_was_and_why_it_died()
    {
        await using var rig = await AdminRig.StartAsync();
        await rig.DieAsync(Json, Binary);

        var (_, page) = await rig.GetAsync("/api/dead?subscription=invoice");
        Assert.Equal(["a", "b"], page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()));

        var (_, dead) = await rig.GetAsync("/api/dead/invoice/1");
        Assert.Equal("1", dead.GetProperty("position").GetString());
        Assert.Equal("c1", dead.GetProperty("key").GetString());
        Assert.Equal("rejected", dead.GetProperty("reason").GetString());
        Assert.Equal("no invoice without a customer", dead.GetProperty("detail").GetString());
        Assert.Equal("""{"total": 1.50}""", dead.GetProperty("data").GetString());
        Assert.Equal("c1", dead.GetProperty("attributes").GetProperty("subject").GetString());

        var (_, photo) = await rig.GetAsync("/api/dead/invoice/2");
        Assert.False(photo.TryGetProperty("data", out _));
        Assert.Equal([0xff, 0x00, 0x80], photo.GetProperty("dataBase64").GetBytesFromBase64());
    }

    [Fact]
    public async Task Pages_follow_each_other()
    {
        await using var rig = await AdminRig.StartAsync();
        await rig.DieAsync(Json, Binary);
        var (_, first) = await rig.GetAsync("/api/dead?subscription=invoice&limit=1");
        Assert.Equal("1", first.GetProperty("next").GetString());
        var (_, second) = await rig.GetAsync("/api/dead?subscription=invoice&limit=5&after=1");
        Assert.Equal("b", second.GetProperty("items")[0].GetProperty("id").GetString());
        Assert.False(second.TryGetProperty("next", out _));
    }

    [Fact]
    public async Task A_dry_run_changes_nothing_and_a_discard_forgets()
    {
        await using var rig = await AdminRig.StartAsync();
        await rig.DieAsync(Json, Binary);
        var (_, dry) = await rig.PostAsync("/api/dead/discard", """{"subscription":"invoice","all":true,"limit":1,"dryRun":true}""");
        Assert.Equal(["1"], Positions(dry));
        var (_, done) = await rig.PostAsync("/api/dead/discard", """{"subscription":"invoice","positions":["1","7"]}""");
        Assert.Equal(["1"], Positions(done));
        Assert.Equal("7", done.GetProperty("missing")[0].GetString());
        var (_, left) = await rig.GetAsync("/api/dead?subscription=invoice");
        Assert.Equal("b", Assert.Single(left.GetProperty("items").EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_replayed_event_is_delivered_again()
    {
        await using var rig = await AdminRig.StartAsync();
        await rig.DieAsync(Json);
        Assert.Equal(200, (await rig.PostAsync("/api/subscriptions/invoice/pause", null)).Status);
        await rig.PostAsync("/api/dead/replay", """{"subscription":"invoice","all":true}""");
        var (_, subscriptions) = await rig.GetAsync("/api/subscriptions");
        Assert.Equal("paused", subscriptions[0].GetProperty("state").GetString());
        Assert.Equal(0, subscriptions[0].GetProperty("dead").GetInt64());
        Assert.Equal(1, subscriptions[0].GetProperty("retrying").GetInt64() + subscriptions[0].GetProperty("behind").GetInt64());

        await rig.PostAsync("/api/subscriptions/invoice/resume", null);
        await rig.AreDeadAsync(1);
    }

    [Theory]
    [InlineData("/api/dead/discard", "")]
    [InlineData("/api/dead/discard", "[]")]
    [InlineData("/api/dead/discard", """{"subscription":"invoice"}""")]
    [InlineData("/api/dead/discard", """{"subscription":"invoice","all":true,"positions":["1"]}""")]
    [InlineData("/api/dead/discard", """{"subscription":"invoice","positions":["-1"]}""")]
    [InlineData("/api/dead/discard", """{"subscription":"invoice","all":true,"limit":0}""")]
    [InlineData("/api/dead/discard", """{"subscription":"invoice","all":true,"dryrum":true}""")]
    [InlineData("/api/dead/discard", """{"subscription":"invoice","all":true,"where":"true"}""")]
    [InlineData("/api/dead/discard", """{"subscription":"invoice","all":true,"to":"topic"}""")]
    [InlineData("/api/dead/replay", """{"subscription":"invoice","all":true,"to":"moon"}""")]
    [InlineData("/api/dead/replay", """{"subscription":"invoice","where":"event.type == "}""")]
    [InlineData("/api/dead/replay", """{"all":true}""")]
    [InlineData("/api/subscriptions/invoice/seek", """{"to":"yesterday"}""")]
    public async Task What_is_not_clear_is_refused(string path, string body)
    {
        await using var rig = await AdminRig.StartAsync();
        var (status, problem) = await rig.PostAsync(path, body);
        Assert.Equal(400, status);
        Assert.True(problem.GetProperty("detail").GetString()!.Length > 10);
    }

    [Fact]
    public async Task What_is_not_there_is_named_with_what_is()
    {
        await using var rig = await AdminRig.StartAsync();
        Assert.Equal(404, (await rig.GetAsync("/api/dead/invoice/9")).Status);
        Assert.Equal(404, (await rig.GetAsync("/api/nothing")).Status);
        Assert.Equal(405, (await rig.PostAsync("/api/config", "{}")).Status);
        var (status, problem) = await rig.GetAsync("/api/dead?subscription=nobody");
        Assert.Equal(404, status);
        Assert.Contains("invoice", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(409, (await rig.SendAsync("DELETE", "/api/subscriptions/invoice", AdminRig.AdminToken)).Status);
    }

    [Fact]
    public async Task Config_shows_the_revision_and_what_was_refused()
    {
        await using var rig = await AdminRig.StartAsync();
        rig.Runtime.Reject("weft.yaml is bad");
        var (_, config) = await rig.GetAsync("/api/config");
        Assert.Equal(1, config.GetProperty("revision").GetInt32());
        Assert.Equal("weft.yaml is bad", config.GetProperty("pendingError").GetString());
        Assert.Equal("weft", config.GetProperty("options").GetString());
    }

    [Fact]
    public async Task A_seek_to_the_beginning_delivers_again()
    {
        await using var rig = await AdminRig.StartAsync();
        await rig.DieAsync(Json);
        await rig.PostAsync("/api/dead/discard", """{"subscription":"invoice","all":true}""");
        Assert.Equal(200, (await rig.PostAsync("/api/subscriptions/invoice/seek", """{"to":"beginning"}""")).Status);
        await rig.AreDeadAsync(1);
        var (_, topics) = await rig.GetAsync("/api/topics");
        Assert.Equal("1", topics[0].GetProperty("head").GetString());
    }

    private static IEnumerable<string?> Positions(System.Text.Json.JsonElement result) => result.GetProperty("positions").EnumerateArray().Select(p => p.GetString());
}
