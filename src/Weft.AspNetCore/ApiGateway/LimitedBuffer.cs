namespace Weft.AspNetCore.ApiGateway;

/// <summary>Keeps an answer, up to a bound. Writing beyond it fails, so that whoever writes stops.</summary>
/// <param name="max">The bound in bytes.</param>
internal sealed class LimitedBuffer(int max) : MemoryStream
{
    /// <summary>Whether more was to be written than may be.</summary>
    public bool IsFull { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => GetBuffer().AsMemory(0, (int)Length);

    // All other ways to write end here.
    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        if (Length + count > max)
        {
            IsFull = true;
            throw new IOException($"The answer has more than {max} bytes.");
        }
        base.Write(buffer, offset, count);
    }
}
