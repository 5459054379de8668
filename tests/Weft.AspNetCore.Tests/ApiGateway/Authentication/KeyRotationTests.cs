using System.Net;
using System.Security.Cryptography;
using Weft.AspNetCore.ApiGateway.Authentication;
using Weft.AspNetCore.Endpoints;
using Weft.AspNetCore.Tests.Rig;

namespace Weft.AspNetCore.Tests.ApiGateway.Authentication;

/// <summary>Keys that come, go and cannot be had.</summary>
public sealed class KeyRotationTests
{
    [Fact]
    public async Task A_new_key_is_found_and_what_was_taken_back_opens_nothing()
    {
        await using var rig = await AuthRig.StartAsync();
        var old = rig.Issuer.Token(rig.Now);
        Assert.Equal(HttpStatusCode.Accepted, await rig.StatusAsync(old));
        using var next = RSA.Create(2048);
        rig.Issuer.Keys.Clear();
        rig.Issuer.Keys.Add(TestIssuer.Jwk(next, "rsa-2"));
        rig.Time.Advance(KeySource.MinInterval);

        Assert.Equal(HttpStatusCode.Accepted, await rig.StatusAsync(With(rig, next, "rsa-2")));

        Assert.Equal(HttpStatusCode.Unauthorized, await rig.StatusAsync(old));
    }

    [Fact]
    public async Task Unknown_keys_are_not_asked_for_more_often_than_allowed()
    {
        await using var rig = await AuthRig.StartAsync();
        using var strange = RSA.Create(2048);
        Assert.Equal(HttpStatusCode.Accepted, await rig.StatusAsync(rig.Issuer.Token(rig.Now)));
        var reads = rig.Issuer.Reads;
        for (var i = 0; i < 20; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, await rig.StatusAsync(With(rig, strange, "k" + i)));
        Assert.Equal(reads, rig.Issuer.Reads);
    }

    [Fact]
    public async Task Keys_hold_while_the_issuer_is_away_as_long_as_said_and_no_longer()
    {
        await using var rig = await AuthRig.StartAsync(j => j with { Stale = TimeSpan.FromHours(2), Refresh = TimeSpan.FromMinutes(15) });
        Assert.Equal(HttpStatusCode.Accepted, await rig.StatusAsync(rig.Issuer.Token(rig.Now)));
        rig.Issuer.Status = 500;
        rig.Time.Advance(TimeSpan.FromMinutes(130));
        Assert.Equal(HttpStatusCode.Accepted, await rig.StatusAsync(rig.Issuer.Token(rig.Now)));
        rig.Time.Advance(TimeSpan.FromMinutes(10));

        using var response = await rig.SendAsync(rig.Issuer.Token(rig.Now));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("10", response.Headers.RetryAfter?.ToString());
        rig.Issuer.Status = 200;
        rig.Time.Advance(KeySource.MinInterval);
        Assert.Equal(HttpStatusCode.Accepted, await rig.StatusAsync(rig.Issuer.Token(rig.Now)));
    }

    [Fact]
    public async Task An_issuer_that_says_it_is_another_is_not_believed()
    {
        await using var rig = await AuthRig.StartAsync(before: i => i.Says = "http://127.0.0.1:1");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await rig.StatusAsync(rig.Issuer.Token(rig.Now)));
    }

    [Fact]
    public async Task What_was_learnt_outlives_a_reload_that_does_not_change_the_entry()
    {
        await using var rig = await AuthRig.StartAsync();
        Assert.Equal(HttpStatusCode.Accepted, await rig.StatusAsync(rig.Issuer.Token(rig.Now)));
        var reads = rig.Issuer.Reads;
        await rig.Gateway.ApplyAsync(AuthRig.Options(rig.Issuer) with { Name = "other" });

        var state = Assert.Single(AuthStates.List(rig.Gateway.Authenticators));

        Assert.Equal(("staff", 1, "rsa-1", (string?)null), (state.Name, state.Keys!.Tokens, Assert.Single(state.Keys.Kids), state.Keys.Error));
        Assert.Equal(reads, rig.Issuer.Reads);
        await rig.Gateway.ApplyAsync(AuthRig.Options(rig.Issuer, j => j with { Skew = TimeSpan.Zero }));
        Assert.Equal(0, Assert.Single(AuthStates.List(rig.Gateway.Authenticators)).Keys!.Tokens);
    }

    private static string With(AuthRig rig, RSA key, string kid) => TestIssuer.Sign(
        $"{{\"alg\":\"RS256\",\"kid\":\"{kid}\"}}", rig.Issuer.Claims(rig.Now).ToJsonString(), t => key.SignData(t, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
}
