using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Weft.AspNetCore.Tests.Rig;

namespace Weft.AspNetCore.Tests.ApiGateway.Authentication;

/// <summary>Tokens, right ones and those of attackers, over a real socket and with real signatures.</summary>
public sealed class JwtTests
{
    private static readonly Dictionary<string, (Func<TestIssuer, DateTimeOffset, string> Token, string Says)> s_attacks = new()
    {
        ["no algorithm"] = ((i, now) => Unsigned(i, now, "none"), "algorithm"),
        ["no algorithm in capitals"] = ((i, now) => Unsigned(i, now, "NoNe"), "algorithm"),
        ["public key as shared key"] = ((i, now) => TestIssuer.Sign("{\"alg\":\"HS256\",\"kid\":\"rsa-1\"}", i.Claims(now).ToJsonString(), t => HMACSHA256.HashData(i.Rsa.ExportSubjectPublicKeyInfo(), t)), "algorithm"),
        ["public key in PEM as shared key"] = ((i, now) => TestIssuer.Sign("{\"alg\":\"HS256\"}", i.Claims(now).ToJsonString(), t => HMACSHA256.HashData(Encoding.ASCII.GetBytes(i.Rsa.ExportSubjectPublicKeyInfoPem()), t)), "algorithm"),
        ["algorithm of another type of key"] = ((i, now) => i.Token(now, head: h => h["alg"] = "ES256"), "key"),
        ["another padding"] = ((i, now) => i.Token(now, head: h => h["alg"] = "PS256"), "signature"),
        ["unknown algorithm"] = ((i, now) => i.Token(now, head: h => h["alg"] = "RS1"), "algorithm"),
        ["algorithm no text"] = ((i, now) => i.Token(now, head: h => h["alg"] = 1), "algorithm"),
        ["critical extension"] = ((i, now) => i.Token(now, head: h => h["crit"] = new JsonArray("exp")), "extensions"),
        ["body not encoded"] = ((i, now) => i.Token(now, head: h => { h["b64"] = false; h["crit"] = new JsonArray("b64"); }), "extensions"),
        ["path as kid"] = ((i, now) => i.Token(now, head: h => h["kid"] = "../../../../dev/null"), "key"),
        ["SQL as kid"] = ((i, now) => i.Token(now, head: h => h["kid"] = "x' UNION SELECT 'rsa-1"), "key"),
        ["long kid"] = ((i, now) => i.Token(now, head: h => h["kid"] = new string('k', 5000)), "key"),
        ["kid no text"] = ((i, now) => i.Token(now, head: h => h["kid"] = 7), "key"),
        ["key in the token"] = ((i, now) => OwnKey(i, now), "signature"),
        ["key by address"] = ((i, now) => i.Token(now, head: h => { h["jku"] = "http://127.0.0.1:1/keys"; h["kid"] = "mine"; }), "key"),
        ["too long"] = ((i, now) => i.Token(now, c => c["pad"] = new string('x', 13_000)), "too long"),
        ["expired"] = ((i, now) => i.Token(now, c => c["exp"] = now.AddSeconds(-31).ToUnixTimeSeconds()), "expired"),
        ["no end"] = ((i, now) => i.Token(now, c => c.Remove("exp")), "claims"),
        ["end no number"] = ((i, now) => i.Token(now, c => c["exp"] = "9999999999"), "claims"),
        ["end beyond all calendars"] = ((i, now) => i.Token(now, c => c["exp"] = 1e300), "claims"),
        ["not yet"] = ((i, now) => i.Token(now, c => c["nbf"] = now.AddSeconds(31).ToUnixTimeSeconds()), "not valid yet"),
        ["another audience"] = ((i, now) => i.Token(now, c => c["aud"] = "shop2"), "not for this system"),
        ["no audience"] = ((i, now) => i.Token(now, c => c.Remove("aud")), "not for this system"),
        ["audience of mixed types"] = ((i, now) => i.Token(now, c => c["aud"] = new JsonArray("shop", 1)), "not for this system"),
        ["another issuer"] = ((i, now) => i.Token(now, c => c["iss"] = i.Address + "/"), "another issuer"),
        ["no issuer"] = ((i, now) => i.Token(now, c => c.Remove("iss")), "another issuer"),
        ["nobody"] = ((i, now) => i.Token(now, c => c.Remove("sub")), "claims"),
        ["logout token"] = ((i, now) => i.Token(now, head: h => h["typ"] = "logout+jwt"), "type"),
        ["type no text"] = ((i, now) => i.Token(now, head: h => h["typ"] = new JsonArray("JWT")), "type"),
        ["claim twice"] = ((i, now) => i.Sign("{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", i.Claims(now).ToJsonString()[..^1] + ",\"sub\":\"admin\"}"), "claims"),
        ["claim twice, once escaped"] = ((i, now) => i.Sign("{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", i.Claims(now).ToJsonString()[..^1] + ",\"\\u0073ub\":\"admin\"}"), "claims"),
        ["head twice"] = ((i, now) => i.Sign("{\"alg\":\"RS256\",\"alg\":\"none\",\"kid\":\"rsa-1\"}", i.Claims(now).ToJsonString()), "malformed"),
        ["claims no object"] = ((i, _) => i.Sign("{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", "[]"), "claims"),
        ["subject no text"] = ((i, now) => i.Token(now, c => c["sub"] = 1), "claims"),
        ["changed"] = ((i, now) => Changed(i.Token(now)), "signature"),
        ["no signature"] = ((i, now) => string.Join('.', i.Token(now).Split('.')[..2]) + ".", "signature"),
        ["encrypted"] = ((i, now) => i.Token(now) + ".a.b", "malformed"),
        ["padded"] = ((i, now) => i.Token(now) + "=", "signature"),
        ["nothing"] = ((_, _) => "..", "malformed"),
    };

    public static TheoryData<string> Attacks => [.. s_attacks.Keys];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Attacks_are_refused_with_their_reason(string attack)
    {
        await using var rig = await AuthRig.StartAsync();
        var (token, says) = s_attacks[attack];

        using var response = await rig.SendAsync(token(rig.Issuer, rig.Now));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        var challenge = response.Headers.WwwAuthenticate.ToString();
        Assert.StartsWith("Bearer realm=\"weft\", error=\"invalid_token\", error_description=", challenge, StringComparison.Ordinal);
        Assert.Contains(says, challenge, StringComparison.Ordinal);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Empty(rig.Gateway.Publisher.Published);
        // One that holds does so all the same.
        Assert.Equal(HttpStatusCode.Accepted, await rig.StatusAsync(rig.Issuer.Token(rig.Now)));
    }

    [Theory]
    [InlineData("at+jwt")]
    [InlineData("application/at+jwt")]
    [InlineData("JWT")]
    [InlineData(null)]
    public async Task Usual_types_are_taken_and_claims_are_known(string? type)
    {
        await using var rig = await AuthRig.StartAsync();
        var token = rig.Issuer.Token(rig.Now, head: h => { if (type is null) h.Remove("typ"); else h["typ"] = type; });

        Assert.Equal(HttpStatusCode.Accepted, await rig.StatusAsync(token));

        Assert.Equal("t.u-1", Assert.Single(rig.Gateway.Publisher.Published).Message.Type);
    }

    [Fact]
    public async Task Only_types_that_are_named_are_taken()
    {
        await using var rig = await AuthRig.StartAsync(j => j with { Types = ["at+jwt"] });
        Assert.Equal(HttpStatusCode.Accepted, await rig.StatusAsync(rig.Issuer.Token(rig.Now)));
        Assert.Equal(HttpStatusCode.Unauthorized, await rig.StatusAsync(rig.Issuer.Token(rig.Now, head: h => h["typ"] = "JWT")));
        Assert.Equal(HttpStatusCode.Unauthorized, await rig.StatusAsync(rig.Issuer.Token(rig.Now, head: h => h.Remove("typ"))));
    }

    [Theory]
    [InlineData("RS384")]
    [InlineData("PS256")]
    [InlineData("PS512")]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    public async Task Asymmetric_algorithms_are_taken(string algorithm)
    {
        using var ec = ECDsa.Create(algorithm switch { "ES384" => ECCurve.NamedCurves.nistP384, "ES512" => ECCurve.NamedCurves.nistP521, _ => ECCurve.NamedCurves.nistP256 });
        await using var rig = await AuthRig.StartAsync(before: i => i.Keys.Add(TestIssuer.Jwk(ec, algorithm switch { "ES384" => "P-384", "ES512" => "P-521", _ => "P-256" }, "ec-1")));
        var hash = new HashAlgorithmName("SHA" + algorithm[2..]);
        var isEc = algorithm[0] == 'E';

        var token = TestIssuer.Sign($"{{\"alg\":\"{algorithm}\",\"kid\":\"{(isEc ? "ec-1" : "rsa-1")}\"}}", rig.Issuer.Claims(rig.Now).ToJsonString(),
            t => isEc ? ec.SignData(t, hash) : rig.Issuer.Rsa.SignData(t, hash, algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1));

        Assert.Equal(HttpStatusCode.Accepted, await rig.StatusAsync(token));
    }

    [Fact]
    public async Task Weak_keys_and_keys_for_something_else_are_not_used()
    {
        using var weak = RSA.Create(1024);
        using var other = RSA.Create(2048);
        var encryption = TestIssuer.Jwk(other, "enc");
        encryption["use"] = "enc";
        await using var rig = await AuthRig.StartAsync(before: i => i.Keys.AddRange([TestIssuer.Jwk(weak, "weak"), encryption, new JsonObject { ["kty"] = "oct", ["kid"] = "oct", ["k"] = "AAAA" }]));
        foreach (var (kid, key) in new[] { ("weak", weak), ("enc", other) })
        {
            var token = TestIssuer.Sign($"{{\"alg\":\"RS256\",\"kid\":\"{kid}\"}}", rig.Issuer.Claims(rig.Now).ToJsonString(), t => key.SignData(t, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
            Assert.Equal(HttpStatusCode.Unauthorized, await rig.StatusAsync(token));
        }
    }

    [Fact]
    public async Task Clocks_may_differ_as_far_as_said()
    {
        await using var rig = await AuthRig.StartAsync();
        Assert.Equal(HttpStatusCode.Accepted, await rig.StatusAsync(rig.Issuer.Token(rig.Now, c => c["exp"] = rig.Now.AddSeconds(-29).ToUnixTimeSeconds())));
        Assert.Equal(HttpStatusCode.Accepted, await rig.StatusAsync(rig.Issuer.Token(rig.Now, c => c["nbf"] = rig.Now.AddSeconds(29).ToUnixTimeSeconds())));
    }

    [Fact]
    public async Task Two_headers_are_a_bad_request()
    {
        await using var rig = await AuthRig.StartAsync();
        var token = rig.Issuer.Token(rig.Now);
        var answer = await rig.Gateway.RawAsync($"POST /hook HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\nAuthorization: Bearer {token}\r\nAuthorization: Bearer {token}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_token_no_error_is_named()
    {
        await using var rig = await AuthRig.StartAsync();
        using var response = await rig.SendAsync(null);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer realm=\"weft\"", response.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task A_known_token_ends_at_its_end()
    {
        await using var rig = await AuthRig.StartAsync();
        var token = rig.Issuer.Token(rig.Now);
        Assert.Equal(HttpStatusCode.Accepted, await rig.StatusAsync(token));
        rig.Time.Advance(TimeSpan.FromSeconds(329));
        Assert.Equal(HttpStatusCode.Accepted, await rig.StatusAsync(token));
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Unauthorized, await rig.StatusAsync(token));
    }

    [Fact]
    public async Task Garbage_is_refused_and_never_fails()
    {
        await using var rig = await AuthRig.StartAsync();
        var good = rig.Issuer.Token(rig.Now);
        var mutated = Gen.Select(Gen.Int[0, good.Length - 1], Gen.Char["ABab01._-=~{\"\\"], Gen.Int[0, 3])
            .Select((at, to, how) => how switch { 0 => good[..at], 1 => good.Insert(at, to.ToString()), 2 => good.Remove(at, 1), _ => good[..at] + to + good[(at + 1)..] });
        var heads = Gen.String[Gen.Char["{}[]\":,algRS256none\\u0dkid1.e"], 0, 60].Select(h => TestIssuer.Sign(h, "{}", _ => [1]));
        await Gen.OneOf(mutated, heads, Gen.String[Gen.Char['!', '~'], 0, 200]).Where(t => t != good).SampleAsync(
            async token =>
            {
                using var response = await rig.SendAsync(token);
                // The last character of base64 has bits to spare.
                Assert.True(response.StatusCode == HttpStatusCode.Unauthorized || response.StatusCode == HttpStatusCode.Accepted && token[..^1] == good[..^1], $"{(int)response.StatusCode} {token}");
            },
            iter: 400, threads: 1);
    }

    private static string Unsigned(TestIssuer issuer, DateTimeOffset now, string algorithm) => TestIssuer.Sign($"{{\"alg\":\"{algorithm}\"}}", issuer.Claims(now).ToJsonString(), _ => []);

    private static string OwnKey(TestIssuer issuer, DateTimeOffset now)
    {
        using var own = RSA.Create(2048);
        var head = new JsonObject { ["alg"] = "RS256", ["kid"] = "rsa-1", ["jwk"] = TestIssuer.Jwk(own, "rsa-1") };
        return TestIssuer.Sign(head.ToJsonString(), issuer.Claims(now).ToJsonString(), t => own.SignData(t, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private static string Changed(string token)
    {
        var parts = token.Split('.');
        var claims = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1])).Replace("u-1", "u-2", StringComparison.Ordinal);
        return $"{parts[0]}.{TestIssuer.Encode(Encoding.UTF8.GetBytes(claims))}.{parts[2]}";
    }
}
