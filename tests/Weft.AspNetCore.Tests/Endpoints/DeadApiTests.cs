using System.Globalization;
using System.Text;
using System.Text.Json;
using Weft.AspNetCore.Tests.Rig;
using Weft.EventBus;
using Weft.Messages;

namespace Weft.AspNetCore.Tests.Endpoints;

public sealed class DeadApiTests
{
    private static Message Order(string id, int total, string subject = "c1") =>
        Message.CreateBytes("order.placed", "/tests", Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"total":{{total}}}""")), "application/json", id: id, subject: subject);

    private static readonly MessageHandler s_named = (message, _, _) => throw new DeadLetterException($"order {message.Id} was refused after {message.Data.Length} bytes");

    [Fact]
    public async Task Where_chooses_by_event_and_by_dead_letter()
    {
        await using var rig = await AdminRig.StartAsync(invoice: s_named);
        await rig.DieAsync(Order("a1", 5), Order("a2", 500), Order("a3", 700, "c2"));

        Assert.Equal(["a2", "a3"], await IdsAsync(rig, "event.data.total > 100"));
        Assert.Equal(["a3"], await IdsAsync(rig, "dead.key == 'c2' && dead.reason == 'rejected' && dead.attempts == 1 && dead.position == 3"));
        Assert.Equal(["a1"], await IdsAsync(rig, "dead.detail.contains('a1') && dead.subscription == 'invoice' && dead.firstAt <= dead.lastAt"));
        var (_, page) = await rig.GetAsync("/api/dead?where=" + Uri.EscapeDataString("event.data.none > 1"));
        Assert.Empty(page.GetProperty("items").EnumerateArray());
        Assert.Equal(3, page.GetProperty("whereErrors").GetProperty("count").GetInt32());
    }

    [Theory]
    [InlineData("event.data.total >", "^")]
    [InlineData("dead.reson == 'x'", "Did you mean 'dead.reason'?")]
    [InlineData("dead.attempts == 'x'", "^")]
    [InlineData("'a' + 'b'", "A condition must be true or false")]
    public async Task A_wrong_where_is_shown_with_its_place(string where, string expected)
    {
        await using var rig = await AdminRig.StartAsync();
        foreach (string path in (string[])["/api/dead?where=", "/api/dead/groups?where="])
        {
            var (status, problem) = await rig.GetAsync(path + Uri.EscapeDataString(where));
            Assert.Equal(400, status);
            Assert.Contains(expected, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            Assert.Contains("^", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Pages_go_over_all_subscriptions_and_one_topic()
    {
        await using var rig = await AdminRig.StartAsync(more: weft => weft.Topic("other").Subscribe("audit", "orders", (_, _, _) => throw new DeadLetterException("no")));
        await rig.DieAsync(Order("a", 1), Order("b", 2));
        await Eventually.TrueAsync(async () => (await rig.GetAsync("/api/dead")).Body.GetProperty("items").GetArrayLength() == 4);

        var found = new List<string>();
        string after = "";
        do
        {
            var (_, page) = await rig.GetAsync("/api/dead?limit=3&after=" + Uri.EscapeDataString(after));
            found.AddRange(page.GetProperty("items").EnumerateArray().Select(i => $"{i.GetProperty("subscription").GetString()} {i.GetProperty("position").GetString()}"));
            after = page.TryGetProperty("next", out var next) ? next.GetString()! : "";
        }
        while (after.Length > 0);
        Assert.Equal(["audit 1", "audit 2", "invoice 1", "invoice 2"], found);

        Assert.Equal(0, (await rig.GetAsync("/api/dead?topic=other")).Body.GetProperty("items").GetArrayLength());
        var (status, problem) = await rig.GetAsync("/api/dead?topic=order");
        Assert.Equal(404, status);
        Assert.Contains("Did you mean 'orders'?", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("Did you mean 'invoice'?", (await rig.GetAsync("/api/dead?subscription=invoise")).Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(400, (await rig.GetAsync("/api/dead?after=7")).Status);
    }

    [Fact]
    public async Task Causes_leave_out_ids_and_numbers()
    {
        await using var rig = await AdminRig.StartAsync(invoice: (message, _, _) => throw new DeadLetterException(
            message.Type == "order.placed" ? $"order {message.Id} of 2026-05-01T10:00:00.5Z has {message.Data.Length} bytes" : "no such type"));
        await rig.DieAsync(Order("7f-01", 1), Order("8a-02", 1000), Message.CreateBytes("other", "/t", [], "text/plain"));
        var (_, body) = await rig.GetAsync("/api/dead/groups?subscription=invoice");
        Assert.Equal(["2 order # of # has # bytes 1", "1 no such type 3"], body.GetProperty("groups").EnumerateArray().Select(g =>
            $"{g.GetProperty("count").GetInt64()} {g.GetProperty("cause").GetString()} {g.GetProperty("sample").GetString()}"));
        Assert.Equal(3, body.GetProperty("scanned").GetInt32());
        Assert.False(body.TryGetProperty("next", out _));
    }

    [Fact]
    public async Task An_edit_keeps_the_original_for_ever_and_says_who_and_when()
    {
        await using var rig = await AdminRig.StartAsync();
        await rig.DieAsync(Order("a", 1));
        var (status, first) = await rig.SendAsync("PUT", "/api/dead/invoice/1", AdminRig.OperateToken, """{"data":"{\"total\":2}","attributes":{"subject":"c9","level":3,"time":null}}""");
        Assert.Equal(200, status);
        Assert.Equal("""{"total":2}""", first.GetProperty("data").GetString());
        Assert.Equal("c9", first.GetProperty("attributes").GetProperty("subject").GetString());
        Assert.Equal("3", first.GetProperty("attributes").GetProperty("level").GetString());
        Assert.False(first.GetProperty("attributes").TryGetProperty("time", out _));
        Assert.Equal("operator", first.GetProperty("editedBy").GetString());

        await rig.SendAsync("PUT", "/api/dead/invoice/1", AdminRig.AdminToken, """{"data":"{\"total\":3}"}""");
        var (_, dead) = await rig.GetAsync("/api/dead/invoice/1");
        Assert.Equal("""{"total":3}""", dead.GetProperty("data").GetString());
        Assert.Equal("root", dead.GetProperty("editedBy").GetString());
        Assert.Equal("""{"total":1}""", dead.GetProperty("original").GetProperty("data").GetString());
        Assert.Equal("c1", dead.GetProperty("original").GetProperty("attributes").GetProperty("subject").GetString());
        Assert.Contains(rig.Audit, l => l.StartsWith("operator", StringComparison.Ordinal) && l.Contains("edit dead letter 1 of invoice, event a: changed data, subject, level, time", StringComparison.Ordinal));
        Assert.DoesNotContain(rig.Audit, l => l.Contains("c9", StringComparison.Ordinal));

        // Replayed and dead again, it still has all of it.
        await rig.PostAsync("/api/dead/replay", """{"subscription":"invoice","positions":["1"]}""");
        await rig.AreDeadAsync(1);
        var (_, again) = await rig.GetAsync("/api/dead/invoice/1");
        Assert.Equal(1, again.GetProperty("replays").GetInt32());
        Assert.Equal("1", again.GetProperty("attributes").GetProperty("weftreplay").GetString());
        Assert.Equal("""{"total":1}""", again.GetProperty("original").GetProperty("data").GetString());
        Assert.Equal(2, again.GetProperty("history").GetArrayLength());
        Assert.Equal("no invoice without a customer", again.GetProperty("history")[1].GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("{}", "nothing to change")]
    [InlineData("""{"data":"{"}""", "line 1, byte 2")]
    [InlineData("""{"dataBase64":"%"}""", "base64")]
    [InlineData("""{"data":"1","dataBase64":"MQ=="}""", "once")]
    [InlineData("""{"attributes":{"id":"b"}}""", "cannot be changed")]
    [InlineData("""{"attributes":{"type":null}}""", "type is missing")]
    [InlineData("""{"attributes":{"Bad":"x"}}""", "Bad")]
    [InlineData("""{"attributes":{"time":"yesterday"}}""", "time")]
    [InlineData("""{"attributes":{"a":[1]}}""", "array")]
    public async Task An_edit_that_makes_no_event_is_refused_and_changes_nothing(string edit, string expected)
    {
        await using var rig = await AdminRig.StartAsync();
        await rig.DieAsync(Order("a", 1));
        var (status, problem) = await rig.SendAsync("PUT", "/api/dead/invoice/1", AdminRig.OperateToken, edit);
        Assert.Equal(400, status);
        Assert.Contains(expected, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.False((await rig.GetAsync("/api/dead/invoice/1")).Body.TryGetProperty("editedAt", out _));
        Assert.Equal(404, (await rig.SendAsync("PUT", "/api/dead/invoice/2", AdminRig.OperateToken, """{"data":"1"}""")).Status);
        Assert.Equal(403, (await rig.SendAsync("PUT", "/api/dead/invoice/1", AdminRig.ReadToken, """{"data":"1"}""")).Status);
    }

    [Fact]
    public async Task Data_that_is_no_JSON_is_changed_too()
    {
        await using var rig = await AdminRig.StartAsync();
        await rig.DieAsync(Message.CreateBytes("photo", "/t", [0xff, 1], "image/png", id: "p"));
        var (_, photo) = await rig.SendAsync("PUT", "/api/dead/invoice/1", AdminRig.OperateToken, """{"dataBase64":"/wI="}""");
        Assert.Equal([0xff, 2], photo.GetProperty("dataBase64").GetBytesFromBase64());
        var (_, text) = await rig.SendAsync("PUT", "/api/dead/invoice/1", AdminRig.OperateToken, """{"data":"{\"a\":1}","attributes":{"datacontenttype":"application/json"}}""");
        Assert.Equal("""{"a":1}""", text.GetProperty("data").GetString());
        Assert.Equal([0xff, 1], text.GetProperty("original").GetProperty("dataBase64").GetBytesFromBase64());
    }

    [Fact]
    public async Task A_replay_by_condition_takes_what_was_dead_when_it_began_in_order()
    {
        var delivered = new List<string>();
        bool refuses = true;
        await using var rig = await AdminRig.StartAsync(invoice: (message, _, _) =>
        {
            if (refuses)
                throw new DeadLetterException("closed");
            lock (delivered)
                delivered.Add($"{message.Id} {Encoding.UTF8.GetString(message.TryGet("weftreplay"u8, out var replay) ? replay : default)}");
            return default;
        });
        await rig.DieAsync(Order("a", 1), Order("b", 200), Order("c", 300), Order("d", 400));
        var (_, dry) = await rig.PostAsync("/api/dead/replay", """{"subscription":"invoice","where":"event.data.total >= 200","dryRun":true}""");
        Assert.Equal(["2", "3", "4"], Texts(dry, "positions"));
        Assert.Equal(["invoice"], Texts(dry, "receivers"));

        var until = dry.GetProperty("until").GetDateTimeOffset();
        await rig.Bus.PublishAsync("orders", Order("late", 500));
        await rig.AreDeadAsync(5);
        refuses = false;
        string request = $$"""{"subscription":"invoice","where":"event.data.total >= 200","limit":2,"until":"{{until:O}}" """;
        var (_, first) = await rig.PostAsync("/api/dead/replay", request + "}");
        Assert.Equal(["2", "3"], Texts(first, "positions"));
        var (_, rest) = await rig.PostAsync("/api/dead/replay", $"{request}, \"after\":\"{first.GetProperty("next").GetString()}\"}}");
        Assert.Equal(["4"], Texts(rest, "positions"));
        Assert.False(rest.TryGetProperty("next", out _));
        await Eventually.TrueAsync(() =>
        {
            lock (delivered)
                return Task.FromResult(delivered.Count == 3);
        });
        Assert.Equal(["b 1", "c 1", "d 1"], delivered);
        Assert.Contains(rig.Audit, l => l.Contains("replay to subscription dead letters of invoice: 2 done, 0 not found: 2, 3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_replay_to_the_topic_reaches_all_its_subscriptions_and_leaves_no_dead_letter()
    {
        var seen = new List<string>();
        bool refuses = true;
        await using var rig = await AdminRig.StartAsync(
            invoice: (message, _, _) => refuses ? throw new DeadLetterException("closed") : default,
            more: weft => weft.Subscribe("audit", "orders", (message, context, _) =>
            {
                lock (seen)
                    seen.Add($"{message.Id}@{context.Position}");
                return default;
            }));
        await rig.DieAsync(Order("a", 1), Order("b", 2));
        refuses = false;
        var (_, done) = await rig.PostAsync("/api/dead/replay", """{"subscription":"invoice","all":true,"to":"topic"}""");
        Assert.Equal(["audit", "invoice"], Texts(done, "receivers"));
        await Eventually.TrueAsync(() =>
        {
            lock (seen)
                return Task.FromResult(seen.Count == 4);
        });
        Assert.Equal(["a@1", "b@2", "a@3", "b@4"], seen.Order(StringComparer.Ordinal).OrderBy(s => s[^1]));
        Assert.Empty((await rig.GetAsync("/api/dead")).Body.GetProperty("items").EnumerateArray());
        var (_, trace) = await rig.GetAsync("/api/messages/orders/1/trace");
        Assert.Equal(["3 replay"], trace.GetProperty("caused").EnumerateArray().Select(c => $"{c.GetProperty("message").GetProperty("position").GetString()} {c.GetProperty("by").GetString()}"));
        var (_, message) = await rig.GetAsync("/api/messages/orders/4");
        Assert.Equal("1", message.GetProperty("attributes").GetProperty("weftreplay").GetString());
    }

    private static async Task<IEnumerable<string?>> IdsAsync(AdminRig rig, string where) =>
        [.. (await rig.GetAsync("/api/dead?subscription=invoice&where=" + Uri.EscapeDataString(where))).Body.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString())];

    private static IEnumerable<string?> Texts(JsonElement result, string name) => result.GetProperty(name).EnumerateArray().Select(p => p.GetString());
}
