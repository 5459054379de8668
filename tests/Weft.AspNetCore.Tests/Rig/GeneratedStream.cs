namespace Weft.AspNetCore.Tests.Rig;

/// <summary>Bytes that are made as they are read, and can be checked without being kept.</summary>
internal sealed class GeneratedStream(long length) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    /// <summary>The byte at a position.</summary>
    public static byte At(long position) => (byte)(position * 31 ^ (position >> 13));

    /// <summary>Reads a stream to its end and says how many bytes were right from the start.</summary>
    public static async Task<long> CheckAsync(Stream stream)
    {
        var buffer = new byte[64 * 1024];
        long at = 0;
        while (await stream.ReadAsync(buffer) is > 0 and var read)
        {
            for (var i = 0; i < read; i++, at++)
            {
                if (buffer[i] != At(at))
                    return at;
            }
        }
        return at;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var n = (int)Math.Min(count, length - _position);
        for (var i = 0; i < n; i++)
            buffer[offset + i] = At(_position++);
        return n;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
