using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Weft.AspNetCore.Endpoints;

/// <summary>A whole request body in a pooled buffer. Dispose it once nothing points into it.</summary>
internal readonly struct BodyBuffer : IDisposable
{
    private const int First = 4096;

    // A length is only what somebody says.
    private const int MaxFirst = 1 << 20;

    private readonly byte[] _buffer;
    private readonly int _length;

    private BodyBuffer(byte[] buffer, int length) => (_buffer, _length) = (buffer, length);

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Reads a body to its end. How long it may be is up to the server's limit for the request.</summary>
    /// <exception cref="BadHttpRequestException">It is too large, or framed wrongly.</exception>
    /// <exception cref="IOException">It breaks off.</exception>
    public static async ValueTask<BodyBuffer> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(request.ContentLength ?? First, 1, MaxFirst));
        var length = 0;
        try
        {
            while (true)
            {
                var read = await request.BodyReader.ReadAsync(cancellation).ConfigureAwait(false);
                buffer = Grow(buffer, length, checked(length + (int)read.Buffer.Length));
                read.Buffer.CopyTo(buffer.AsSpan(length));
                length += (int)read.Buffer.Length;
                request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return new(buffer, length);
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private static byte[] Grow(byte[] buffer, int used, int needed)
    {
        if (needed <= buffer.Length)
            return buffer;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, (int)Math.Min(buffer.Length * 2L, Array.MaxLength)));
        buffer.AsSpan(0, used).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
