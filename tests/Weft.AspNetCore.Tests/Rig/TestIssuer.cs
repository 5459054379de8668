using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Weft.AspNetCore.Tests.Rig;

/// <summary>An issuer of tokens that can also do what none should.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestIssuer(WebApplication app) => _app = app;

    public string Address { get; private set; } = "";

    /// <summary>The keys that it names.</summary>
    public List<JsonObject> Keys { get; } = [];

    /// <summary>The status of its answers.</summary>
    public int Status { get; set; } = 200;

    /// <summary>What it says it is; null for the truth.</summary>
    public string? Says { get; set; }

    /// <summary>How often its keys were read.</summary>
    public int Reads { get; private set; }

    public RSA Rsa { get; } = RSA.Create(2048);

    public static async Task<TestIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var issuer = new TestIssuer(app);
        app.Run(issuer.AnswerAsync);
        await app.StartAsync();
        issuer.Address = app.Urls.Single();
        issuer.Keys.Add(Jwk(issuer.Rsa, "rsa-1"));
        return issuer;
    }

    public static JsonObject Jwk(RSA rsa, string kid)
    {
        var key = rsa.ExportParameters(false);
        return new() { ["kty"] = "RSA", ["kid"] = kid, ["use"] = "sig", ["n"] = Encode(key.Modulus!), ["e"] = Encode(key.Exponent!) };
    }

    public static JsonObject Jwk(ECDsa ec, string curve, string kid)
    {
        var key = ec.ExportParameters(false);
        return new() { ["kty"] = "EC", ["kid"] = kid, ["crv"] = curve, ["x"] = Encode(key.Q.X!), ["y"] = Encode(key.Q.Y!) };
    }

    /// <summary>Claims that hold.</summary>
    public JsonObject Claims(DateTimeOffset now) => new()
    {
        ["iss"] = Address,
        ["aud"] = "shop",
        ["sub"] = "u-1",
        ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
        ["scope"] = "orders:read orders:write",
        ["tenant"] = "acme",
    };

    /// <summary>A token that holds but for what is changed.</summary>
    public string Token(DateTimeOffset now, Action<JsonObject>? claims = null, Action<JsonObject>? head = null)
    {
        var (h, c) = (new JsonObject { ["alg"] = "RS256", ["typ"] = "at+jwt", ["kid"] = "rsa-1" }, Claims(now));
        head?.Invoke(h);
        claims?.Invoke(c);
        return Sign(h.ToJsonString(), c.ToJsonString());
    }

    public string Sign(string head, string claims) => Sign(head, claims, text => Rsa.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    public static string Sign(string head, string claims, Func<byte[], byte[]> sign)
    {
        var text = $"{Encode(Encoding.UTF8.GetBytes(head))}.{Encode(Encoding.UTF8.GetBytes(claims))}";
        return $"{text}.{Encode(sign(Encoding.ASCII.GetBytes(text)))}";
    }

    public static string Encode(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    public async ValueTask DisposeAsync()
    {
        Rsa.Dispose();
        await _app.DisposeAsync();
    }

    private Task AnswerAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        if (context.Request.Path == "/keys")
        {
            Reads++;
            return context.Response.WriteAsync(new JsonObject { ["keys"] = new JsonArray([.. Keys.Select(k => k.DeepClone())]) }.ToJsonString());
        }
        return context.Response.WriteAsync(JsonSerializer.Serialize(new Dictionary<string, string> { ["issuer"] = Says ?? Address, ["jwks_uri"] = Address + "/keys" }));
    }
}
