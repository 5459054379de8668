using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Weft.Integration.Tests.Samples;

/// <summary>One of the two services of samples/shop, started as often as it is killed.</summary>
internal sealed partial class ShopProcess(string name, string folder, string url, string peer, string peerUrl) : IDisposable
{
    private static readonly HttpClient s_client = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly string _program = Commands.Program($"shop/{char.ToUpperInvariant(name[0])}{name[1..]}", name);
    private Process? _process;

    /// <summary>Starts it and waits until it answers.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        Begin();
        while (!await AnswersAsync(cancellation))
        {
            Assert.False(_process!.HasExited, $"{name} ended by itself.");
            await Task.Delay(50, cancellation);
        }
    }

    /// <summary>Starts it.</summary>
    public void Begin()
    {
        var start = new ProcessStartInfo("dotnet", [_program, "--urls", url, $"--{peer}", peerUrl, "--data", folder, "--crashes", "100", "--Logging:LogLevel:Default", "Critical"]) { WorkingDirectory = folder };
        start.Environment["DOTNET_TieredPGO"] = "0";
        _process = Process.Start(start)!;
    }

    /// <summary>Kills it (SIGKILL on Unix).</summary>
    public async Task KillAsync(CancellationToken cancellation)
    {
        _process!.Kill();
        await _process.WaitForExitAsync(cancellation);
    }

    /// <summary>Stops it cleanly.</summary>
    public async Task<int> StopAsync(CancellationToken cancellation)
    {
        _ = Signal(_process!.Id, 15);
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
            _process.Kill();
        _process?.Dispose();
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            using var answer = await s_client.GetAsync(new Uri($"{url}/nothing"), cancellation);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
