using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace Weft.Server.Tests;

/// <summary>What a team does to a gateway in production: many routes that change all the time, and stops in the middle of the day. Real processes and sockets.</summary>
[Collection(nameof(Alone))]
public sealed class GatewayFaultTests
{
    private const int Routes = 1000, Revisions = 12;

    [Fact]
    public async Task A_thousand_routes_that_change_every_second_fail_no_request()
    {
        int port = WeftProcess.FreePort();
        await using var upstream = await InstanceAsync(port);
        string directory = WeftProcess.Directory(Gateway(port, 1)), file = Path.Combine(directory, "weft.yaml");
        await using var gateway = await WeftProcess.RunAsync(directory, "--watch");
        using var client = gateway.Client("public");
        using var probes = gateway.Client("probes");
        using var enough = new CancellationTokenSource();
        var load = Load.RunAsync(client, i => $"/r{i * 7 % Routes}/work", 8, enough.Token);
        for (int revision = 2; revision <= Revisions; revision++)
        {
            long began = Stopwatch.GetTimestamp();
            await File.WriteAllTextAsync(file + ".new", Gateway(port, revision));
            File.Move(file + ".new", file, overwrite: true);
            await WeftProcess.UntilAsync(() => client.GetStringAsync("/revision"), text => text == revision.ToString(CultureInfo.InvariantCulture));
            var left = TimeSpan.FromSeconds(1) - Stopwatch.GetElapsedTime(began);
            if (left > TimeSpan.Zero)
                await Task.Delay(left, TimeProvider.System);
        }
        await enough.CancelAsync();
        var (served, failures) = await load;
        TestContext.Current.SendDiagnosticMessage($"{served} were served over {Revisions} revisions of {Routes} routes.");
        Assert.Empty(failures);
        Assert.True(served > 1000, $"Only {served} were served.");
        Assert.DoesNotContain("pendingError", await probes.GetStringAsync("/health/ready"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SIGTERM_under_load_breaks_nothing_that_was_under_way()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are those of Unix.");
        int port = WeftProcess.FreePort();
        await using var upstream = await InstanceAsync(port);
        await using var gateway = await WeftProcess.RunAsync(WeftProcess.Directory(Gateway(port, 1)));
        // Each keeps its connections, as callers in production do.
        using var client = gateway.Client("public");
        using var enough = new CancellationTokenSource();
        var load = Load.RunAsync(client, i => i % 4 == 0 ? "/slow" : "/r1/work", 16, enough.Token, stopsWhenRefused: true);
        await WeftProcess.UntilAsync(() => Task.FromResult(Load.Served), served => served > 500);
        await gateway.SignalAsync("TERM");
        Assert.Equal(0, await gateway.WaitForExitAsync());
        await enough.CancelAsync();
        var (_, failures) = await load;
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static string Gateway(int port, int revision)
    {
        var yaml = new StringBuilder($$"""
            weft: 1
            defaults: { auth: none }
            server: { listen: [http://127.0.0.1:0], probes: http://127.0.0.1:0, log: { access: false } }
            policies: { standard: { bulkhead: off } }
            services:
              up: { endpoints: [http://127.0.0.1:{{port}}] }
              self: { stub: { "GET /revision": { body: {{revision}} } } }
            routes:
              revision: { match: { path: /revision }, forward: { service: self } }
              slow: { match: { path: /slow }, forward: { service: up } }

            """);
        // Half of the routes keep their names from revision to revision, and half are others each time.
        for (int i = 0; i < Routes; i++)
            yaml.Append(CultureInfo.InvariantCulture, $"  {(i % 2 == 0 ? $"r{i}" : $"r{i}x{revision}")}: {{ match: {{ path: \"/r{i}/{{**rest}}\", methods: [GET, {(revision % 2 == 0 ? "PUT" : "POST")}] }}, forward: {{ service: up }} }}\n");
        return yaml.ToString();
    }

    private static Task<WeftProcess> InstanceAsync(int port) => WeftProcess.RunAsync(WeftProcess.Directory($$"""
        weft: 1
        defaults: { auth: none }
        server: { listen: [http://127.0.0.1:{{port}}], log: { access: false } }
        policies: { standard: { bulkhead: off } }
        services: { self: { stub: { "GET /slow": { body: "'done'", delay: 200ms }, "GET /{name}/work": { body: "'done'" } } } }
        routes:
          all: { match: { path: "/{**rest}" }, forward: { service: self } }
        """));

    /// <summary>Callers that send one request after the other.</summary>
    private static class Load
    {
        private static int s_served;

        public static int Served => Volatile.Read(ref s_served);

        /// <returns>How many were served, and how the others failed.</returns>
        public static async Task<(int Served, List<string> Failures)> RunAsync(HttpClient client, Func<int, string> path, int callers, CancellationToken enough, bool stopsWhenRefused = false)
        {
            s_served = 0;
            var failures = new ConcurrentQueue<string>();
            await Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
            {
                for (int i = caller; !enough.IsCancellationRequested; i += callers)
                {
                    try
                    {
                        using var response = await client.GetAsync(path(i), CancellationToken.None);
                        string text = await response.Content.ReadAsStringAsync(CancellationToken.None);
                        if (response.StatusCode == HttpStatusCode.OK && text == "done")
                            Interlocked.Increment(ref s_served);
                        else
                            failures.Enqueue($"{path(i)}: {(int)response.StatusCode} {text}");
                    }
                    catch (HttpRequestException e) when (stopsWhenRefused && e.HttpRequestError == HttpRequestError.ConnectionError)
                    {
                        return; // Nobody listens any more: it never was under way.
                    }
                    catch (HttpRequestException e)
                    {
                        failures.Enqueue($"{path(i)}: {e.Message} {e.InnerException?.Message}");
                    }
                }
            }));
            return (Served, [.. failures]);
        }
    }
}
