using System.Globalization;
using System.Text.RegularExpressions;
using Weft.Load.Harness;

namespace Weft.Load.Gateway;

/// <summary>A proxy that is measured, in a process of its own on one core.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="Processor">The processor time that it has taken so far.</param>
/// <param name="WorkingSet">The memory that it occupies, in bytes.</param>
/// <param name="Allocates">Whether it can say how much it has allocated.</param>
internal sealed partial record Contender(string Name, string Address, Func<TimeSpan> Processor, Func<long> WorkingSet, bool Allocates = true)
{
    private const int Connections = 32;

    /// <summary>The core of the proxies; load and upstream have the other one.</summary>
    public const int ProxyCore = 0, OtherCore = 1;

    /// <summary>What is asked for.</summary>
    public string Path { get; init; } = "/1k";

    /// <summary>Fields of the request, as wrk takes them.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>One in a worker.</summary>
    public static Contender Of(string name, Worker worker) => new(name, worker.Ready, () => worker.Processor, () => worker.WorkingSet);

    /// <summary>Asks as fast as it answers, and measures that.</summary>
    public async Task<Sample> SampleAsync(int seconds)
    {
        using var client = new HttpClient();
        async Task<long> AllocatedAsync() => Allocates ? long.Parse(await client.GetStringAsync(Address + ProxyWorkers.AllocatedPath), CultureInfo.InvariantCulture) : 0;
        var (allocated, processor) = (await AllocatedAsync(), Processor());
        var (requests, elapsed) = await LoadAsync(seconds);
        return new Sample(requests, elapsed, Processor() - processor, await AllocatedAsync() - allocated);
    }

    /// <summary>Asks as fast as it answers.</summary>
    public async Task<(long Requests, TimeSpan Elapsed)> LoadAsync(int seconds)
    {
        var fields = Fields.SelectMany(f => (string[])["-H", f]);
        string[] arguments = ["-c", $"{OtherCore}", "wrk", "-t", "1", "-c", $"{Connections}", "-d", $"{seconds}s", .. fields, Address + Path];
        var output = await ProxyUpstream.RunAsync("taskset", arguments);
        if (Errors().IsMatch(output))
            throw new InvalidOperationException($"Requests to {Name} failed: {output}");
        return Requests().Match(output) is { Success: true } match
            ? (long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(seconds))
            : throw new InvalidOperationException($"No figures for {Name}: {output}");
    }

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();

    [GeneratedRegex("Non-2xx|Socket errors")]
    private static partial Regex Errors();
}
