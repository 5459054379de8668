using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Weft.Load.Bus;

/// <summary>Programs that run beside the benchmark.</summary>
internal static class Servers
{
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static Process Start(string[] command, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task RunAsync(params string[] command)
    {
        using var process = Start(command);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}.");
    }

    /// <summary>Waits until a server answers.</summary>
    public static async Task UntilAsync(Process process, Func<Task> answers)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                await answers();
                return;
            }
            catch (Exception e) when (e is NpgsqlException or SocketException && tries < 600 && !process.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }
        }
    }

    /// <summary>Sends a signal and waits for the end.</summary>
    public static async Task EndAsync(Process? process, string signal)
    {
        if (process is null || process.HasExited)
            return;
        await RunAsync("kill", signal, $"{process.Id}");
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
