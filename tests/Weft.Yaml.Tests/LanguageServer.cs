using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Yaml.Tests;

/// <summary>The language server that editors use for YAML, over its standard input and output (LSP 3.17, base protocol).</summary>
internal sealed class LanguageServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<string, JsonNode> _diagnostics = [];
    private int _id;

    private LanguageServer(Process process, CancellationToken cancellation)
    {
        _process = process;
        _cancellation = cancellation;
    }

    public static async Task<LanguageServer> StartAsync(CancellationToken cancellation)
    {
        var folder = Path.Combine(Repo.Root, "tests", "yaml-language-server");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
        {
            using var npm = Process.Start(new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]) { WorkingDirectory = folder })!;
            await npm.WaitForExitAsync(cancellation);
            Assert.Equal(0, npm.ExitCode);
        }
        var script = Path.Combine(folder, "node_modules", "yaml-language-server", "bin", "yaml-language-server");
        var process = Process.Start(new ProcessStartInfo("node", [script, "--stdio"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.BeginErrorReadLine();
        var server = new LanguageServer(process, cancellation);
        await server.RequestAsync("initialize", new JsonObject
        {
            ["processId"] = null,
            ["rootUri"] = null,
            ["capabilities"] = new JsonObject
            {
                ["workspace"] = new JsonObject { ["configuration"] = true },
                ["textDocument"] = new JsonObject { ["hover"] = new JsonObject { ["contentFormat"] = new JsonArray("markdown") } },
            },
        });
        await server.NotifyAsync("initialized", []);
        await server.NotifyAsync("workspace/didChangeConfiguration", new JsonObject { ["settings"] = new JsonObject { ["yaml"] = Settings() } });
        return server;
    }

    public Task OpenAsync(string uri, string text) => NotifyAsync("textDocument/didOpen", new JsonObject
    {
        ["textDocument"] = new JsonObject { ["uri"] = uri, ["languageId"] = "yaml", ["version"] = 1, ["text"] = text },
    });

    /// <summary>The names offered at a place; lines and characters count from 0.</summary>
    public async Task<string[]> CompleteAsync(string uri, int line, int character)
    {
        var result = await RequestAsync("textDocument/completion", At(uri, line, character));
        return [.. result!["items"]!.AsArray().Select(i => i!["label"]!.GetValue<string>())];
    }

    public async Task<string> HoverAsync(string uri, int line, int character)
    {
        var result = await RequestAsync("textDocument/hover", At(uri, line, character));
        return result!["contents"]!["value"]!.GetValue<string>();
    }

    /// <summary>What the server says about a file, once it has said something.</summary>
    public async Task<string[]> DiagnoseAsync(string uri)
    {
        while (!_diagnostics.ContainsKey(uri))
            await TakeAsync(await ReceiveAsync());
        return [.. _diagnostics[uri].AsArray().Select(d => d!["message"]!.GetValue<string>())];
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static JsonObject Settings() => new() { ["validate"] = true, ["hover"] = true, ["completion"] = true, ["schemaStore"] = new JsonObject { ["enable"] = false } };

    private static JsonObject At(string uri, int line, int character) => new()
    {
        ["textDocument"] = new JsonObject { ["uri"] = uri },
        ["position"] = new JsonObject { ["line"] = line, ["character"] = character },
    };

    private Task NotifyAsync(string method, JsonObject parameters) => SendAsync(new() { ["jsonrpc"] = "2.0", ["method"] = method, ["params"] = parameters });

    private async Task<JsonNode?> RequestAsync(string method, JsonObject parameters)
    {
        var id = ++_id;
        await SendAsync(new() { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = parameters });
        while (true)
        {
            var message = await ReceiveAsync();
            if (message["method"] is null && message["id"]?.GetValue<int>() == id)
                return message["result"] ?? throw new InvalidOperationException($"{method} gave no result: {message.ToJsonString()}");
            await TakeAsync(message);
        }
    }

    /// <summary>Answers what the server asks and keeps what it says.</summary>
    private async Task TakeAsync(JsonNode message)
    {
        var method = message["method"]?.GetValue<string>();
        if (method == "textDocument/publishDiagnostics")
            _diagnostics[message["params"]!["uri"]!.GetValue<string>()] = message["params"]!["diagnostics"]!.DeepClone();
        if (method is null || message["id"] is not { } id)
            return;
        JsonNode? result = method == "workspace/configuration"
            ? new JsonArray([.. message["params"]!["items"]!.AsArray().Select(i => i!["section"]?.GetValue<string>() == "yaml" ? Settings() : (JsonNode?)null)])
            : null;
        await SendAsync(new() { ["jsonrpc"] = "2.0", ["id"] = id.DeepClone(), ["result"] = result });
    }

    private async Task SendAsync(JsonObject message)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message);
        var stream = _process.StandardInput.BaseStream;
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n")), _cancellation);
        await stream.WriteAsync(body, _cancellation);
        await stream.FlushAsync(_cancellation);
    }

    private async Task<JsonNode> ReceiveAsync()
    {
        var stream = _process.StandardOutput.BaseStream;
        var header = new StringBuilder();
        var one = new byte[1];
        while (!header.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, _cancellation);
            header.Append((char)one[0]);
        }
        var length = header.ToString().Split("\r\n").First(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Split(':')[1];
        var body = new byte[int.Parse(length, CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, _cancellation);
        return JsonNode.Parse(body)!;
    }
}
