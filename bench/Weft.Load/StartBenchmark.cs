using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Weft.Load.Harness;

namespace Weft.Load;

/// <summary>How long a process takes until it listens, and what it occupies when it is idle: `weft run` beside an ASP.NET Core app that does nothing.</summary>
internal sealed class StartBenchmark : IBenchmark
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    public string Name => "start";

    public string Sentence => "Time from start to listening and idle memory of weft run with the first sample, beside an empty ASP.NET Core app.";

    public async Task<Report> RunAsync(BenchArgs args)
    {
        string root = Root();
        await RunToEndAsync(Path.Combine(root, "weft"), "version");
        string folder = Directory.CreateTempSubdirectory("weft-start").FullName;
        string file = Path.Combine(folder, "weft.yaml");
        string sample = await File.ReadAllTextAsync(Path.Combine(root, "samples", "first", "weft.yaml"));
        await File.WriteAllTextAsync(file, sample.Replace(":8080", ":0", StringComparison.Ordinal).Replace(":9090", ":0", StringComparison.Ordinal));

        List<(double Ms, double Mb)> weft = [], empty = [];
        for (int round = 0; round < (args.Quick ? 3 : 11); round++)
        {
            weft.Add(await WeftAsync(root, file));
            empty.Add(await EmptyAsync());
        }
        Directory.Delete(folder, recursive: true);

        var table = new Table("Process", "Start to listening, ms (median)", "min–max", "Idle memory, MB (median)");
        foreach (var (name, all) in new[] { ("weft run samples/first", weft), ("ASP.NET Core, empty", empty) })
            table.Row(name, $"{Median(all.Select(x => x.Ms)):F0}", $"{all.Min(x => x.Ms):F0}–{all.Max(x => x.Ms):F0}", $"{Median(all.Select(x => x.Mb)):F0}");
        var report = new Report();
        report.Tables.Add(table);
        report.Notes.Add($"Memory is the resident set after {Idle.TotalSeconds} s without work. weft opens its store at the start.");
        return report;
    }

    public async Task WorkAsync(string role, BenchArgs args, CancellationToken stop)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/", () => Results.Ok());
        await app.StartAsync(CancellationToken.None);
        Console.WriteLine(app.Urls.Single());
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await app.DisposeAsync();
    }

    private static async Task<(double Ms, double Mb)> WeftAsync(string root, string file)
    {
        var start = new ProcessStartInfo(Path.Combine(root, "src", "Weft.Server", "bin", "Release", "net10.0", "Weft.Server"), ["run", "-f", file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        long begin = TimeProvider.System.GetTimestamp();
        using var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line && !line.StartsWith("Ready", StringComparison.Ordinal))
        {
            // The tables come first.
        }
        double ms = TimeProvider.System.GetElapsedTime(begin).TotalMilliseconds;
        await Task.Delay(Idle, TimeProvider.System);
        process.Refresh();
        double mb = process.WorkingSet64 / 1048576.0;
        process.Kill();
        await process.WaitForExitAsync();
        return (ms, mb);
    }

    private async Task<(double Ms, double Mb)> EmptyAsync()
    {
        long begin = TimeProvider.System.GetTimestamp();
        await using var worker = await Worker.StartAsync(this, "empty");
        double ms = TimeProvider.System.GetElapsedTime(begin).TotalMilliseconds;
        await Task.Delay(Idle, TimeProvider.System);
        return (ms, worker.WorkingSet / 1048576.0);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static async Task RunToEndAsync(string program, string argument)
    {
        using var process = Process.Start(program, argument);
        await process.WaitForExitAsync();
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Weft.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The repository was not found above the program.");
    }
}
