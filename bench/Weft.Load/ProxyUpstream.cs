using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Weft.Load;

/// <summary>An nginx of its own that answers with 1 KB and keeps connections.</summary>
internal sealed class ProxyUpstream : IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("weft-bench").FullName;
    private Process _process = null!;

    /// <summary>Where it listens.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Its version.</summary>
    public string Version { get; private set; } = "";

    private static string Binary => File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";

    public static async Task<ProxyUpstream> StartAsync()
    {
        var upstream = new ProxyUpstream();
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            upstream.Address = $"http://{listener.LocalEndpoint}";
        }

        var configuration = Path.Combine(upstream._root, "nginx.conf");
        await File.WriteAllTextAsync(configuration, Configuration(upstream._root, upstream.Address["http://".Length..]));
        upstream._process = Process.Start(Binary, ["-p", upstream._root, "-c", configuration, "-e", Path.Combine(upstream._root, "error.log")]);
        upstream.Version = (await RunAsync(Binary, "-v")).Split('/')[^1].Trim();
        await upstream.AnswersAsync();
        return upstream;
    }

    /// <summary>Runs a program to its end and gives back what it wrote.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return await output + errors;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private static string Configuration(string root, string listen) => $$"""
        daemon off;
        worker_processes 1;
        pid {{root}}/nginx.pid;
        events { worker_connections 1024; }
        http {
          access_log off;
          keepalive_requests 100000000;
          client_body_temp_path {{root}}/body; proxy_temp_path {{root}}/proxy; fastcgi_temp_path {{root}}/fastcgi;
          uwsgi_temp_path {{root}}/uwsgi; scgi_temp_path {{root}}/scgi;
          server { listen {{listen}}; location / { default_type text/plain; return 200 "{{new string('x', 1024)}}"; } }
        }
        """;

    private async Task AnswersAsync()
    {
        using var client = new HttpClient();
        for (var i = 0; ; i++)
        {
            try
            {
                await client.GetAsync(Address);
                return;
            }
            catch (HttpRequestException) when (i < 200 && !_process.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System);
            }
        }
    }
}
