using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Weft.AspNetCore.Tests.ApiGateway.Authentication;

/// <summary>A real OpenID provider (the npm package oidc-provider) in a process of its own.</summary>
internal sealed class OidcProvider : IDisposable
{
    private readonly Process _node;
    private readonly HttpClient _http = new();

    private OidcProvider(Process node, string issuer) => (_node, Issuer) = (node, issuer);

    public string Issuer { get; }

    public static async Task<OidcProvider> StartAsync()
    {
        var folder = Folder();
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
            Assert.Skip("The OpenID provider is not installed: run npm ci in tests/oidc.");
        var node = Process.Start(new ProcessStartInfo("node", ["provider.mjs"]) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        node.ErrorDataReceived += (_, _) => { };
        node.BeginErrorReadLine();
        return new(node, await LineAsync(node));
    }

    /// <summary>Has it sign with a new key.</summary>
    /// <param name="keepOld">Whether it still names the keys before.</param>
    public async Task RotateAsync(bool keepOld)
    {
        await _node.StandardInput.WriteLineAsync(keepOld ? "both" : "one");
        Assert.Equal("done", await LineAsync(_node));
    }

    /// <summary>A token for the client itself.</summary>
    public async Task<string> TokenAsync(string scope)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = "caller",
            ["client_secret"] = "caller-secret-of-the-tests",
            ["scope"] = scope,
            ["resource"] = "urn:shop",
        });
        using var response = await _http.PostAsync(Issuer + "/token", form);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return answer.TryGetProperty("access_token", out var token) ? token.GetString()! : throw new InvalidOperationException(answer.ToString());
    }

    public void Dispose()
    {
        _http.Dispose();
        _node.StandardInput.Dispose();
        _node.WaitForExit();
        _node.Dispose();
    }

    private static async Task<string> LineAsync(Process node) =>
        await node.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) ?? throw new InvalidOperationException("The provider ended.");

    private static string Folder()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at!.FullName, "Weft.slnx")))
            at = at.Parent;
        return Path.Combine(at.FullName, "tests", "oidc");
    }
}
