using System.Net;

namespace Weft.Server.Tests;

/// <summary>A gateway and three instances on sockets: one is killed, one fails while it says that it is well.</summary>
[Collection(nameof(Alone))]
public sealed class BalancingTests
{
    [Fact]
    public async Task One_instance_killed_under_load_goes_unnoticed_once_it_is_detected()
    {
        int[] ports = [WeftProcess.FreePort(), WeftProcess.FreePort(), WeftProcess.FreePort()];
        var killed = await InstanceAsync(ports[0], 200);
        await using var second = await InstanceAsync(ports[1], 200);
        await using var third = await InstanceAsync(ports[2], 200);
        await using var gateway = await WeftProcess.RunAsync(WeftProcess.Directory(Gateway(ports)));
        Assert.Equal(300, await LoadAsync(gateway, 300));

        var load = LoadAsync(gateway, 3000);
        await killed.DisposeAsync();
        var before = await load;
        await WeftProcess.UntilAsync(() => Task.FromResult(Log(gateway)), log => log.Contains($"WEFT7013 up 127.0.0.1:{ports[0]}", StringComparison.Ordinal));
        var good = await LoadAsync(gateway, 5000);
        var said = $"{before} of 3000 were good while it was killed, {good} of 5000 after.";
        TestContext.Current.SendDiagnosticMessage(said);
        Assert.True(good >= 0.999 * 5000, said);

        await using var again = await InstanceAsync(ports[0], 200);
        await WeftProcess.UntilAsync(() => Task.FromResult(Log(gateway)), log => log.Contains($"WEFT7014 up 127.0.0.1:{ports[0]}", StringComparison.Ordinal));
        Assert.Equal(300, await LoadAsync(gateway, 300));
    }

    [Fact]
    public async Task One_that_fails_while_its_health_check_passes_is_taken_out_and_said_to_be()
    {
        int[] ports = [WeftProcess.FreePort(), WeftProcess.FreePort(), WeftProcess.FreePort()];
        await using var first = await InstanceAsync(ports[0], 200);
        await using var failing = await InstanceAsync(ports[1], 500);
        await using var third = await InstanceAsync(ports[2], 200);
        string directory = WeftProcess.Directory(Gateway(ports, admin: true));
        await using var gateway = await WeftProcess.RunAsync(directory);
        await LoadAsync(gateway, 500);
        await WeftProcess.UntilAsync(() => Task.FromResult(Log(gateway)), log => log.Contains($"WEFT7010 up 127.0.0.1:{ports[1]}", StringComparison.Ordinal));
        var good = await LoadAsync(gateway, 1000);
        Assert.Equal(1000, good);

        var (_, said, _) = await WeftProcess.CallAsync(directory, "explain", "policy", "standard", "--live", "--url", gateway.Address("admin").ToString());
        Assert.Contains($"up 127.0.0.1:{ports[1]} is ejected: its calls failed", said, StringComparison.Ordinal);
    }

    private static string Gateway(int[] ports, bool admin = false) => $$"""
        weft: 1
        defaults: { auth: none }
        server: { listen: [http://127.0.0.1:0], log: { access: false }{{(admin ? ", admin: { listen: http://127.0.0.1:0 }" : "")}} }
        services:
          up:
            endpoints: [{{string.Join(", ", ports.Select(p => $"http://127.0.0.1:{p}"))}}]
            health: { active: { every: 500ms, timeout: 400ms, down: 2 }, outlier: { consecutive5xx: 3, eject: 1m } }
        routes: { work: { match: { path: /work }, forward: { service: up } } }
        """;

    private static Task<WeftProcess> InstanceAsync(int port, int status) => WeftProcess.RunAsync(WeftProcess.Directory($$"""
        weft: 1
        defaults: { auth: none }
        server: { listen: [http://127.0.0.1:{{port}}], log: { access: false } }
        policies: { standard: { bulkhead: off, breaker: off, retry: off } }
        services: { self: { stub: { "GET /work": { status: {{status}}, body: "'done'" }, "GET /healthz": { body: "'well'" } } } }
        routes:
          work: { match: { path: /work }, forward: { service: self } }
          healthz: { match: { path: /healthz }, forward: { service: self } }
        """));

    private static string Log(WeftProcess process) => process.Out + process.Error;

    /// <summary>Sends requests over a few connections, one after the other on each.</summary>
    /// <returns>How many were answered well.</returns>
    private static async Task<int> LoadAsync(WeftProcess gateway, int requests)
    {
        using var client = gateway.Client("public");
        var (left, good) = (requests, 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                using var response = await client.GetAsync("/work");
                if (response.StatusCode == HttpStatusCode.OK && await response.Content.ReadAsStringAsync() == "done")
                    Interlocked.Increment(ref good);
            }
        }));
        return good;
    }
}
