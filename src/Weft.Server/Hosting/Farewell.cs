using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Weft.Options;

namespace Weft.Server.Hosting;

/// <summary>
/// What happens between the signal to stop and the end of the server: nothing listens any more, and callers that keep connections are told to leave them
/// (<c>Connection: close</c>) with the next answer they get, until no connection is left or a second is over. A server that closes its connections at once breaks the
/// request that is just on its way over one of them, and the caller cannot know whether it was served (RFC 9112, 9.6). HTTP/2 says on the connection what it still
/// serves and needs none of this.
/// </summary>
internal sealed class Farewell(IConnectionListenerFactory sockets, TimeProvider time, WeftOptions options) : IConnectionListenerFactory, IHostedLifecycleService
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<IConnectionListener> _listeners = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _connections;
    private volatile bool _hasBegun;

    /// <inheritdoc/>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = await sockets.BindAsync(endpoint, cancellationToken);
        _listeners.Enqueue(listener);
        return listener;
    }

    /// <summary>Counts a connection while it lasts.</summary>
    public async Task CountAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        Interlocked.Increment(ref _connections);
        try
        {
            await next(connection);
        }
        finally
        {
            if (Interlocked.Decrement(ref _connections) == 0 && _hasBegun)
                _empty.TrySetResult();
        }
    }

    /// <summary>Tells the caller of a request to leave when the process is about to stop listening.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (_hasBegun && (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol)))
            context.Response.Headers.Connection = "close";
        return next(context);
    }

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _hasBegun = true;
        // Unbinding ends the server's loop that accepts, and nothing else; the server does the same again later.
        foreach (var listener in _listeners)
            await listener.UnbindAsync(cancellationToken);
        if (Volatile.Read(ref _connections) == 0)
            return;
        var longest = options.Server.Drain / 4;
        await Task.WhenAny(_empty.Task, Task.Delay(longest < s_longest ? longest : s_longest, time, cancellationToken));
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
