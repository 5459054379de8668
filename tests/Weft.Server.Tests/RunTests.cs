using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Weft.Server.Tests;

public sealed class RunTests
{
    private const string Yaml = """
        weft: 1
        name: tests
        defaults: { auth: none }
        server:
          listen: [http://127.0.0.1:0]
          probes: http://127.0.0.1:0
          admin: { listen: http://127.0.0.1:0 }
        connections: { main: { sqlite: data/tests.db } }
        services:
          catalog:
            stub:
              "GET /fast": { body: { answer: 1 } }
              "GET /slow": { body: { answer: 2 }, delay: 2s }
              "POST /bad": { status: 422 }
        routes:
          fast: { match: { path: /fast }, forward: { service: catalog } }
          slow: { match: { path: /slow }, forward: { service: catalog } }
        topics:
          orders: { accept: {} }
        subscriptions:
          invoice: { from: orders, push: { service: catalog, path: /bad } }

        """;

    [Fact]
    public async Task It_serves_what_the_file_says_and_each_address_its_own()
    {
        string directory = WeftProcess.Directory(Yaml);
        await using var weft = await WeftProcess.RunAsync(directory);
        using var open = weft.Client("public");
        Assert.Equal("""{"answer":1}""", await open.GetStringAsync("/fast"));
        foreach (string path in (string[])["/health/ready", "/metrics", "/api/config"])
            Assert.Equal(HttpStatusCode.NotFound, (await open.GetAsync(path)).StatusCode);

        using var probes = weft.Client("probes");
        Assert.Equal(HttpStatusCode.OK, (await probes.GetAsync("/health/ready")).StatusCode);
        Assert.Contains("weft_config_pending 0", (await probes.GetStringAsync("/metrics")).Replace("{otel_scope_name=\"Weft\"}", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await probes.GetAsync("/fast")).StatusCode);

        using var admin = weft.Client("admin");
        Assert.Equal(HttpStatusCode.Unauthorized, (await admin.GetAsync("/fast")).StatusCode);
        string token = Directory.GetFiles(Path.Combine(directory, "state"), "admin.token", SearchOption.AllDirectories).Single();
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(token));
        admin.DefaultRequestHeaders.Authorization = new("Bearer", (await File.ReadAllTextAsync(token)).Trim());
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync("/fast")).StatusCode);
        Assert.Contains("\"name\":\"tests\"", (await admin.GetStringAsync("/api/config")).Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_file_starts_nothing_and_shows_every_error()
    {
        string directory = WeftProcess.Directory(Yaml + "colour: red\nlimits: 7\n");
        var (exitCode, output, error) = await WeftProcess.CallAsync(directory, "run");
        Assert.Equal(78, exitCode);
        Assert.Empty(output);
        Assert.Contains("colour", error, StringComparison.Ordinal);
        Assert.Contains("limits", error, StringComparison.Ordinal);
        Assert.Contains("2 errors", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(directory, "data")));
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        string directory = WeftProcess.Directory(Yaml.Replace("[http://127.0.0.1:0]", $"[http://127.0.0.1:{port}]", StringComparison.Ordinal));
        var (exitCode, _, error) = await WeftProcess.CallAsync(directory, "run");
        Assert.Equal(69, exitCode);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port} is in use"), error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_in_use_is_named()
    {
        string directory = WeftProcess.Directory(Yaml);
        await using var weft = await WeftProcess.RunAsync(directory);
        var (exitCode, _, error) = await WeftProcess.CallAsync(directory, "run");
        Assert.Equal(69, exitCode);
        Assert.Contains("WEFT3001", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SIGTERM_lets_a_slow_request_finish()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are those of Unix.");
        await using var weft = await WeftProcess.RunAsync(WeftProcess.Directory(Yaml));
        using var client = weft.Client("public");
        var slow = client.GetStringAsync("/slow");
        await client.GetStringAsync("/fast");
        await weft.SignalAsync("TERM");
        Assert.Equal("""{"answer":2}""", await slow);
        Assert.Equal(0, await weft.WaitForExitAsync());
    }

    [Fact]
    public async Task A_second_signal_ends_at_once()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are those of Unix.");
        await using var weft = await WeftProcess.RunAsync(WeftProcess.Directory(Yaml.Replace("delay: 2s", "delay: 9s", StringComparison.Ordinal)));
        using var client = weft.Client("public");
        var slow = client.GetStringAsync("/slow");
        await client.GetStringAsync("/fast");
        await weft.SignalAsync("TERM");
        await WeftProcess.UntilAsync(() => Task.FromResult(weft.Error), e => e.Contains("second signal", StringComparison.Ordinal));
        await weft.SignalAsync("TERM");
        Assert.Equal(1, await weft.WaitForExitAsync());
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => slow);
    }

    [Fact]
    public async Task A_watched_file_is_followed_and_a_bad_one_is_not()
    {
        string directory = WeftProcess.Directory(Yaml);
        string file = Path.Combine(directory, "weft.yaml");
        await using var weft = await WeftProcess.RunAsync(directory, "--watch");
        using var client = weft.Client("public");
        using var probes = weft.Client("probes");

        await File.WriteAllTextAsync(file, Yaml.Replace("{ answer: 1 }", "{ answer: two", StringComparison.Ordinal));
        await WeftProcess.UntilAsync(() => probes.GetStringAsync("/health/ready"), t => t.Contains("pendingError", StringComparison.Ordinal));
        Assert.Equal("""{"answer":1}""", await client.GetStringAsync("/fast"));

        // As editors save: a new file in the place of the old one.
        await File.WriteAllTextAsync(file + ".new", Yaml.Replace("answer: 1", "answer: 3", StringComparison.Ordinal));
        File.Delete(file);
        File.Move(file + ".new", file);
        await WeftProcess.UntilAsync(() => client.GetStringAsync("/fast"), t => t.Contains('3', StringComparison.Ordinal));
        // Routes change over a moment before the whole revision is in force and the error is forgotten.
        await WeftProcess.UntilAsync(() => probes.GetStringAsync("/health/ready"), t => !t.Contains("pendingError", StringComparison.Ordinal));

        await File.WriteAllTextAsync(file, Yaml.Replace("listen: [http://127.0.0.1:0]", "listen: [http://127.0.0.1:1]", StringComparison.Ordinal));
        await WeftProcess.UntilAsync(() => probes.GetStringAsync("/health/ready"), t => t.Contains("needs a restart", StringComparison.Ordinal));
        Assert.Equal("""{"answer":3}""", await client.GetStringAsync("/fast"));
    }

    [Fact]
    public async Task Only_runs_what_it_names()
    {
        await using var weft = await WeftProcess.RunAsync(WeftProcess.Directory(Yaml), "--only", "routes.fast");
        using var client = weft.Client("public");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/fast")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/slow")).StatusCode);
        Assert.DoesNotContain("invoice", weft.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_is_checked_and_backed_up_while_it_runs_and_restored_by_putting_the_file_back()
    {
        string directory = WeftProcess.Directory(Yaml);
        var none = await WeftProcess.CallAsync(directory, "store", "check");
        Assert.Equal((69, true), (none.ExitCode, none.Error.Contains("WEFT3022", StringComparison.Ordinal)));
        await using (var weft = await WeftProcess.RunAsync(directory))
        {
            using var client = weft.Client("public");
            await PublishAsync(client, "kept");
            Assert.Contains("1 topics, 1 subscriptions: sound.", (await WeftProcess.CallAsync(directory, "store", "check")).Out, StringComparison.Ordinal);
            var backup = await WeftProcess.CallAsync(directory, "store", "backup", "main", "--to", "backup.db");
            Assert.True(backup.ExitCode == 0, backup.Error);
            Assert.Equal(69, (await WeftProcess.CallAsync(directory, "store", "upgrade")).ExitCode);
            await PublishAsync(client, "lost");
            await weft.SignalAsync("TERM");
            await weft.WaitForExitAsync();
        }
        Assert.Equal(2, (await WeftProcess.CallAsync(directory, "store", "check", "nope")).ExitCode);
        string store = Path.Combine(directory, "data", "tests.db");
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(store)!, "tests.db*"))
            File.Delete(file);
        File.Move(Path.Combine(directory, "backup.db"), store);
        Assert.Contains("\"topics\":1", (await WeftProcess.CallAsync(directory, "store", "check", "-o", "json")).Out, StringComparison.Ordinal);
        Assert.Contains("which is the newest", (await WeftProcess.CallAsync(directory, "store", "upgrade")).Out, StringComparison.Ordinal);
        var (_, messages, _) = await WeftProcess.CallAsync(directory, "messages", "list", "-t", "orders", "-o", "json");
        Assert.Contains("kept", messages, StringComparison.Ordinal);
        Assert.DoesNotContain("lost", messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_sees_and_discards_dead_letters_whether_it_runs_or_not()
    {
        int port = WeftProcess.FreePort();
        string directory = WeftProcess.Directory(Yaml.Replace("admin: { listen: http://127.0.0.1:0 }", $"admin: {{ listen: http://127.0.0.1:{port} }}", StringComparison.Ordinal));
        await using (var weft = await WeftProcess.RunAsync(directory))
        {
            using var client = weft.Client("public");
            foreach (string id in (string[])["a", "b"])
                await PublishAsync(client, id);
            var list = await WeftProcess.UntilAsync(
                () => WeftProcess.CallAsync(directory, "dead", "list"), r => r.Out.Contains(" b ", StringComparison.Ordinal));
            Assert.Contains("status-422", list.Out, StringComparison.Ordinal);
            Assert.Contains("1 dead letter of invoice was discarded: 1", (await WeftProcess.CallAsync(directory, "dead", "discard", "1", "-s", "invoice")).Out, StringComparison.Ordinal);
            Assert.Contains("paused", (await WeftProcess.CallAsync(directory, "subscriptions", "pause", "invoice")).Out, StringComparison.Ordinal);
            await weft.SignalAsync("TERM");
            Assert.Equal(0, await weft.WaitForExitAsync());
        }

        var (exitCode, output, error) = await WeftProcess.CallAsync(directory, "dead", "list", "-o", "json");
        Assert.True(exitCode == 0, error);
        Assert.Contains("\"id\":\"b\"", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\"id\":\"a\"", output, StringComparison.Ordinal);
        // It was paused before the process ended, and stays so until somebody ends it, whether anything runs or not.
        Assert.Contains("paused", (await WeftProcess.CallAsync(directory, "subscriptions", "list")).Out, StringComparison.Ordinal);
        Assert.Contains("resumed", (await WeftProcess.CallAsync(directory, "subscriptions", "resume", "invoice")).Out, StringComparison.Ordinal);
        Assert.Contains("stopped", (await WeftProcess.CallAsync(directory, "subscriptions", "list")).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await WeftProcess.CallAsync(directory, "subscriptions", "pause", "invoice")).ExitCode);
        Assert.NotEqual(0, (await WeftProcess.CallAsync(directory, "subscriptions", "pause", "nobody")).ExitCode);
    }

    private static async Task PublishAsync(HttpClient client, string id)
    {
        using var content = new StringContent($$"""{"specversion":"1.0","id":"{{id}}","source":"/tests","type":"order"}""", Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json");
        Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync("/topics/orders", content)).StatusCode);
    }
}
