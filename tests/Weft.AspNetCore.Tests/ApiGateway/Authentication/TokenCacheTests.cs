using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.AspNetCore.ApiGateway.Authentication;
using Weft.AspNetCore.Tests.Rig;
using Weft.Options;

namespace Weft.AspNetCore.Tests.ApiGateway.Authentication;

/// <summary>Tokens that are known.</summary>
public sealed class TokenCacheTests(ITestOutputHelper output)
{
    private static readonly VerificationKey s_key = new("k", "", [], () => throw new NotSupportedException());

    [Fact]
    public void It_is_bounded_and_keeps_what_is_used()
    {
        var cache = new TokenCache(100, 1 << 20);
        var used = Hash(0);
        cache.Add(used, ApiKeys.Caller("a", "used", []), long.MaxValue, s_key);
        for (var i = 1; i < 1000; i++)
        {
            cache.Add(Hash(i), ApiKeys.Caller("a", "other", []), long.MaxValue, s_key);
            Assert.NotNull(cache.Find(used, 0));
            Assert.InRange(cache.Count, 1, 101);
        }
        Assert.Null(cache.Find(Hash(1), 0));
    }

    [Fact]
    public void Its_bytes_are_bounded()
    {
        var cache = new TokenCache(100_000, 1 << 20);
        var large = new Identity("a", "u", new byte[10_000], []);
        for (var i = 0; i < 1000; i++)
            cache.Add(Hash(i), large, long.MaxValue, s_key);
        Assert.InRange(cache.Count, 50, 105);
    }

    [Fact]
    public void Without_entries_it_keeps_nothing()
    {
        var cache = new TokenCache(0, 1 << 20);
        cache.Add(Hash(1), ApiKeys.Caller("a", "u", []), long.MaxValue, s_key);
        Assert.Null(cache.Find(Hash(1), 0));
    }

    [Fact]
    public async Task A_known_token_allocates_nothing()
    {
        using var rsa = RSA.Create(2048);
        using var http = new HttpMessageInvoker(new Answers(new JsonObject { ["keys"] = new JsonArray(TestIssuer.Jwk(rsa, "k")) }.ToJsonString()));
        var options = new JwtOptions { Issuer = "https://issuer", Audience = ["shop"] };
        var time = TimeProvider.System;
        var authenticator = new JwtAuthenticator("staff", options, new(options.Issuer, options, http, time, NullLogger.Instance), time);
        var claims = new JsonObject { ["iss"] = "https://issuer", ["aud"] = "shop", ["sub"] = "u", ["exp"] = time.GetUtcNow().AddHours(1).ToUnixTimeSeconds(), ["pad"] = new string('x', 400) };
        var token = TestIssuer.Sign("{\"alg\":\"RS256\",\"kid\":\"k\"}", claims.ToJsonString(), t => rsa.SignData(t, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        var context = new DefaultHttpContext();
        context.Request.Headers.Authorization = "Bearer " + token;
        Assert.NotNull((await authenticator.AuthenticateAsync(context)).Identity);
        Run(20_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var started = time.GetTimestamp();
        Run(20_000);
        var took = time.GetElapsedTime(started);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        output.WriteLine($"A known token of {token.Length} bytes: {took.TotalMicroseconds / 20_000:0.00} µs");

        void Run(int times)
        {
            for (var i = 0; i < times; i++)
            {
                var verdict = authenticator.AuthenticateAsync(context);
                Assert.True(verdict.IsCompletedSuccessfully);
            }
        }
    }

    private static TokenHash Hash(int number) => new(0, (UInt128)number);

    private sealed class Answers(string keys) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new StringContent(request.RequestUri!.AbsolutePath == "/keys" ? keys : "{\"issuer\":\"https://issuer\",\"jwks_uri\":\"https://issuer/keys\"}"),
        });
    }
}
