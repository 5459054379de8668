using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weft.AspNetCore.Tests.Rig;

/// <summary>What a <see cref="SocketUpstream"/> does with a request.</summary>
/// <param name="Parts">What it writes, each part by itself.</param>
/// <param name="Closes">Whether it closes the connection then.</param>
internal sealed record SocketAnswer(IReadOnlyList<byte[]> Parts, bool Closes = false)
{
    /// <summary>Whether the body of the request is read before the answer is written.</summary>
    public bool ReadsBody { get; init; } = true;

    /// <summary>Whether it closes the connection with a reset.</summary>
    public bool Resets { get; init; }

    /// <summary>What it waits for between its parts.</summary>
    public TimeSpan Pause { get; init; }

    public static SocketAnswer Of(params string[] parts) => new([.. parts.Select(Encoding.Latin1.GetBytes)]);
}

/// <summary>A service made of a socket: it keeps connections and writes bytes as they are.</summary>
internal sealed class SocketUpstream : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, SocketAnswer> _answer;
    private int _open;

    /// <param name="answer">What is done with a request, by its head.</param>
    public SocketUpstream(Func<string, SocketAnswer> answer)
    {
        _answer = answer;
        _listener.Start(512);
        _ = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    /// <summary>The requests, each with the number of its connection.</summary>
    public ConcurrentQueue<(int Connection, string Head, byte[] Body)> Requests { get; } = [];

    /// <summary>How many connections there have been.</summary>
    public int Connections { get; private set; }

    /// <summary>How many are open.</summary>
    public int Open => Volatile.Read(ref _open);

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                client.NoDelay = true;
                _ = ServeAsync(client, Connections++);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client, int number)
    {
        Interlocked.Increment(ref _open);
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var buffer = new List<byte>();
                while (await ReadHeadAsync(stream, buffer) is { } head)
                {
                    var answer = _answer(head);
                    var body = answer.ReadsBody ? await ReadBodyAsync(stream, buffer, head) : [];
                    Requests.Enqueue((number, head, body));
                    if (!await AnswerAsync(client, stream, answer))
                        return;
                }
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                // The gateway has cut the connection.
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        }
    }

    private static async Task<bool> AnswerAsync(TcpClient client, NetworkStream stream, SocketAnswer answer)
    {
        var isFirst = true;
        foreach (var part in answer.Parts)
        {
            if (!isFirst && answer.Pause > TimeSpan.Zero)
                await Task.Delay(answer.Pause, TimeProvider.System);
            else if (!isFirst)
                await Task.Yield();
            isFirst = false;
            await stream.WriteAsync(part);
        }
        if (answer.Resets)
            client.LingerState = new LingerOption(true, 0);
        return !answer.Closes && !answer.Resets;
    }

    private static async Task<string?> ReadHeadAsync(NetworkStream stream, List<byte> buffer)
    {
        while (true)
        {
            var text = Encoding.Latin1.GetString([.. buffer]);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                buffer.RemoveRange(0, end + 4);
                return text[..(end + 2)];
            }
            if (!await MoreAsync(stream, buffer))
                return null;
        }
    }

    private static async Task<byte[]> ReadBodyAsync(NetworkStream stream, List<byte> buffer, string head)
    {
        var length = head.Split("\r\n").Where(l => l.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase)).Select(l => int.Parse(l[16..], System.Globalization.CultureInfo.InvariantCulture)).SingleOrDefault();
        if (head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase))
        {
            while (!Encoding.Latin1.GetString([.. buffer]).EndsWith("0\r\n\r\n", StringComparison.Ordinal))
            {
                if (!await MoreAsync(stream, buffer))
                    break;
            }
            length = buffer.Count;
        }
        while (buffer.Count < length && await MoreAsync(stream, buffer))
        {
        }
        length = Math.Min(length, buffer.Count);
        var body = buffer[..length].ToArray();
        buffer.RemoveRange(0, length);
        return body;
    }

    private static async Task<bool> MoreAsync(NetworkStream stream, List<byte> buffer)
    {
        var bytes = new byte[16 * 1024];
        var read = await stream.ReadAsync(bytes);
        buffer.AddRange(bytes.AsSpan(0, read));
        return read > 0;
    }
}
