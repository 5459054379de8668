using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Weft.Diagnostics;

namespace Weft.Http1;

/// <summary>
/// A plaintext connection with its buffers. Used by one request at a time; only <see cref="Abort"/> may be called beside it. Sending and receiving allocate nothing.
/// </summary>
/// <remarks>
/// A receive is begun before anybody waits for it: that of an idle connection tells when the service closes it, or sends what nobody asked for, and becomes the first
/// receive of the next request.
/// </remarks>
internal sealed class Http1Connection(Socket socket, long openedAt)
{
    /// <summary>How much is received at once, unless more comes in a row.</summary>
    public const int ReceiveSize = 8 * 1024;

    private const int LargeReceiveSize = 64 * 1024;

    // Never given back to a pool while a receive may still write to it: then its bytes could end in somebody else's answer.
    private readonly byte[] _own = new byte[ReceiveSize];
    private byte[] _received = [];
    private int _start, _end;
    private ValueTask<int> _receiving;
    private Task<int>? _shared;
    private bool _isReceiving;
    private int _isAborted;

    /// <summary>When it was opened, a timestamp.</summary>
    public long OpenedAt => openedAt;

    /// <summary>Since when it is idle, a timestamp; the pool's.</summary>
    public long IdleSince { get; set; }

    /// <summary>What is to be sent.</summary>
    public Http1Output Output { get; } = new(socket);

    /// <summary>What its user keeps from one request to the next.</summary>
    public object? Companion { get; set; }

    /// <summary>Whether it was cut.</summary>
    public bool IsAborted => Volatile.Read(ref _isAborted) != 0;

    /// <summary>What has come and was not consumed.</summary>
    public ReadOnlySpan<byte> Received => _received.AsSpan(_start, _end - _start);

    /// <summary>Whether a receive that was begun has ended. On an idle connection that means the end of it, whatever came.</summary>
    public bool HasMore => _isReceiving && _receiving.IsCompleted;

    /// <summary>Takes bytes from the front of <see cref="Received"/>.</summary>
    public void Consume(int count) => _start += count;

    /// <summary>Begins to receive, unless that was begun before.</summary>
    /// <param name="most">How much may be kept at once, when nothing of it can be consumed before more has come.</param>
    /// <exception cref="HttpIOException">That much is there already.</exception>
    public void BeginReceive(int most)
    {
        if (_isReceiving)
            return;
        MakeRoom(most);
        try
        {
#pragma warning disable CA2012 // Kept until somebody waits for it, once.
            _receiving = socket.ReceiveAsync(_received.AsMemory(_end), SocketFlags.None);
#pragma warning restore CA2012
            _isReceiving = true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new IOException("The connection to the service broke.", e);
        }
    }

    /// <summary>Receives more.</summary>
    /// <param name="most">As for <see cref="BeginReceive"/>.</param>
    /// <returns>False when the service has closed its side.</returns>
    /// <exception cref="IOException">The connection broke or was cut.</exception>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    public async ValueTask<bool> ReceiveAsync(int most)
    {
        BeginReceive(most);
        try
        {
            var count = await _receiving.ConfigureAwait(false);
            (_isReceiving, _shared) = (false, null);
            if (IsAborted)
                throw new IOException("The connection was cut.");
            _end += count;
            return count > 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _isReceiving = false;
            throw new IOException("The connection to the service broke.", e);
        }
    }

    /// <summary>Receives more of a head, for one who waits for something else too.</summary>
    /// <returns>Completes when it has come; when that was given up, the next receive goes on with it.</returns>
    public Task WaitAsync()
    {
        BeginReceive(Http1Head.MaxSize);
        _shared ??= _receiving.AsTask();
        _receiving = new(_shared);
        return _shared;
    }

    /// <summary>Makes receives larger, as long as a large answer comes.</summary>
    public void Enlarge()
    {
        if (!_isReceiving && _received.Length < LargeReceiveSize && _start == _end)
            Replace(LargeReceiveSize);
    }

    /// <summary>Makes it ready for the next request: nothing of the last one is left in it.</summary>
    public void Reset()
    {
        _start = _end;
        if (!_isReceiving && _received.Length > ReceiveSize)
            Replace(ReceiveSize);
        Output.Reset();
    }

    /// <summary>Cuts the connection; whoever sends or receives on it fails. May be called at any time and from any thread.</summary>
    public void Abort()
    {
        if (Interlocked.Exchange(ref _isAborted, 1) == 0)
            socket.Dispose();
    }

    private void MakeRoom(int most)
    {
        if (_start == _end)
            _start = _end = 0;
        if (_received.Length == 0)
            Replace(ReceiveSize);
        if (_end < _received.Length)
            return;
        if (_end - _start >= most)
            throw Http1Fault.TooLarge($"A part of the answer that must be read at once is larger than {most} bytes.");
        if (_start > 0)
        {
            Received.CopyTo(_received);
            (_start, _end) = (0, _end - _start);
        }
        else
            Replace(_received.Length * 2);
    }

    private void Replace(int size)
    {
        var next = size <= ReceiveSize ? _own : ArrayPool<byte>.Shared.Rent(size);
        var kept = Received;
        kept.CopyTo(next);
        if (_received.Length > ReceiveSize)
            ArrayPool<byte>.Shared.Return(_received);
        (_received, _start, _end) = (next, 0, kept.Length);
    }
}
