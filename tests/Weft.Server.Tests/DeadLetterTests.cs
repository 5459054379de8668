using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Weft.Server.Tests;

/// <summary><c>weft dead</c> and <c>weft messages</c> on a process that runs, and on its store when it does not.</summary>
public sealed class DeadLetterTests
{
    private static string Yaml(int admin) => $$"""
        weft: 1
        name: tests
        defaults: { auth: none }
        server:
          listen: [http://127.0.0.1:0]
          admin: { listen: http://127.0.0.1:{{admin}} }
        connections: { main: { sqlite: data/tests.db } }
        services:
          billing: { stub: { "POST /invoices": { status: 422, body: { error: "'order ' + body.id + ' has no customer'" } } } }
        topics:
          orders: { accept: {} }
        subscriptions:
          invoice: { from: orders, push: { service: billing, path: /invoices } }

        """;

    [Fact]
    public async Task Dead_letters_are_found_understood_changed_and_replayed_from_the_command_line()
    {
        string directory = WeftProcess.Directory(Yaml(WeftProcess.FreePort()));
        await using (var weft = await WeftProcess.RunAsync(directory))
        {
            using var open = weft.Client("public");
            for (int i = 1; i <= 3; i++)
                await PublishAsync(open, i);
            await WeftProcess.UntilAsync(() => JsonAsync(directory, "dead", "list", "-o", "json"), list => list.GetProperty("items").GetArrayLength() == 3);

            Assert.Equal(["A-2", "A-3"], Ids(await JsonAsync(directory, "dead", "list", "--where", "event.data.total >= 200", "-o", "json")));
            Assert.Contains("""invoice        status-422   3""", await TextAsync(directory, "dead", "list", "--group"), StringComparison.Ordinal);
            Assert.Contains("""{"error":"order # has no customer"}""", await TextAsync(directory, "dead", "list", "--group"), StringComparison.Ordinal);
            Assert.Contains("Did you mean 'orders'?", await ErrorAsync(directory, 1, "dead", "list", "-t", "order"), StringComparison.Ordinal);
            Assert.Contains("Topics: orders.", await ErrorAsync(directory, 1, "dead", "list", "-t", "nope"), StringComparison.Ordinal);
            Assert.Contains("^", await ErrorAsync(directory, 1, "dead", "list", "--where", "event.data.total >"), StringComparison.Ordinal);
            Assert.Contains("Did you mean 'invoice'?", await ErrorAsync(directory, 1, "dead", "replay", "--all", "-s", "invoces"), StringComparison.Ordinal);

            await File.WriteAllTextAsync(Path.Combine(directory, "new.json"), """{"id":"A-1","total":100,"customer":"c1"}""");
            Assert.Contains("is changed", await TextAsync(directory, "dead", "edit", "1", "-s", "invoice", "--data", "new.json", "--set", "subject=c1"), StringComparison.Ordinal);
            Assert.Contains("not JSON", await ErrorAsync(directory, 1, "dead", "edit", "1", "-s", "invoice", "--data", "weft.yaml"), StringComparison.Ordinal);
            string shown = await TextAsync(directory, "dead", "show", "1", "-s", "invoice");
            Assert.Contains("Before it was changed:", shown, StringComparison.Ordinal);
            Assert.Contains("\"customer\":\"c1\"", shown, StringComparison.Ordinal);
            Assert.Contains("WEFT6010", weft.Error, StringComparison.Ordinal);

            Assert.Equal("2 dead letters of invoice would be delivered again to invoice: 1, 2.", await TextAsync(directory, "dead", "replay", "-s", "invoice", "--where", "event.data.total < 300", "--dry-run"));
            Assert.Equal("1 dead letter of invoice is delivered again to invoice: 1.", await TextAsync(directory, "dead", "replay", "-s", "invoice", "1", "--to", "topic"));
            var replayed = await JsonAsync(directory, "messages", "show", "4", "-t", "orders", "-o", "json");
            Assert.Equal("1", replayed.GetProperty("attributes").GetProperty("weftreplay").GetString());
            Assert.Equal("c1", replayed.GetProperty("attributes").GetProperty("subject").GetString());

            Assert.Equal(["A-1", "A-3"], Ids(await JsonAsync(directory, "messages", "list", "-t", "orders", "--newest", "--limit", "2", "-o", "json")));
            await WeftProcess.UntilAsync(() => TextAsync(directory, "messages", "trace", "2", "-t", "orders"), text =>
                text.Contains("request   trace ", StringComparison.Ordinal) && text.Contains("dead", StringComparison.Ordinal) && text.Contains("service billing /invoices", StringComparison.Ordinal));
            await weft.SignalAsync("TERM");
            await weft.WaitForExitAsync();
        }

        // Nothing runs now.
        Assert.Equal(["A-2", "A-3"], Ids(await JsonAsync(directory, "dead", "list", "--where", "dead.position < 4 && event.data.total > 0", "-o", "json")));
        Assert.Equal("1 dead letter of invoice was discarded: 3.", await TextAsync(directory, "dead", "discard", "-s", "invoice", "--where", "event.data.total == 300"));
        Assert.Contains("invoice        dead", await TextAsync(directory, "messages", "trace", "2", "-t", "orders"), StringComparison.Ordinal);
        Assert.Contains("Not found: 99", await ErrorAsync(directory, 1, "dead", "discard", "-s", "invoice", "99"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dead_letter_is_changed_in_an_editor_and_nothing_typed_is_lost()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "The editor of the test is a shell script.");
        string directory = WeftProcess.Directory(Yaml(WeftProcess.FreePort()));
        await using (var weft = await WeftProcess.RunAsync(directory))
        {
            using var open = weft.Client("public");
            await PublishAsync(open, 1);
            await WeftProcess.UntilAsync(() => JsonAsync(directory, "dead", "list", "-o", "json"), list => list.GetProperty("items").GetArrayLength() == 1);
            await weft.SignalAsync("TERM");
            await weft.WaitForExitAsync();
        }

        await EditorAsync("sed -i.bak -e 's/\"total\": 100/\"total\": 1.50/' -e 's/\"type\": \"order\"/\"type\": \"order2\"/'");
        await WeftProcess.CallWithAsync(directory, new() { ["EDITOR"] = Path.Combine(directory, "editor.sh") }, "dead", "edit", "1", "-s", "invoice");
        var dead = await JsonAsync(directory, "dead", "show", "1", "-s", "invoice", "-o", "json");
        Assert.Equal("""{"id": "A-1", "total": 1.50}""", dead.GetProperty("data").GetString());
        Assert.Equal("order2", dead.GetProperty("type").GetString());

        var (exitCode, _, error) = await WeftProcess.CallWithAsync(directory, new() { ["EDITOR"] = "true" }, "dead", "edit", "1", "-s", "invoice");
        Assert.Equal((1, "Nothing was changed."), (exitCode, error));

        await EditorAsync("sed -i.bak -e 's/1.50/oops/'");
        (exitCode, _, error) = await WeftProcess.CallWithAsync(directory, new() { ["EDITOR"] = Path.Combine(directory, "editor.sh") }, "dead", "edit", "1", "-s", "invoice");
        Assert.Equal(1, exitCode);
        string kept = error[(error.LastIndexOf("What you wrote is in ", StringComparison.Ordinal) + 21)..].TrimEnd('.');
        Assert.Contains("oops", await File.ReadAllTextAsync(kept), StringComparison.Ordinal);
        Assert.Equal(2, (await WeftProcess.CallWithAsync(directory, new() { ["EDITOR"] = null, ["VISUAL"] = null }, "dead", "edit", "1", "-s", "invoice")).ExitCode);

        async Task EditorAsync(string command)
        {
            string script = Path.Combine(directory, "editor.sh");
            await File.WriteAllTextAsync(script, $"#!/bin/sh\n{command} \"$1\"\n");
#pragma warning disable CA1416 // The test is skipped on Windows.
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
#pragma warning restore CA1416
        }
    }

    private static async Task PublishAsync(HttpClient open, int number)
    {
        using var content = new StringContent(string.Create(CultureInfo.InvariantCulture, $$"""{"id": "A-{{number}}", "total": {{number * 100}}}"""), Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/topics/orders") { Content = content };
        foreach (var (name, value) in ((string, string)[])[("specversion", "1.0"), ("id", string.Create(CultureInfo.InvariantCulture, $"A-{number}")), ("source", "/tests"), ("type", "order")])
            request.Headers.Add("ce-" + name, value);
        Assert.Equal(HttpStatusCode.Accepted, (await open.SendAsync(request)).StatusCode);
    }

    private static async Task<string> TextAsync(string directory, params string[] args)
    {
        var (exitCode, output, error) = await WeftProcess.CallAsync(directory, args);
        Assert.True(exitCode == 0, error);
        return output.TrimEnd();
    }

    private static async Task<JsonElement> JsonAsync(string directory, params string[] args) => JsonDocument.Parse(await TextAsync(directory, args)).RootElement;

    private static async Task<string> ErrorAsync(string directory, int expected, params string[] args)
    {
        var (exitCode, _, error) = await WeftProcess.CallAsync(directory, args);
        Assert.Equal(expected, exitCode);
        return error;
    }

    private static IEnumerable<string?> Ids(JsonElement list) => list.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString());
}
