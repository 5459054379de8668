using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Flows;

namespace Weft.AspNetCore.Endpoints;

/// <summary>
/// <c>GET /api/live</c>: server-sent events (WHATWG HTML, section 9.2). The event <c>subscriptions</c> has the list of subscriptions: at
/// once, then at most once a second and only when it is not the same any more. A comment every 15 s keeps the connection open.
/// </summary>
/// <remarks>However many look, the stores are asked once a second.</remarks>
internal sealed class LiveFeed(Func<CancellationToken, Task<IReadOnlyList<SubscriptionView>>> list, TimeProvider time, CancellationToken stopping) : IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _asking = new(1);
    private byte[] _last = [];
    private long? _askedAt;

    /// <summary>Sends until the caller goes away or the process stops.</summary>
    public async Task SendAsync(HttpContext context)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers["X-Accel-Buffering"] = "no"; // Some proxies would keep it until it ends.
        try
        {
            byte[] sent = [];
            long sentAt = time.GetTimestamp();
            while (true)
            {
                var now = await LatestAsync(end.Token).ConfigureAwait(false);
                bool changed = !now.AsSpan().SequenceEqual(sent);
                if (changed || time.GetElapsedTime(sentAt) >= Heartbeat)
                {
                    await response.Body.WriteAsync(changed ? [.. "event: subscriptions\ndata: "u8, .. now, .. "\n\n"u8] : ": still here\n\n"u8.ToArray(), end.Token).ConfigureAwait(false);
                    await response.Body.FlushAsync(end.Token).ConfigureAwait(false);
                    (sent, sentAt) = (now, time.GetTimestamp());
                }
                await Task.Delay(Beat, time, end.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Nobody listens any more, or the process stops.
        }
        catch (LogException) when (response.HasStarted)
        {
            // It is too late for an answer that says so; who listens connects again and is told.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _asking.Dispose();

    private async Task<byte[]> LatestAsync(CancellationToken cancellation)
    {
        await _asking.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            // Two that look at nearly the same moment share an answer.
            if (_askedAt is not { } asked || time.GetElapsedTime(asked) >= Beat / 2)
            {
                _last = JsonSerializer.SerializeToUtf8Bytes(await list(cancellation).ConfigureAwait(false), AdminJson.Default.IReadOnlyListSubscriptionView);
                _askedAt = time.GetTimestamp();
            }
            return _last;
        }
        finally
        {
            _asking.Release();
        }
    }
}
