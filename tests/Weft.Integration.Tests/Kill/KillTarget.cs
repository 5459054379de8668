using System.Diagnostics;
using System.Globalization;
using Weft.Options;
using Weft.Testing;

namespace Weft.Integration.Tests.Kill;

/// <summary>A child process that publishes and consumes, and the record of what it said before it was killed.</summary>
internal sealed class KillTarget : IDisposable
{
    private readonly Process _process;
    private readonly History _history;
    private readonly HashSet<HistoryEvent> _open, _done = [];

    private KillTarget(Process process, History history, HashSet<HistoryEvent> open) => (_process, _history, _open) = (process, history, open);

    /// <param name="store">The database file.</param>
    /// <param name="durability">How the store is opened.</param>
    /// <param name="round">Different for each start on one store.</param>
    /// <param name="publishers">0 to deliver only.</param>
    /// <param name="history">Told what the process says.</param>
    /// <param name="open">What was acknowledged and not yet handled with success.</param>
    /// <param name="crashes">After how many crashes an event is dead; kills at random may well hit one event three times.</param>
    /// <param name="app">The database with an outbox through which it publishes; null for straight into the store.</param>
    public static KillTarget Start(string store, Durability durability, int round, int publishers, History history, HashSet<HistoryEvent> open, int crashes = 100, string? app = null)
    {
        string[] outbox = app is null ? [] : [app];
        string[] arguments = [Path.Combine(AppContext.BaseDirectory, "Weft.KillTarget.dll"), store, $"{durability}", $"{round}", $"{publishers}", $"{crashes}", .. outbox];
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_TieredPGO"] = "0";
        return new(Process.Start(start)!, history, open);
    }

    /// <summary>Reads what it says, line by line, until it is enough or the process has ended.</summary>
    /// <returns>How many lines were read.</returns>
    public async Task<int> ListenAsync(Func<int, bool> enough, CancellationToken cancellation)
    {
        int lines = 0;
        while (!enough(lines) && await _process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            lines++;
            Record(line);
        }
        return lines;
    }

    /// <summary>Kills it (SIGKILL on Unix) and reads what it had still said.</summary>
    public async Task KillAsync(CancellationToken cancellation)
    {
        _process.Kill();
        await ListenAsync(_ => false, cancellation);
        await _process.WaitForExitAsync(cancellation);
        _history.Crashed();
    }

    /// <summary>Stops it cleanly and gives its exit code.</summary>
    public async Task<int> StopAsync(CancellationToken cancellation)
    {
        _process.StandardInput.Close();
        await ListenAsync(_ => false, cancellation);
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private void Record(string line)
    {
        // The last line may have been cut off by the kill; a whole one ends with a dot.
        if (line.Split(' ') is not [var what, var key, var publisher, var sequence, "."])
            return;
        var e = new HistoryEvent(Number(key), Number(publisher), Number(sequence));
        switch (what)
        {
            case "publish":
                _history.Publishing(e);
                break;
            case "published":
                _history.Published(e);
                _open.Add(e);
                break;
            case "deliver":
                _history.Delivering(e);
                break;
            case "fail":
                _history.Delivered(e);
                break;
            case "done":
                _history.Delivered(e);
                _done.Add(e);
                break;
        }
        if (_done.Contains(e))
            _open.Remove(e);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
