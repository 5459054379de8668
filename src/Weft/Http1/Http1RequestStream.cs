using System.Globalization;

namespace Weft.Http1;

/// <summary>The body of a request on its way to a service, with its framing. Reused by the requests of one connection.</summary>
internal sealed class Http1RequestStream(Http1Connection connection) : Stream
{
    private long? _length;
    private long _written;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Begins with a body.</summary>
    /// <param name="length">Its length; null for chunks.</param>
    public void Begin(long? length) => (_length, _written) = (length, 0);

    /// <summary>Ends the body. One that is shorter than it was said to be must never look whole.</summary>
    public ValueTask CompleteAsync()
    {
        if (_length is null)
            connection.Output.Add("0\r\n\r\n"u8);
        else if (_written != _length)
        {
            Cut();
            throw new IOException("The body of the request is shorter than its length.");
        }
        return connection.Output.FlushAsync();
    }

    /// <summary>Cuts the connection, so that a part of the body is never taken for all of it.</summary>
    public void Cut() => connection.Abort();

    /// <summary>Sends what was gathered.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) => connection.Output.FlushAsync().AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return default;
        _written += buffer.Length;
        if (_written > _length)
            throw new IOException("The body of the request is longer than its length.");
        var output = connection.Output;
        if (_length is null)
        {
            buffer.Length.TryFormat(output.Room(10), out var digits, "x", CultureInfo.InvariantCulture);
            output.Add(digits);
            output.Add("\r\n"u8);
        }
        if (output.IsTooMuch(buffer.Length))
            return SendAsync(buffer);
        output.Add(buffer.Span);
        EndChunk();
        return default;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async ValueTask SendAsync(ReadOnlyMemory<byte> buffer)
    {
        var output = connection.Output;
        await output.FlushAsync().ConfigureAwait(false);
        if (output.IsTooMuch(buffer.Length))
            await output.SendAsync(buffer).ConfigureAwait(false);
        else
            output.Add(buffer.Span);
        EndChunk();
    }

    private void EndChunk()
    {
        if (_length is null)
            connection.Output.Add("\r\n"u8);
    }
}
