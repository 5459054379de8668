using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weft.Calls;
using Weft.Http1;

namespace Weft.AspNetCore.ApiGateway.Forwarding;

/// <summary>
/// The body of a request, streamed upstream as it arrives and flushed whenever nothing more is there. What has passed is kept as far as the policy says, so that
/// another attempt can begin anew.
/// </summary>
internal sealed class RequestBody
{
    private readonly PipeReader _reader;
    private readonly long? _length;
    private readonly long _keep;
    private ArrayBufferWriter<byte>? _kept;
    private bool _isOverKept, _isRead;
    private volatile bool _isAnswered;
    private Task _copy = Task.CompletedTask;

    private RequestBody(PipeReader reader, long? length, long keep) => (_reader, _length, _keep) = (reader, length, length > keep ? 0 : keep);

    /// <summary>What made the body unreadable; null as long as it is fine.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Its length; null when it comes in chunks.</summary>
    public long? Length => _length;

    /// <summary>Whether all that went upstream so far can be sent again.</summary>
    public bool CanRepeat => Failure is null && !_isOverKept;

    /// <summary>The whole body, when all of it was read and kept; otherwise nothing.</summary>
    public ReadOnlyMemory<byte> Kept => _isRead && CanRepeat && _kept is not null ? _kept.WrittenMemory : default;

    /// <summary>The body of a request that has one; null otherwise.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="keep">How many bytes are kept to be sent again. One that the route has made is there in any case.</param>
    public static RequestBody? Of(GatewayExchange exchange, long keep)
    {
        if (exchange.Body is { } made)
            return new RequestBody(PipeReader.Create(new ReadOnlySequence<byte>(made)), made.Length, made.Length);
        var request = exchange.Context.Request;
        return request.ContentLength != 0 && exchange.Context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false }
            ? new RequestBody(request.BodyReader, request.ContentLength, keep)
            : null;
    }

    /// <summary>
    /// The content of one attempt, from its first byte. While the client sends, only its silence is limited; what the service takes counts from the last byte on.
    /// </summary>
    /// <param name="clock">The clock of the attempt.</param>
    /// <param name="timeout">How long the service may take.</param>
    /// <param name="idle">How long the client may be silent.</param>
    public HttpContent Content(CallDeadline clock, TimeSpan timeout, TimeSpan idle)
    {
        _isAnswered = false;
        return new AttemptContent(this, clock, timeout, idle);
    }

    /// <summary>Sends it on a connection, from its first byte; otherwise as <see cref="Content"/> does. When it cannot be read to its end, the connection is cut.</summary>
    public Task SendAsync(Http1RequestStream stream, CallDeadline clock, TimeSpan timeout, TimeSpan idle)
    {
        _isAnswered = false;
        return _copy = SendWholeAsync(stream, clock, timeout, idle);
    }

    /// <summary>
    /// Waits until the first bytes were read, unless the client waits for leave to send them. Framing errors of chunks show only when
    /// they are read; so the first ones show before anything went upstream.
    /// </summary>
    public async ValueTask PeekAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (_length is not null || _isRead || !HttpProtocol.IsHttp11(request.Protocol) || request.Headers.Expect.Count > 0)
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

    /// <summary>Says that the answer has begun.</summary>
    public void Answered() => _isAnswered = true;

    /// <summary>Ends a copy that the upstream did not wait for, so that nobody reads the request beside the next attempt, or once it is over.</summary>
    public async ValueTask StopAsync()
    {
        if (_copy.IsCompleted)
        {
            // Whoever waited for the answer has seen that something failed.
            _ = _copy.Exception;
            return;
        }
        _reader.CancelPendingRead();
        await _copy.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task SendWholeAsync(Http1RequestStream stream, CallDeadline clock, TimeSpan timeout, TimeSpan idle)
    {
        try
        {
            await CopyAsync(stream, clock, timeout, idle, clock.Token).ConfigureAwait(false);
            await stream.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A service that reads no more may still have answered: that is seen by who receives.
            if (e is not IOException || Failure is not null)
                stream.Cut();
            throw;
        }
    }

    private async Task CopyAsync(Stream stream, CallDeadline clock, TimeSpan timeout, TimeSpan idle, CancellationToken cancellation)
    {
        if (_kept is { WrittenCount: > 0 })
            await stream.WriteAsync(_kept.WrittenMemory, cancellation).ConfigureAwait(false);
        for (var isFirst = true; !_isRead; isFirst = false)
        {
            if (!isFirst)
                clock.Extend(idle);
            if (!TryRead(out var read))
            {
                clock.Extend(idle);
                await stream.FlushAsync(cancellation).ConfigureAwait(false);
                read = await ReadAsync(cancellation).ConfigureAwait(false);
            }
            Keep(read.Buffer);
            var isCompleted = read.IsCompleted;
            try
            {
                foreach (var segment in read.Buffer)
                    await stream.WriteAsync(segment, cancellation).ConfigureAwait(false);
            }
            finally
            {
                _reader.AdvanceTo(read.Buffer.End);
                _isRead = isCompleted;
            }
            if (read.IsCanceled)
                throw new OperationCanceledException("The attempt is over.");
        }
        // Once there is an answer, its own silence counts.
        if (!_isAnswered)
            clock.Restart(timeout);
    }

    // Before it is sent: what could not be sent can be sent again too.
    private void Keep(in ReadOnlySequence<byte> part)
    {
        if (_isOverKept || part.IsEmpty)
            return;
        if ((_kept?.WrittenCount ?? 0) + part.Length > _keep)
        {
            _isOverKept = true;
            _kept = null;
            return;
        }
        _kept ??= new ArrayBufferWriter<byte>((int)Math.Max(_length ?? part.Length, 256));
        foreach (var segment in part)
            _kept.Write(segment.Span);
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

    private sealed class AttemptContent(RequestBody body, CallDeadline clock, TimeSpan timeout, TimeSpan idle) : HttpContent
    {
        protected override bool TryComputeLength(out long length)
        {
            length = body._length ?? 0;
            return body._length is not null;
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            body._copy = body.CopyAsync(stream, clock, timeout, idle, cancellationToken);
    }
}
