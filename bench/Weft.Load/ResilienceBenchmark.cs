using System.Globalization;
using System.Text.RegularExpressions;
using Weft.Load.Expressions;
using Weft.Load.Harness;
using Weft.Load.Resilience;
using Weft.Options;

namespace Weft.Load;

/// <summary>What policies cost: strategies beside Polly's, the parts by themselves, the pipeline of calls, and a proxied request with and without them.</summary>
internal sealed partial class ResilienceBenchmark : IBenchmark
{
    private const int Connections = 32;

    public string Name => "resilience";

    public string Sentence => "circuit breaker, retry, timeouts, bulkhead and the whole pipeline of calls, beside Polly's strategies";

    public async Task<Report> RunAsync(BenchArgs args)
    {
        var single = await MeasureAsync(args, Strategies.Single());
        var standard = await MeasureAsync(args, Strategies.Standard());
        var rejected = await MeasureAsync(args, Strategies.Rejected());
        var parts = await MeasureAsync(args, Parts.All());
        var calls = await MeasureAsync(args, Parts.Calls());
        var choices = await MeasureAsync(args, Choices.All());
        var proxied = await ProxiedAsync(args);

        var report = new Report();
        report.AddVersionOf(typeof(Polly.ResiliencePipeline));
        report.Tables.Add(Table("One strategy in a pipeline of Polly", single, Strategies.Host));
        report.Tables.Add(Table("The usual pipeline", standard, Strategies.PollyStandard));
        report.Tables.Add(Table("A call that is rejected", rejected, Strategies.PollyOpen));
        report.Tables.Add(Table("Parts by themselves", parts, Parts.Clock));
        report.Tables.Add(Table("The pipeline of all calls of Weft", calls, Parts.Bare));
        report.Tables.Add(Table("Choosing an instance, with its breaker and what is learned", choices, Choices.Of(BalanceAlgorithm.RoundRobin, 3)));
        var table = new Table("A proxied GET, 1 KB, 32 connections", "CPU µs/request", "requests/s");
        foreach (var one in proxied)
            table.Row(one.Name, Figures.Short(one.Of(s => s.ProcessorMicroseconds)), Figures.Short(one.Of(s => s.PerSecond)));
        report.Tables.Add(table);
        report.Notes.Add("What is called ends at once. The parts take the time that their attempt has read: an attempt reads the clock once when it begins and once when it ends. "
            + "Strategies of Polly run through ExecuteOutcomeAsync, without telemetry. One thread; figures are medians of samples, ratios are taken round by round.");
        AddBounds(report, single, standard, rejected, parts, calls);
        report.Bounds.Add(Bound.AtMost("choosing an instance, of 3 or 100, allocated", choices.Max(c => c.Bytes()), 0, "B"));
        report.Bounds.Add(Bound.AtMost("all policies on a proxied request, processor time", proxied[0].BeyondOf(proxied[1], s => s.ProcessorMicroseconds).Median, 5, "µs"));
        return report;
    }

    public Task WorkAsync(string role, BenchArgs args, CancellationToken stop) => role switch
    {
        "standard" or "none" => ProxyWorkers.WeftAsync(args.Rest[0], stop, policy: role),
        _ => throw new NotSupportedException($"The benchmark {Name} has no worker {role}."),
    };

    private static void AddBounds(Report report, IReadOnlyList<Series> single, IReadOnlyList<Series> standard, IReadOnlyList<Series> rejected, IReadOnlyList<Series> parts, IReadOnlyList<Series> calls)
    {
        Series breaker = single.Of(Strategies.WeftBreaker), host = single.Of(Strategies.Host);
        report.Bounds.Add(Bound.AtMost("breaker, closed, beyond the pipeline around it", breaker.BeyondOf(host, ExpressionsBenchmark.Each).Median, 15, "ns"));
        report.Bounds.Add(Bound.AtMost("breaker, closed, allocated", breaker.Bytes(), 0, "B"));
        report.Bounds.Add(Bound.AtMost("adaptive timeout, asked and recorded", parts.Of(Parts.AdaptiveTimeout).Nanoseconds(), 25, "ns"));
        report.Bounds.Add(Bound.AtMost("adaptive timeout, allocated", parts.Of(Parts.AdaptiveTimeout).Bytes(), 0, "B"));
        Series ours = standard.Of(Strategies.WeftStandard), theirs = standard.Of(Strategies.PollyStandard);
        report.Bounds.Add(Bound.AtMost("the usual pipeline against Polly's five strategies", ours.RatioTo(theirs, ExpressionsBenchmark.Each).Median, 1, "x"));
        report.Bounds.Add(Bound.AtMost("the usual pipeline, allocated", ours.Bytes(), 0, "B"));
        report.Bounds.Add(Bound.AtMost("a call under the policy standard, allocated", calls.Of(Parts.Pipeline).Bytes(), 0, "B"));
        report.Bounds.Add(Bound.AtMost("a call under the policy standard against Polly's five strategies", calls.Of(Parts.Pipeline).Nanoseconds() / theirs.Nanoseconds(), 1, "x"));
        report.Bounds.Add(Bound.AtMost("open breaker, rejected", rejected.Of(Strategies.WeftOpen).Nanoseconds(), 100, "ns"));
        report.Bounds.Add(Bound.AtMost("open breaker, allocated", rejected.Of(Strategies.WeftOpen).Bytes(), 0, "B"));
    }

    private async Task<IReadOnlyList<Series>> ProxiedAsync(BenchArgs args)
    {
        await using var nginx = await ProxyUpstream.StartAsync();
        await using var standard = await Worker.StartAsync(this, "standard", nginx.Address);
        await using var none = await Worker.StartAsync(this, "none", nginx.Address);
        await LoadAsync(standard.Ready, args.Pick(1, 8));
        await LoadAsync(none.Ready, args.Pick(1, 8));
        // Many short rounds: what is looked for is a small difference between two large figures.
        const int seconds = 2;
        return await Measure.InterleavedAsync(
            args.Rounds * args.Pick(1, 5),
            new Subject("policy standard", () => Measure.OnceAsync(standard, () => LoadAsync(standard.Ready, seconds))),
            new Subject("policy none", () => Measure.OnceAsync(none, () => LoadAsync(none.Ready, seconds))));
    }

    private static async Task<long> LoadAsync(string address, int seconds)
    {
        var output = await ProxyUpstream.RunAsync("wrk", "-t", "1", "-c", $"{Connections}", "-d", $"{seconds}s", address + "/1k");
        return Requests().Match(output) is { Success: true } match && !Errors().IsMatch(output)
            ? long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"Requests to {address} failed: {output}");
    }

    private static Task<IReadOnlyList<Series>> MeasureAsync(BenchArgs args, IEnumerable<Entrant> entrants) =>
        Measure.InterleavedAsync(args.Rounds, [.. entrants.Select(e => Repeat.Subject(e.Name, args, e.Work))]);

    private static Table Table(string title, IReadOnlyList<Series> all, string baseline)
    {
        var table = new Table(title, "ns", "B", $"Against {baseline}");
        foreach (var one in all)
            table.Row(one.Name, Figures.Short(one.Of(ExpressionsBenchmark.Each)), Figures.Short(one.Bytes()), Figures.Short(one.RatioTo(all.Of(baseline), ExpressionsBenchmark.Each)));
        return table;
    }

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();

    [GeneratedRegex("Non-2xx|Socket errors")]
    private static partial Regex Errors();
}
