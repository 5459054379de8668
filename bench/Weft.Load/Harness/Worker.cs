using System.Diagnostics;

namespace Weft.Load.Harness;

/// <summary>
/// A second process of a benchmark, so that the processor time of a server is not mixed with that of its clients. It
/// runs <see cref="IBenchmark.WorkAsync"/> and ends with its owner, even when the owner crashes.
/// </summary>
internal sealed class Worker : IAsyncDisposable
{
    private readonly Process _process;

    private Worker(Process process, string ready)
    {
        _process = process;
        Ready = ready;
    }

    /// <summary>The line with which the worker said that it is ready, such as its address.</summary>
    public string Ready { get; }

    /// <summary>The processor time that it has taken so far.</summary>
    public TimeSpan Processor
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The memory that it occupies now, in bytes.</summary>
    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts a worker and waits for its first line.</summary>
    /// <param name="benchmark">Whose worker it is.</param>
    /// <param name="role">Which, when the benchmark has several kinds.</param>
    /// <param name="rest">What it reads from <see cref="BenchArgs.Rest"/>.</param>
    public static Task<Worker> StartAsync(IBenchmark benchmark, string role, params string[] rest) => StartAsync(benchmark, role, null, rest);

    /// <summary>Starts a worker on one core and waits for its first line.</summary>
    /// <param name="benchmark">Whose worker it is.</param>
    /// <param name="role">Which, when the benchmark has several kinds.</param>
    /// <param name="core">The core, from 0; null for all.</param>
    /// <param name="rest">What it reads from <see cref="BenchArgs.Rest"/>.</param>
    public static async Task<Worker> StartAsync(IBenchmark benchmark, string role, int? core, string[] rest)
    {
        var start = new ProcessStartInfo(core is null ? Environment.ProcessPath! : "taskset") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in core is null ? (string[])[] : ["-c", $"{core}", Environment.ProcessPath!])
        {
            start.ArgumentList.Add(argument);
        }

        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(Worker).Assembly.Location);
        }

        foreach (var argument in (string[])[benchmark.Name, "--role", role, .. rest])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        var ready = await process.StandardOutput.ReadLineAsync();
        if (ready is null)
        {
            await process.WaitForExitAsync();
            throw new InvalidOperationException($"The worker {role} of {benchmark.Name} ended with {process.ExitCode} before it was ready.");
        }

        return new Worker(process, ready);
    }

    /// <summary>Ends the worker.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
