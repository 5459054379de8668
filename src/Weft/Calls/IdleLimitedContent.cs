using System.Net;

namespace Weft.Calls;

/// <summary>The body of an answer, each read of which may take a time only.</summary>
internal sealed class IdleLimitedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly TimeSpan _idle;
    private readonly string _from;
    private readonly TimeProvider _time;

    public IdleLimitedContent(HttpContent inner, TimeSpan idle, string from, TimeProvider time)
    {
        (_inner, _idle, _from, _time) = (inner, idle, from, time);
        foreach (var header in inner.Headers.NonValidated)
            Headers.TryAddWithoutValidation(header.Key, header.Value);
    }

    protected override async Task<Stream> CreateContentReadStreamAsync() => Limit(await _inner.ReadAsStreamAsync().ConfigureAwait(false));

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        Limit(await _inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => Limit(_inner.ReadAsStream(cancellationToken));

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var body = await CreateContentReadStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
            await body.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var body = CreateContentReadStream(cancellationToken);
        body.CopyTo(stream);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _inner.Dispose();
        base.Dispose(disposing);
    }

    private Stream Limit(Stream stream) => _idle == Timeout.InfiniteTimeSpan ? stream : new IdleLimitedStream(stream, _idle, _from, _time);
}

/// <summary>A stream whose reads end with an error when nothing comes for a time. One read at a time, as of any stream.</summary>
internal sealed class IdleLimitedStream(Stream inner, TimeSpan idle, string from, TimeProvider time) : Stream
{
    // Made with a timer, which later reads reuse: only so does it follow the time provider.
    private CancellationTokenSource _silence = new(Timeout.InfiniteTimeSpan, time);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_silence.TryReset())
        {
            _silence.Dispose();
            _silence = new(Timeout.InfiniteTimeSpan, time);
        }
        using var link = cancellationToken.UnsafeRegister(static silence => ((CancellationTokenSource)silence!).Cancel(), _silence);
        _silence.CancelAfter(idle);
        try
        {
            return await inner.ReadAsync(buffer, _silence.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (_silence.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var silent = new TimeoutException(FormattableString.Invariant($"Nothing came for {idle.TotalSeconds:0.###} s."), e);
            throw new IOException($"The body of the answer from {from} stalled: {silent.Message} Read it sooner, or raise the policy's deadline.idle.", silent);
        }
        finally
        {
            _silence.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        var reading = ReadAsync(buffer, offset, count, default);
        return reading.GetAwaiter().GetResult();
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _silence.Dispose();
            inner.Dispose();
        }
        base.Dispose(disposing);
    }
}
