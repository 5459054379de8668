using System.Net;
using System.Net.Sockets;

namespace Weft.Http1;

/// <summary>
/// The plaintext connections to one address. Who needs one takes the youngest that is idle, or opens another; how many run at once is not limited here but by the
/// bulkhead of the service. Idle ones end after a while, with age, when the service closes them or sends what nobody asked for. Safe for use from many threads.
/// </summary>
internal sealed class Http1Pool : IDisposable
{
    /// <summary>How many idle connections are kept.</summary>
    public const int MaxIdle = 256;

    // The same limits as those of the transport that serves what this one does not.
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_sweep = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly List<Http1Connection> _idle = [];
    private readonly TimeProvider _time;
    private readonly EndPoint _endPoint;
    private ITimer? _sweeper;
    private bool _isClosed;

    /// <param name="address">An address with the scheme <c>http</c>.</param>
    /// <param name="time">The clock.</param>
    public Http1Pool(Uri address, TimeProvider time)
    {
        _time = time;
        var host = address.IdnHost;
        _endPoint = IPAddress.TryParse(host, out var ip) ? new IPEndPoint(ip, address.Port) : new DnsEndPoint(host, address.Port);
        var name = address.HostNameType == UriHostNameType.IPv6 ? $"[{host}]" : host;
        Authority = address.IsDefaultPort ? name : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}:{address.Port}");
        BasePath = address.AbsolutePath.TrimEnd('/');
    }

    /// <summary>The value of <c>Host</c>.</summary>
    public string Authority { get; }

    /// <summary>What stands before the path of each request; without a slash at the end.</summary>
    public string BasePath { get; }

    /// <summary>How many connections are idle.</summary>
    public int Idle
    {
        get
        {
            lock (_lock)
                return _idle.Count;
        }
    }

    /// <summary>Takes an idle connection.</summary>
    public Http1Connection? TryRent()
    {
        var now = _time.GetTimestamp();
        while (true)
        {
            Http1Connection connection;
            lock (_lock)
            {
                if (_idle.Count == 0)
                    return null;
                connection = _idle[^1];
                _idle.RemoveAt(_idle.Count - 1);
            }
            if (IsUsable(connection, now))
                return connection;
            connection.Abort();
        }
    }

    /// <summary>Opens a connection.</summary>
    /// <exception cref="HttpRequestException">There is none to be had.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public async ValueTask<Http1Connection> ConnectAsync(CancellationToken cancellation)
    {
        var socket = _endPoint is IPEndPoint ip ? new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            using var limit = new CancellationTokenSource(s_connect, _time);
            await using var link = cancellation.UnsafeRegister(static limit => ((CancellationTokenSource)limit!).Cancel(), limit).ConfigureAwait(false);
            await socket.ConnectAsync(_endPoint, limit.Token).ConfigureAwait(false);
            return new Http1Connection(socket, _time.GetTimestamp());
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is SocketException or OperationCanceledException && !cancellation.IsCancellationRequested)
                throw new HttpRequestException(HttpRequestError.ConnectionError, "No connection could be opened.", e);
            throw;
        }
    }

    /// <summary>Takes back a connection whose last answer was read whole, and of which nothing is left.</summary>
    public void Return(Http1Connection connection)
    {
        connection.Reset();
        try
        {
            connection.BeginReceive(Http1Connection.ReceiveSize);
        }
        catch (IOException)
        {
            connection.Abort();
            return;
        }
        var now = connection.IdleSince = _time.GetTimestamp();
        if (IsUsable(connection, now))
        {
            lock (_lock)
            {
                if (!_isClosed && _idle.Count < MaxIdle)
                {
                    _idle.Add(connection);
                    _sweeper ??= _time.CreateTimer(static pool => ((Http1Pool)pool!).Sweep(), this, s_sweep, s_sweep);
                    return;
                }
            }
        }
        connection.Abort();
    }

    /// <summary>Closes what is idle, now and from now on: nobody is to begin anything here. Requests under way end first.</summary>
    public void Dispose()
    {
        Http1Connection[] closed;
        lock (_lock)
        {
            _isClosed = true;
            closed = [.. _idle];
            _idle.Clear();
            _sweeper?.Dispose();
            _sweeper = null;
        }
        foreach (var connection in closed)
            connection.Abort();
    }

    private bool IsUsable(Http1Connection connection, long now) =>
        !connection.HasMore && !connection.IsAborted
        && _time.GetElapsedTime(connection.IdleSince, now) < s_idle && _time.GetElapsedTime(connection.OpenedAt, now) < s_lifetime;

    private void Sweep()
    {
        var now = _time.GetTimestamp();
        List<Http1Connection>? ended = null;
        lock (_lock)
        {
            for (var i = _idle.Count - 1; i >= 0; i--)
            {
                if (IsUsable(_idle[i], now))
                    continue;
                (ended ??= []).Add(_idle[i]);
                _idle.RemoveAt(i);
            }
            if (_idle.Count == 0)
            {
                _sweeper?.Dispose();
                _sweeper = null;
            }
        }
        foreach (var connection in ended ?? [])
            connection.Abort();
    }
}
