using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Weft.AspNetCore.Tests.Rig;

/// <summary>An nginx of its own, on loopback, with a temporary directory: a service that nobody here wrote.</summary>
public sealed class Nginx : IAsyncLifetime
{
    private Process? _process;

    public string Root { get; } = Directory.CreateTempSubdirectory("weft-nginx").FullName;

    public Uri Address { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var port = FreePort();
        Address = new Uri($"http://127.0.0.1:{port}");
        Directory.CreateDirectory(Path.Combine(Root, "files"));
        await File.WriteAllTextAsync(Path.Combine(Root, "nginx.conf"), Configuration(Root, port));
        var binary = Environment.GetEnvironmentVariable("WEFT_TEST_NGINX") ?? (File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx");
        _process = Process.Start(new ProcessStartInfo(binary, ["-p", Root, "-c", Path.Combine(Root, "nginx.conf"), "-e", Path.Combine(Root, "error.log")]))!;
        await AnswersAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            _process.Kill(entireProcessTree: true);
        if (_process is not null)
            await _process.WaitForExitAsync();
        _process?.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    private static string Configuration(string root, int port) => $$"""
        daemon off;
        user root;
        worker_processes 1;
        pid {{root}}/nginx.pid;
        events { worker_connections 256; }
        http {
          access_log off;
          client_body_temp_path {{root}}/body; proxy_temp_path {{root}}/proxy; fastcgi_temp_path {{root}}/fastcgi;
          uwsgi_temp_path {{root}}/uwsgi; scgi_temp_path {{root}}/scgi;
          client_max_body_size 0;
          sendfile on;
          gzip on; gzip_min_length 1; gzip_types *;
          server {
            listen 127.0.0.1:{{port}};
            merge_slashes off;
            large_client_header_buffers 8 64k;
            location /files/ { root {{root}}; }
            location /dav/ { root {{root}}; dav_methods PUT DELETE; create_full_put_path on; }
            location /moved { return 302 /files/a.txt; }
            location /empty { return 204; }
            location / { return 200 "$request_method $request_uri $server_protocol host=$http_host trace=$http_traceparent for=$http_x_forwarded_for connection=$http_connection"; }
          }
        }
        """;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

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
            catch (HttpRequestException) when (i < 200 && !_process!.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System);
            }
        }
    }
}
