using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Weft.Load.Cells;

namespace Weft.Load.Gateway;

/// <summary>
/// Requests that are due at a fixed rate, whatever becomes of those before. The clock of each starts when it is due, so a proxy that holds the sender up makes the figures worse and
/// not fewer. One thread waits for all connections, so that the sender takes little of the machine.
/// </summary>
internal sealed class SteadyLoad
{
    private const int Connections = 32;

    private readonly Socket[] _sockets;
    private readonly byte[] _request;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly int _answerSize;

    private SteadyLoad(Uri address, string path)
    {
        _request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n");
        _sockets = [.. Enumerable.Range(0, Connections).Select(_ => Open(address))];
        // The answers differ in nothing but the values of a few fields of fixed length.
        _sockets[0].Send(_request);
        _answerSize = SizeOf(_sockets[0]);
    }

    /// <summary>Asks at a rate for some seconds and gives back how long each answer took.</summary>
    public static Latencies Run(Uri address, string path, double rate, double seconds)
    {
        var load = new SteadyLoad(address, path);
        try
        {
            load.Run(rate, (int)rate, new((int)rate));
            var latencies = new Latencies((int)(rate * seconds));
            load.Run(rate, (int)(rate * seconds), latencies);
            return latencies;
        }
        finally
        {
            foreach (var socket in load._sockets)
                socket.Dispose();
        }
    }

    private void Run(double rate, int count, Latencies latencies)
    {
        var free = new Stack<Socket>(_sockets);
        var busy = new Dictionary<Socket, (long Due, int Received)>();
        var ready = new List<Socket>();
        var start = Stopwatch.GetTimestamp();
        for (var sent = 0; sent < count || busy.Count > 0;)
        {
            var due = start + (long)(sent * Stopwatch.Frequency / rate);
            var wait = sent < count && free.Count > 0 ? due - Stopwatch.GetTimestamp() : Stopwatch.Frequency;
            if (wait <= 0)
            {
                var socket = free.Pop();
                socket.Send(_request);
                busy[socket] = (due, 0);
                sent++;
                continue;
            }
            if (busy.Count == 0)
            {
                Thread.Sleep(TimeSpan.FromSeconds((double)wait / Stopwatch.Frequency));
                continue;
            }
            ready.Clear();
            ready.AddRange(busy.Keys);
            Socket.Select(ready, null, null, (int)(wait * 1_000_000 / Stopwatch.Frequency));
            foreach (var socket in ready)
            {
                var one = busy[socket];
                var received = one.Received + socket.Receive(_buffer);
                busy[socket] = one with { Received = received };
                if (received < _answerSize)
                    continue;
                latencies.Add(Stopwatch.GetElapsedTime(one.Due));
                busy.Remove(socket);
                free.Push(socket);
            }
        }
    }

    private static Socket Open(Uri address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 10_000 };
        socket.Connect(IPAddress.Parse(address.Host), address.Port);
        return socket;
    }

    private int SizeOf(Socket socket)
    {
        var have = 0;
        while (true)
        {
            have += socket.Receive(_buffer.AsSpan(have));
            var text = Encoding.Latin1.GetString(_buffer, 0, have);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
                continue;
            var length = text.Split("\r\n").Single(l => l.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase))[16..];
            var size = end + 4 + int.Parse(length, CultureInfo.InvariantCulture);
            if (have >= size)
                return size;
        }
    }
}
