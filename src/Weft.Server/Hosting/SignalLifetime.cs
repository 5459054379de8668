using System.Runtime.InteropServices;

namespace Weft.Server.Hosting;

/// <summary>
/// Ends the process on SIGTERM, SIGINT and SIGQUIT: the first lets requests and handlers finish, the second ends at once.
/// </summary>
internal sealed class SignalLifetime(IHostApplicationLifetime app, TimeSpan drain, Terminal terminal) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _received;

    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT])
            _signals.Add(PosixSignalRegistration.Create(signal, OnSignal));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _signals.ForEach(s => s.Dispose());

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _received) > 1)
        {
            terminal.Error.WriteLine("Stopped at once: what was under way is delivered again after the next start.");
            Environment.Exit(ExitCode.Failed);
        }
        terminal.Error.WriteLine($"Stopping: requests and handlers have {drain.TotalSeconds:0.#} s to finish. A second signal stops at once.");
        app.StopApplication();
    }
}
