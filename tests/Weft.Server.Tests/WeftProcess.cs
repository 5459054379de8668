using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Weft.Server.Tests;

/// <summary>The built command as a process of its own, in a directory of its own.</summary>
internal sealed class WeftProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _out = new();
    private readonly ConcurrentQueue<string> _error = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WeftProcess(string directory, string[] args, Dictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["XDG_STATE_HOME"] = Path.Combine(directory, "state"), ["WEFT_ADMIN_TOKEN"] = null },
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Weft.Server.dll"));
        foreach (string arg in args)
            start.ArgumentList.Add(arg);
        foreach (var (name, value) in environment ?? [])
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => Line(_out, e.Data);
        _process.ErrorDataReceived += (_, e) => Line(_error, e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Out => string.Join('\n', _out);

    public string Error => string.Join('\n', _error);

    /// <summary>Starts <c>weft run</c> and waits until it is ready.</summary>
    public static async Task<WeftProcess> RunAsync(string directory, params string[] args)
    {
        var weft = new WeftProcess(directory, ["run", .. args]);
        var first = await Task.WhenAny(weft._ready.Task, weft._process.WaitForExitAsync()).WaitAsync(Patience);
        Assert.True(first == weft._ready.Task, $"It ended before it was ready:\n{weft.Error}");
        return weft;
    }

    /// <summary>Runs a command to its end.</summary>
    public static Task<(int ExitCode, string Out, string Error)> CallAsync(string directory, params string[] args) => CallWithAsync(directory, [], args);

    /// <inheritdoc cref="CallAsync(string, string[])"/>
    public static async Task<(int ExitCode, string Out, string Error)> CallWithAsync(string directory, Dictionary<string, string?> environment, params string[] args)
    {
        await using var weft = new WeftProcess(directory, args, environment);
        int exitCode = await weft.WaitForExitAsync();
        return (exitCode, weft.Out, weft.Error);
    }

    /// <summary>A directory with a <c>weft.yaml</c>.</summary>
    public static string Directory(string yaml)
    {
        string directory = System.IO.Directory.CreateTempSubdirectory("weft-server-").FullName;
        File.WriteAllText(Path.Combine(directory, "weft.yaml"), yaml);
        return directory;
    }

    /// <summary>A port of the loopback address that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The address of a kind that it printed.</summary>
    public Uri Address(string kind) => new(_out.First(l => l.StartsWith(kind + " ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);

    /// <summary>A client of a kind of address.</summary>
    public HttpClient Client(string kind) => new() { BaseAddress = Address(kind), Timeout = Patience };

    /// <summary>Sends a signal by its name, such as TERM.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", ["-s", name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for the end.</summary>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>Asks again and again until the answer is as it should be. The watch looks at files in real time.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> isRight)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await ask();
            if (isRight(answer))
                return answer;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"The last answer was: {answer}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private void Line(ConcurrentQueue<string> lines, string? line)
    {
        if (line is null)
            return;
        lines.Enqueue(line);
        if (line.StartsWith("Ready.", StringComparison.Ordinal))
            _ready.TrySetResult();
    }
}
