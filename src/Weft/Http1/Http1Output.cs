using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Weft.Http1;

/// <summary>What goes to a service: gathered, and sent when there is enough or nothing more for now. Used by one request at a time.</summary>
internal sealed class Http1Output(Socket socket)
{
    private const int FirstSize = 2 * 1024;

    // Larger parts go out by themselves, without a copy.
    private const int GatherUpTo = 16 * 1024;

    private byte[] _bytes = new byte[FirstSize];
    private int _count;

    /// <summary>How much waits to be sent.</summary>
    public int Count => _count;

    /// <summary>Room for at least so many bytes.</summary>
    public Span<byte> Room(int count)
    {
        if (_bytes.Length - _count < count)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _count + count));
        return _bytes.AsSpan(_count);
    }

    /// <summary>Adds what was written to <see cref="Room"/>.</summary>
    public void Add(int count) => _count += count;

    /// <summary>Adds bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _count += bytes.Length;
    }

    /// <summary>Adds characters as Latin-1, one byte each; what Latin-1 lacks becomes a question mark.</summary>
    /// <returns>The bytes.</returns>
    public ReadOnlySpan<byte> Add(ReadOnlySpan<char> text)
    {
        var count = Encoding.Latin1.GetBytes(text, Room(text.Length));
        _count += count;
        return _bytes.AsSpan(_count - count, count);
    }

    /// <summary>Adds a number in decimal digits.</summary>
    public void Add(long number)
    {
        number.TryFormat(Room(20), out var count, default, System.Globalization.CultureInfo.InvariantCulture);
        _count += count;
    }

    /// <summary>Whether a part of this size had better be sent by itself.</summary>
    public bool IsTooMuch(int count) => _count + count > GatherUpTo;

    /// <summary>Sends what was gathered.</summary>
    /// <exception cref="IOException">The connection broke or was cut.</exception>
    public ValueTask FlushAsync()
    {
        if (_count == 0)
            return default;
        var part = _bytes.AsMemory(0, _count);
        _count = 0;
        return SendAsync(part);
    }

    /// <summary>Sends bytes after what was gathered.</summary>
    /// <exception cref="IOException">The connection broke or was cut.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await FlushAsync().ConfigureAwait(false);
        try
        {
            while (!bytes.IsEmpty)
                bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None).ConfigureAwait(false)..];
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new IOException("The connection to the service broke.", e);
        }
    }

    /// <summary>Forgets what was not sent.</summary>
    public void Reset()
    {
        _count = 0;
        if (_bytes.Length > 2 * GatherUpTo)
            _bytes = new byte[FirstSize];
    }
}
