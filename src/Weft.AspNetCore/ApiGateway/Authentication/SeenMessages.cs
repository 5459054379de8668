using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>
/// The signed messages that were taken within the last while, so that none is taken twice. Only messages with a right signature come in. What was not
/// served well is forgotten, because its sender will send it again. In this process only.
/// </summary>
internal sealed class SeenMessages(TimeProvider time)
{
    /// <summary>More than this of one while, and the while is cut short.</summary>
    private const int MaxEntries = 200_000;

    private readonly Lock _gate = new();
    private ConcurrentDictionary<TokenHash, bool> _now = new();
    private ConcurrentDictionary<TokenHash, bool> _before = new();
    private long _since = time.GetTimestamp();

    /// <summary>Notes a message; false when it was there.</summary>
    /// <param name="context">Its request.</param>
    /// <param name="message">All that is signed, hashed.</param>
    /// <param name="span">For how long it has to be known.</param>
    public bool TryAdd(HttpContext context, TokenHash message, TimeSpan span)
    {
        lock (_gate)
        {
            var isOver = time.GetElapsedTime(_since) >= span;
            if (isOver || _now.Count >= MaxEntries)
            {
                (_before, _now) = (isOver && time.GetElapsedTime(_since) >= 2 * span ? new() : _now, new());
                _since = time.GetTimestamp();
            }
            if (_before.ContainsKey(message) || !_now.TryAdd(message, true))
                return false;
        }
        context.Response.OnCompleted(() =>
        {
            if (context.Response.StatusCode >= StatusCodes.Status400BadRequest)
                Forget(message);
            return Task.CompletedTask;
        });
        return true;
    }

    private void Forget(TokenHash message)
    {
        lock (_gate)
        {
            _now.TryRemove(message, out _);
            _before.TryRemove(message, out _);
        }
    }
}
