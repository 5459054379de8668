using System.Diagnostics.Metrics;
using System.Globalization;
using Weft.Diagnostics;
using Weft.Options;

namespace Weft.Load.Gateway;

/// <summary>The gateways of the benchmark that are more than plain.</summary>
internal static class GatewayCases
{
    /// <summary>What a plain request may allocate, so that what creeps in is seen.</summary>
    public const double MostAllocated = 1500;

    /// <summary>What <see cref="PoliciesAsync"/> has on, for the table. A token in place of the key joins it as the gateway learns to read one.</summary>
    public const string PoliciesSentence = "API key, token bucket, breaker, retry and metrics";

    /// <summary>Which latencies are shown.</summary>
    public static readonly double[] Percents = [50, 99, 99.9];

    /// <summary>What a request has to bring for <see cref="PoliciesAsync"/>.</summary>
    public static readonly string[] PolicyFields = ["X-Api-Key: let-me-in"];

    /// <summary>A path that a route of <see cref="RoutesAsync"/> serves.</summary>
    public static string PathOf(int route) => string.Create(CultureInfo.InvariantCulture, $"/service-{route}/items/1k");

    /// <summary>Everything that a route can ask for.</summary>
    public static async Task PoliciesAsync(string upstream, CancellationToken stop)
    {
        // Somebody reads the metrics.
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == WeftMeter.Name)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
        listener.Start();
        Environment.SetEnvironmentVariable("WEFT_BENCH_KEYS", "bench let-me-in");
        await ProxyWorkers.WeftAsync(weft => weft
            .Configure(o => o with
            {
                Secrets = o.Secrets.With("keys", new() { Env = "WEFT_BENCH_KEYS" }),
                Auth = o.Auth.With("partners", new() { ApiKey = new() { Header = "X-Api-Key", Keys = "secret://keys" } }),
                Limits = o.Limits.With("each", new() { Rate = 1_000_000, Key = "request.clientAddress" }),
            })
            .Service("up", new() { Endpoints = [new() { Url = upstream }] })
            .Route("all", new() { Match = new() { Path = "/{**rest}" }, Auth = "partners", Limit = new() { AfterAuth = "each" }, Forward = new() { Service = "up" } }), stop);
    }

    /// <summary>So many routes to one service.</summary>
    public static Task RoutesAsync(string upstream, int count, CancellationToken stop) => ProxyWorkers.WeftAsync(weft => weft
        .Service("up", new() { Endpoints = [new() { Url = upstream }] })
        .Configure(o => o with { Routes = OptionsMap.Create<RouteOptions>([.. Enumerable.Range(0, count).Select(Route)]) }), stop);

    private static KeyValuePair<string, RouteOptions> Route(int place) => new(
        $"r{place}", new() { Match = new() { Path = $"/service-{place}/items/{{**rest}}" }, Forward = new() { Service = "up" } });
}
