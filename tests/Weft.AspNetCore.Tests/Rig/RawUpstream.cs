using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weft.AspNetCore.Tests.Rig;

/// <summary>Reads the head of a request, answers with bytes as they are, and closes.</summary>
internal sealed class RawUpstream : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _answer;

    public RawUpstream(string answer)
    {
        _answer = answer;
        _listener.Start();
        _ = ServeAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            var head = new StringBuilder();
            var buffer = new byte[4096];
            while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer) is > 0 and var read)
                head.Append(Encoding.Latin1.GetString(buffer, 0, read));
            await stream.WriteAsync(Encoding.Latin1.GetBytes(_answer));
        }
    }
}
