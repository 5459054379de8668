using System.Diagnostics;
using System.Globalization;
using Weft.Testing;

namespace Weft.Postgres.Tests.Nodes;

/// <summary>A process that publishes and handles, and what it says.</summary>
internal sealed class NodeProcess : IDisposable
{
    private static int s_starts;

    private readonly Process _process;
    private readonly NodeHistory _history;
    private readonly Task _listening;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously), _quiet = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NodeProcess(Process process, int start, NodeHistory history)
    {
        (_process, Number, _history) = (process, start, history);
        _listening = ListenAsync();
    }

    /// <summary>Different for each start.</summary>
    public int Number { get; }

    /// <summary>Whether it has come as far as to handle and publish.</summary>
    public Task Started => _started.Task;

    public static NodeProcess Start(NodeRig rig, int publishers, int pause = 5, bool fails = false)
    {
        int start = Interlocked.Increment(ref s_starts);
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "Weft.KillTarget.dll"), "node", rig.Url, rig.Effects, $"{start}", $"{publishers}", $"{NodeRig.Keys}", $"{pause}", $"{fails}",
        ];
        var info = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        info.Environment["DOTNET_TieredPGO"] = "0";
        info.Environment["DOTNET_gcServer"] = "0";
        return new(Process.Start(info)!, start, rig.History);
    }

    /// <summary>SIGKILL, and what it had still said.</summary>
    public async Task<long> KillAsync()
    {
        long at = Now;
        _process.Kill();
        await _process.WaitForExitAsync();
        _history.Ended(Number, Now);
        await _listening;
        return at;
    }

    /// <summary>SIGSTOP for a time, then SIGCONT. With <paramref name="outlives"/> for longer than its lease.</summary>
    public async Task StopForAsync(TimeSpan time, bool outlives)
    {
        await SignalAsync("STOP");
        long from = Now;
        await Task.Delay(time);
        long to = Now;
        if (outlives)
            _history.Stopped(Number, from, to);
        await SignalAsync("CONT");
    }

    public Task SignalAsync(string signal) => NodeRig.RunAsync("kill", $"-{signal}", $"{_process.Id}");

    /// <summary>Has it publish nothing more.</summary>
    public async Task QuietAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync();
        await _quiet.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    /// <summary>Stops it cleanly.</summary>
    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        await _listening;
        _history.Ended(Number, Now);
        Assert.Equal(0, _process.ExitCode);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    public static long Now => TimeProvider.System.GetTimestamp();

    // On a thread of the pool, one line at a time; the last one may have been cut off, and a whole one ends with a dot.
    private async Task ListenAsync()
    {
        await Task.Yield();
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Split(' ') is not [var at, var what, var key, var publisher, var sequence, "."])
                continue;
            if (what == "started")
                _started.TrySetResult();
            else if (what == "quiet")
                _quiet.TrySetResult();
            else
                _history.Add(new(long.Parse(at, CultureInfo.InvariantCulture), Number, what, new HistoryEvent(Int(key), Int(publisher), Int(sequence))));
        }
        _started.TrySetException(new InvalidOperationException("The process has ended."));
        _ = _started.Task.Exception;
        _quiet.TrySetResult();
    }

    private static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
