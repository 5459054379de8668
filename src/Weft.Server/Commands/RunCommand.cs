using System.CommandLine;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Weft.Diagnostics;
using Weft.Options;
using Weft.Server.Hosting;

namespace Weft.Server.Commands;

/// <summary><c>weft run</c>: one process that serves everything the file says.</summary>
internal static partial class RunCommand
{
    public static Command Create(Terminal terminal)
    {
        var files = CommonOptions.Files();
        var watch = new Option<bool>("--watch") { Description = "Reads the files again when they change. A bad file changes nothing: the last good one stays in force. SIGHUP does the same once." };
        var only = new Option<string[]>("--only")
        {
            Description = "Runs only these routes and subscriptions, comma separated: routes, subscriptions, routes.NAME, subscriptions.NAME.",
            HelpName = "NAMES",
            DefaultValueFactory = _ => [],
        };
        var command = new Command("run", "Starts everything the file says in one process and stops cleanly on SIGTERM or Ctrl+C.") { files, watch, only };
        command.SetAction((result, _) => RunAsync(
            new Configuration(result.GetValue(files)!, new OnlyFilter(result.GetValue(only)!), terminal), result.GetValue(watch), terminal));
        return command;
    }

    private static async Task<int> RunAsync(Configuration configuration, bool watch, Terminal terminal)
    {
        var options = configuration.Load();
        var server = WeftServer.Create(options, configuration.MainFile, terminal);
        await using (server.ConfigureAwait(false))
        {
            await StartAsync(server, options).ConfigureAwait(false);
            Banner.Write(terminal, options, configuration.MainFile, server);

            using var hangUp = OnHangUp(configuration, server);
            var watching = watch ? StartWatch(configuration, server) : null;
            await server.WaitForShutdownAsync().ConfigureAwait(false);
            if (watching is not null)
                await watching.DisposeAsync().ConfigureAwait(false);
        }
        terminal.Error.WriteLine("Stopped.");
        return ExitCode.Fine;
    }

    private static async Task StartAsync(WeftServer server, WeftOptions options)
    {
        try
        {
            await server.StartAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new CommandException(ExitCode.Unreachable, $"{AddressIn(e, options)} is in use by another program. Stop that program, or change the port under 'server'.", e);
        }
        catch (Exception e) when ((e as SocketException ?? e.InnerException as SocketException) is { } socket)
        {
            throw new CommandException(ExitCode.Configuration, $"{AddressIn(e, options)} cannot be listened on: {socket.Message}. Use an address of this machine, and a port from 1024 unless the process may take lower ones.", e);
        }
    }

    // Kestrel's text names the address; ours are known, so that it can be named as the file does.
    private static string AddressIn(Exception e, WeftOptions options)
    {
        string?[] asked = [.. options.Server.Listen.Select(l => l.Url), options.Server.Probes, options.Server.Admin?.Listen.Url];
        return asked.FirstOrDefault(url => url is not null && e.Message.Contains(new Uri(url).Authority.Replace("localhost", "127.0.0.1", StringComparison.Ordinal), StringComparison.Ordinal))
            ?? $"An address under 'server' ({e.Message})";
    }

    private static PosixSignalRegistration? OnHangUp(Configuration configuration, WeftServer server) => OperatingSystem.IsWindows() ? null
        : PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            _ = BackgroundLoop.Start("reload", stop => configuration.ReloadAsync(server.Runtime, stop), e => LogReloadFailed(server.Logger, e));
        });

    private static BackgroundLoop StartWatch(Configuration configuration, WeftServer server) => BackgroundLoop.Start(
        "watch",
        stop => new FileWatch(TimeProvider.System).RunAsync(() => (configuration.Files, configuration.Folders), token => configuration.ReloadAsync(server.Runtime, token), stop),
        e => LogReloadFailed(server.Logger, e));

    [LoggerMessage(6020, LogLevel.Error, "Reading the configuration again failed; what runs goes on.")]
    private static partial void LogReloadFailed(ILogger logger, Exception e);
}
