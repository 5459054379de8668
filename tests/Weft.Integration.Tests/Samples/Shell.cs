using System.Diagnostics;

namespace Weft.Integration.Tests.Samples;

/// <summary>Runs commands in Bash in one folder, with one PATH. What still runs is ended with it.</summary>
internal sealed class Shell(string folder, string path) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<Running> _background = [];

    /// <summary>Runs a command to its end and gives its lines, standard error included.</summary>
    public async Task<(int ExitCode, IReadOnlyList<string> Lines)> RunAsync(string command)
    {
        using var running = Start(command);
        await running.Process.WaitForExitAsync().WaitAsync(Patience);
        return (running.Process.ExitCode, running.Lines);
    }

    /// <summary>Starts a command and waits until it has printed what is expected.</summary>
    public async Task StartAsync(string command, IReadOnlyList<string> expected)
    {
        var running = Start("exec " + command);
        _background.Add(running);
        await running.PrintedAsync(expected).WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var running in _background)
        {
            running.Process.Kill(entireProcessTree: true);
            await running.Process.WaitForExitAsync();
            running.Dispose();
        }
    }

    private Running Start(string command)
    {
        var start = new ProcessStartInfo("bash") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardInput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec 2>&1\n" + command);
        start.Environment["PATH"] = path;
        start.Environment["NO_COLOR"] = "1";
        return new Running(Process.Start(start)!);
    }

    /// <summary>A process and the lines that it has printed so far.</summary>
    private sealed class Running : IDisposable
    {
        private readonly Lock _gate = new();
        private readonly List<string> _lines = [];
        private readonly TaskCompletionSource _printed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private IReadOnlyList<string>? _awaited;

        public Running(Process process)
        {
            Process = process;
            process.StandardInput.Close();
            process.OutputDataReceived += (_, line) => OnLine(line.Data);
            process.BeginOutputReadLine();
        }

        public Process Process { get; }

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_gate)
                    return [.. _lines];
            }
        }

        public Task PrintedAsync(IReadOnlyList<string> expected)
        {
            lock (_gate)
            {
                _awaited = expected;
                Check(ended: false);
            }
            return _printed.Task;
        }

        public void Dispose() => Process.Dispose();

        private void OnLine(string? line)
        {
            lock (_gate)
            {
                if (line is not null)
                    _lines.Add(line);
                Check(ended: line is null);
            }
        }

        private void Check(bool ended)
        {
            if (_awaited is not null && Session.Appeared(_awaited, _lines))
                _printed.TrySetResult();
            else if (ended)
                _printed.TrySetException(new InvalidOperationException($"The process ended before it had printed what was expected:\n{string.Join('\n', _lines)}"));
        }
    }
}
