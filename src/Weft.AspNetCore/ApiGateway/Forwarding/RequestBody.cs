using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Weft.AspNetCore.ApiGateway.Forwarding;

/// <summary>The body of a request, streamed upstream as it arrives and flushed whenever nothing more is there.</summary>
internal sealed class RequestBody : HttpContent
{
    private readonly PipeReader _reader;
    private readonly long? _length;
    private Task _copy = Task.CompletedTask;

    private RequestBody(HttpRequest request)
    {
        _reader = request.BodyReader;
        _length = request.ContentLength;
    }

    /// <summary>What made the body unreadable; null as long as it is fine.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>The body of a request that has one; null otherwise.</summary>
    public static RequestBody? Of(HttpContext context) =>
        context.Request.ContentLength != 0 && context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false }
            ? new RequestBody(context.Request)
            : null;

    /// <summary>
    /// Waits until the first bytes were read, unless the client waits for leave to send them. Framing errors of chunks show only when
    /// they are read; so the first ones show before anything went upstream.
    /// </summary>
    public async ValueTask PeekAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (_length is not null || !HttpProtocol.IsHttp11(request.Protocol) || request.Headers.Expect.Count > 0)
            return;
        try
        {
            var read = await _reader.ReadAsync(cancellation).ConfigureAwait(false);
            _reader.AdvanceTo(read.Buffer.Start);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Failure = e;
            throw;
        }
    }

    /// <summary>Ends a copy that the upstream did not wait for, so that nobody reads the request once it is over.</summary>
    public async ValueTask StopAsync()
    {
        if (_copy.IsCompleted)
            return;
        _reader.CancelPendingRead();
        await _copy.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length ?? 0;
        return _length is not null;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _copy = CopyAsync(stream, cancellationToken);

    private async Task CopyAsync(Stream stream, CancellationToken cancellation)
    {
        while (true)
        {
            if (!TryRead(out var read))
            {
                await stream.FlushAsync(cancellation).ConfigureAwait(false);
                read = await ReadAsync(cancellation).ConfigureAwait(false);
            }
            foreach (var segment in read.Buffer)
                await stream.WriteAsync(segment, cancellation).ConfigureAwait(false);
            _reader.AdvanceTo(read.Buffer.End);
            if (read.IsCanceled)
                throw new OperationCanceledException("The exchange is over.");
            if (read.IsCompleted)
                return;
        }
    }

    private bool TryRead(out ReadResult read)
    {
        try
        {
            return _reader.TryRead(out read);
        }
        catch (Exception e)
        {
            Failure = e;
            throw;
        }
    }

    private async ValueTask<ReadResult> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return await _reader.ReadAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Failure = e;
            throw;
        }
    }
}
