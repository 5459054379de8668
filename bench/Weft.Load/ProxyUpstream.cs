using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Weft.Load;

/// <summary>An nginx of its own that answers with 1 KB and keeps connections, or sends requests on.</summary>
internal sealed class ProxyUpstream : IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("weft-bench").FullName;
    private Process _process = null!;

    /// <summary>Where it listens.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Its version.</summary>
    public string Version { get; private set; } = "";

    /// <summary>The processor time that it has taken so far.</summary>
    public TimeSpan Processor
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The memory that it occupies, in bytes.</summary>
    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    private static string Binary => File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";

    /// <summary>Starts one.</summary>
    /// <param name="forward">Where requests go on; null to answer them.</param>
    /// <param name="core">The core on which it runs; null for any.</param>
    public static async Task<ProxyUpstream> StartAsync(string? forward = null, int? core = null)
    {
        var upstream = new ProxyUpstream();
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            upstream.Address = $"http://{listener.LocalEndpoint}";
        }

        var configuration = Path.Combine(upstream._root, "nginx.conf");
        await File.WriteAllTextAsync(configuration, Configuration(upstream._root, upstream.Address["http://".Length..], forward));
        string[] command = [Binary, "-p", upstream._root, "-c", configuration, "-e", Path.Combine(upstream._root, "error.log")];
        if (core is not null)
            command = ["taskset", "-c", $"{core}", .. command];
        upstream._process = Process.Start(command[0], command[1..]);
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

    // One process, whose processor time is that of all its work.
    private static string Configuration(string root, string listen, string? forward) => $$"""
        daemon off;
        master_process off;
        pid {{root}}/nginx.pid;
        events { worker_connections 1024; }
        http {
          access_log off;
          keepalive_requests 100000000;
          client_body_temp_path {{root}}/body; proxy_temp_path {{root}}/proxy; fastcgi_temp_path {{root}}/fastcgi;
          uwsgi_temp_path {{root}}/uwsgi; scgi_temp_path {{root}}/scgi;
          {{(forward is null
              ? $$"""server { listen {{listen}}; location / { default_type text/plain; return 200 "{{new string('x', 1024)}}"; } }"""
              : $$"""
                upstream up { server {{forward["http://".Length..]}}; keepalive 64; keepalive_requests 100000000; }
                server { listen {{listen}}; location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header X-Forwarded-For $remote_addr; } }
                """)}}
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
