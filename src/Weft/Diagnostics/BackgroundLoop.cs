namespace Weft.Diagnostics;

/// <summary>
/// The one place where background work starts. A loop runs until it ends, is stopped or fails; what it throws is kept and
/// thrown to whoever stops it, and reported at once, so that no loop dies unseen.
/// </summary>
public sealed class BackgroundLoop : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();

    private bool _disposed;

    private BackgroundLoop(string name) => Name = name;

    /// <summary>For logs.</summary>
    public string Name { get; }

    /// <summary>Completes when the loop has ended, faulted when it failed.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Starts a loop on the thread pool.</summary>
    /// <param name="name">For logs.</param>
    /// <param name="body">The work; it should end soon after its token is cancelled, and may throw the cancellation.</param>
    /// <param name="onFailure">Called once when the body fails by itself.</param>
    public static BackgroundLoop Start(string name, Func<CancellationToken, Task> body, Action<Exception>? onFailure = null)
    {
        var loop = new BackgroundLoop(name);
#pragma warning disable RS0030 // This is the helper that the ban points to.
        loop.Completion = Task.Run(() => loop.RunAsync(body, onFailure));
#pragma warning restore RS0030
        return loop;
    }

    /// <summary>Asks the loop to end, without waiting.</summary>
    public void RequestStop()
    {
        if (!Volatile.Read(ref _disposed))
            _stop.Cancel();
    }

    /// <summary>Asks the loop to end and waits until it has. Can be called again.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Interlocked.Exchange(ref _disposed, true))
            await _stop.CancelAsync().ConfigureAwait(false);
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(Func<CancellationToken, Task> body, Action<Exception>? onFailure)
    {
        try
        {
            await body(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Asked to end.
        }
        catch (Exception e) when (onFailure is not null)
        {
            onFailure(e);
            throw;
        }
    }
}
