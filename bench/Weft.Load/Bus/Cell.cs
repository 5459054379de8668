using System.Diagnostics;
using Weft.Load.Cells;
using Weft.Load.Harness;

namespace Weft.Load.Bus;

/// <summary>A measurement in a process of its own, over a store that nobody has used before.</summary>
internal static class Cell
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(3);

    /// <summary>Runs a role of this program.</summary>
    public static Task<CellResult> RoleAsync(string role, params string[] args) =>
        RunAsync(Environment.ProcessPath!, ["bus", "--role", role, .. args]);

    /// <summary>Runs the program of a peer, which lies beside this one.</summary>
    public static Task<CellResult> PeerAsync(string peer, params string[] args) => RunAsync(PathOf(peer), args);

    /// <summary>The version of a package that a peer was built with.</summary>
    public static string VersionOf(string peer, string assembly) =>
        FileVersionInfo.GetVersionInfo(Path.Combine(Path.GetDirectoryName(PathOf(peer))!, assembly + ".dll")).ProductVersion?.Split('+')[0] ?? "unknown";

    private static string PathOf(string peer) =>
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", $"Weft.Load.{peer}", "bin", "Release", "net10.0", $"Weft.Load.{peer}"));

    private static async Task<CellResult> RunAsync(string program, string[] args)
    {
        // Standard input stays open: a role ends when it does.
        var start = new ProcessStartInfo(program, args) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(s_longest);
        using var kill = patience.Token.Register(() => process.Kill(entireProcessTree: true));
        var errors = process.StandardError.ReadToEndAsync();
        CellResult? result = null;
        string output = "";
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            result = CellResult.TryRead(line) ?? result;
            output += line + Environment.NewLine;
        }
        await process.WaitForExitAsync();
        if (result is null || process.ExitCode != 0)
            throw new InvalidOperationException($"{Path.GetFileName(program)} {string.Join(' ', args)} ended with {process.ExitCode}: {output}{await errors}");
        return result;
    }
}

/// <summary>The results of one subject, round by round.</summary>
internal sealed record CellSeries(string Name, IReadOnlyList<CellResult> Results)
{
    /// <summary>A figure over the rounds; not a number when a round has lost something, since it counts for nothing then.</summary>
    public Spread Of(string figure) => Whole(Results.Select(r => r["lost"] > 0 ? double.NaN : r[figure]));

    /// <summary>A figure as a multiple of another subject's, round by round.</summary>
    public Spread RatioTo(CellSeries other, string figure, string othersFigure) => Whole(Results.Zip(other.Results, (mine, others) => mine[figure] / others[othersFigure]));

    /// <summary>The sum over the rounds.</summary>
    public double Sum(string figure) => Results.Sum(r => r[figure]);

    /// <summary>Runs all subjects in turn, forwards and backwards, round after round.</summary>
    public static async Task<IReadOnlyList<CellSeries>> InterleavedAsync(int rounds, IReadOnlyList<(string Name, Func<Task<CellResult>> Run)> subjects)
    {
        var results = subjects.Select(_ => new List<CellResult>()).ToArray();
        for (int round = 0; round < rounds; round++)
        {
            for (int turn = 0; turn < subjects.Count; turn++)
            {
                int i = round % 2 == 0 ? turn : subjects.Count - 1 - turn;
                var result = await subjects[i].Run();
                await Console.Error.WriteLineAsync($"{round + 1}/{rounds} {subjects[i].Name}: {result}");
                results[i].Add(result);
            }
        }
        return [.. subjects.Select((subject, i) => new CellSeries(subject.Name, results[i]))];
    }

    private static Spread Whole(IEnumerable<double> figures)
    {
        double[] all = [.. figures];
        return Array.Exists(all, double.IsNaN) ? new(double.NaN, double.NaN, double.NaN) : Spread.Of(all);
    }
}
